import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dataDirOf, findClientAddress } from "./config-facts.ts";
import { callFourLetterWord } from "./four-letter-call.ts";
import type { ScriptSettings } from "./script-settings.ts";

/** What the script does with the world, and says to it. */
export interface ScriptIo {
  /** How the program is called, for the usage. */
  readonly program: string;
  /** The command that serves in the foreground: what `start` runs in the background. */
  readonly foreground: readonly string[];
  /** Why a server cannot start with its settings; null when it can. */
  fault(): string | null;
  out(text: string): void;
  err(text: string): void;
}

/** As the script: so long a server is given to fail at once, and a stopped one to write its last. */
const SETTLE_MS = 1000;
const RESTART_PAUSE_MS = 3000;
/** A store that is still open must not be opened by the next server. */
const STOP_TIMEOUT_MS = 30_000;
const STATUS_TIMEOUT_MS = 5000;

/**
 * The actions of zkServer.sh, with its texts and its exit codes, but for `start-foreground`, which is the server itself.
 */
export class ZkServerScript {
  readonly #settings: ScriptSettings;
  readonly #io: ScriptIo;
  /** Null: there is no such file. */
  readonly #configText: string | null;
  readonly #dataDir: string;

  constructor(settings: ScriptSettings, io: ScriptIo) {
    this.#settings = settings;
    this.#io = io;
    io.err(`${settings.greeting}\n`);
    io.err(`Using config: ${settings.configPath}\n`);
    this.#configText = readText(settings.configPath);
    if (this.#configText === null) io.err(`${io.program}: ${settings.configPath}: No such file or directory\n`);
    this.#dataDir = dataDirOf(this.#configText ?? "");
  }

  get dataDir(): string {
    return this.#dataDir;
  }

  /** Makes the data directory that a server needs before it starts. False: it must not start. */
  prepare(): boolean {
    if (this.#settings.isAutocreateOff && !existsSync(this.#dataDir)) {
      this.#io.out(`ZooKeeper data directory is missing at ${this.#dataDir} fix the path or run initialize\n`);
      return false;
    }
    if (this.#dataDir !== "") mkdirSync(this.#dataDir, { recursive: true });
    return true;
  }

  async run(): Promise<number> {
    switch (this.#settings.action) {
      case "start":
        return this.#start();
      case "stop":
        return this.#stop();
      case "restart":
        await this.#stop();
        await sleep(RESTART_PAUSE_MS);
        return this.#start();
      case "status":
        return this.#status();
      case "print-cmd":
        this.#io.out(
          `${this.#io.foreground.map(quote).join(" ")} > ${quote(this.#settings.outFile)} 2>&1 < /dev/null\n`,
        );
        return 0;
      default:
        this.#io.err(
          `Usage: ${this.#io.program} [--config <conf-dir>] ` +
            "{start|start-foreground|stop|version|restart|status|print-cmd}\n",
        );
        return 0;
    }
  }

  async #start(): Promise<number> {
    if (!this.prepare()) return 1;
    this.#io.out("Starting zookeeper ... ");
    const pidFile = this.#pidFile();
    const running = readPid(pidFile);
    if (running !== null && isAlive(running)) {
      this.#io.out(`already running as process ${running}.\n`);
      return 1;
    }
    // The script finds out by waiting a second; not every machine is fast enough to fail within it.
    const fault = this.#io.fault();
    if (fault !== null) {
      this.#io.err(`${fault}\n`);
      this.#io.out("FAILED TO START\n");
      return 1;
    }
    const pid = this.#spawn();
    if (pid === undefined) {
      this.#io.out("SERVER DID NOT START\n");
      return 1;
    }
    try {
      mkdirSync(dirname(pidFile), { recursive: true });
      writeFileSync(pidFile, String(pid));
    } catch {
      this.#io.out("FAILED TO WRITE PID\n");
      return 1;
    }
    await sleep(SETTLE_MS);
    const isUp = isAlive(pid);
    this.#io.out(isUp ? "STARTED\n" : "FAILED TO START\n");
    return isUp ? 0 : 1;
  }

  #spawn(): number | undefined {
    const [command = "", ...argv] = this.#io.foreground;
    mkdirSync(this.#settings.logDir, { recursive: true });
    const output = openSync(this.#settings.outFile, "w");
    try {
      const child = spawn(command, argv, { detached: true, stdio: ["ignore", output, output] });
      // It does not exist then, and has no pid.
      child.on("error", () => undefined);
      child.unref();
      return child.pid;
    } finally {
      closeSync(output);
    }
  }

  async #stop(): Promise<number> {
    this.#io.out("Stopping zookeeper ... ");
    const pidFile = this.#pidFile();
    const pid = readPid(pidFile);
    if (pid === null) {
      this.#io.out(`no zookeeper to stop (could not find file ${pidFile})\n`);
      return 0;
    }
    try {
      process.kill(pid, "SIGTERM");
    } catch {
      // It is gone already, or was never ours; the script does not mind either.
    }
    rmSync(pidFile, { force: true });
    await this.#ended(pid);
    this.#io.out("STOPPED\n");
    return 0;
  }

  async #ended(pid: number): Promise<void> {
    const deadlineMs = performance.now() + STOP_TIMEOUT_MS;
    do await sleep(100);
    while (isAlive(pid) && performance.now() < deadlineMs);
  }

  async #status(): Promise<number> {
    const { client, lines } = findClientAddress(this.#configText ?? "", readText);
    for (const line of lines) this.#io.out(`${line}\n`);
    if (client === null) return 1;
    const { host, port, isSecure } = client;
    this.#io.out(`Client port found: ${port}. Client address: ${host}. Client SSL: ${isSecure}.\n`);
    // Asked in plain words, a secure port has no answer.
    const answer = isSecure
      ? null
      : await callFourLetterWord("srvr", { host, port: Number(port), timeoutMs: STATUS_TIMEOUT_MS });
    const mode = answer?.split("\n").find((line) => line.includes("Mode"));
    if (mode === undefined) {
      this.#io.out("Error contacting service. It is probably not running.\n");
      return 1;
    }
    this.#io.out(`${mode}\n`);
    return 0;
  }

  #pidFile(): string {
    return this.#settings.pidFile === "" ? join(this.#dataDir, "zookeeper_server.pid") : this.#settings.pidFile;
  }
}

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Null: there is no such file, or no pid in it. */
function readPid(path: string): number | null {
  const text = readText(path)?.trim() ?? "";
  return /^[1-9]\d*$/.test(text) ? Number(text) : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
