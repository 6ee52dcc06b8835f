import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";

/** A server under test that runs in a process of its own, ours or a real one. */
export interface RunningServer {
  readonly name: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly pid: number;
  /** SIGTERM, then waits for the end; the data directory is removed unless it was given from outside. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. The data directory stays. */
  kill(): Promise<void>;
  /** Resolves with the exit code or the signal's name once the process has ended. */
  readonly ended: Promise<number | string>;
}

export interface ServerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly logFile: string;
  /** A directory that is removed when the server is stopped, or cannot be started; null: nothing is. */
  readonly scratch: string | null;
  readonly readyWithinMs: number;
  /** Whether it serves now. */
  isReady(): Promise<boolean>;
}

/** Resolves when the server serves. */
export async function startServer(given: ServerCommand): Promise<RunningServer> {
  const { name, dataDir, logFile, scratch } = given;
  const log = openSync(logFile, "a");
  const child = spawn(given.command, given.args, {
    stdio: ["ignore", log, log],
    env: { PATH: process.env["PATH"] ?? "", ...given.environment },
  });
  closeSync(log);
  const ended = new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "?"));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  const removeScratch = (): void => {
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
  };
  const fault = await untilReady(given, ended);
  if (fault !== null) {
    await end("SIGKILL");
    const lines = readFileSync(logFile, "utf8").split("\n").slice(-20).join("\n");
    removeScratch();
    throw new Error(`${name} did not get ready (${fault})\n${lines}`);
  }
  return {
    ...{ name, dataDir, logFile, pid: child.pid ?? -1, ended },
    stop: async () => {
      await end("SIGTERM");
      removeScratch();
    },
    kill: () => end("SIGKILL"),
  };
}

/** Null once it serves; what it came to instead, if it does not in time. */
async function untilReady(given: ServerCommand, ended: Promise<number | string>): Promise<string | null> {
  let end: number | string | undefined;
  void ended.then((how) => (end = how));
  const deadline = Date.now() + given.readyWithinMs;
  while (Date.now() < deadline && end === undefined) {
    if (await given.isReady()) return null;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return String(end ?? "still starting");
}
