import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  mkdtempSync,
  rmSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  statSync,
} from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** One server process under test, ours or a real etcd, on ports of its own on the loopback. */
export interface ServerProcess {
  readonly name: string;
  /** HOST:PORT of the client door. */
  readonly endpoint: string;
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

export interface StartOptions {
  readonly dataDir?: string;
  /** Default: beside the data directory. */
  readonly logFile?: string;
  readonly clientPort?: number;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Several ports that were free a moment ago, distinct from each other. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Our server by its drop-in entry, from the built tree (`npm run build` comes first). */
export function startOurs(options: StartOptions = {}): Promise<ServerProcess> {
  const entry = join(repository, "dist/bin/etcd.js");
  if (!existsSync(entry)) throw new Error("dist/bin/etcd.js is missing: run `npm run build` first");
  return startServer("ours", process.execPath, [entry], etcdFlags, options);
}

/** Debian's etcd-server. */
export function startEtcd34(options: StartOptions = {}): Promise<ServerProcess> {
  return startServer("etcd-3.4", "/usr/bin/etcd", [], etcdFlags, options);
}

/** A current etcd 3.6, embedded in a small Go program that is built on first use. */
export function startEtcd36(options: StartOptions = {}): Promise<ServerProcess> {
  return startServer("etcd-3.6", buildGoPeer("etcd36"), [], embeddedFlags, options);
}

type FlagsOf = (dataDir: string, clientUrl: string, peerUrl: string) => string[];

const etcdFlags: FlagsOf = (dataDir, clientUrl, peerUrl) => [
  ...["--data-dir", dataDir, "--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl],
  ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
  ...["--initial-cluster", `default=${peerUrl}`],
];

const embeddedFlags: FlagsOf = (dataDir, clientUrl, peerUrl) => [
  ...["--data-dir", dataDir, "--client-url", clientUrl, "--peer-url", peerUrl],
];

async function startServer(
  name: string,
  command: string,
  prefix: readonly string[],
  flagsOf: FlagsOf,
  options: StartOptions,
): Promise<ServerProcess> {
  const [freeClientPort, peerPort] = await freePorts(2);
  const clientPort = options.clientPort ?? freeClientPort!;
  const root = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), `${name}-`)) : null;
  const dataDir = options.dataDir ?? join(root!, "data");
  const logFile = options.logFile ?? (root === null ? `${dataDir}.log` : join(root, "server.log"));
  const endpoint = `127.0.0.1:${clientPort}`;
  const flags = flagsOf(dataDir, `http://${endpoint}`, `http://127.0.0.1:${peerPort!}`);
  const log = openSync(logFile, "a");
  const child = spawn(command, [...prefix, ...flags, ...(options.flags ?? [])], {
    stdio: ["ignore", log, log],
    env: { PATH: process.env["PATH"] ?? "", ...options.environment },
  });
  closeSync(log);
  const ended = endOf(child);
  const server: ServerProcess = {
    name,
    endpoint,
    dataDir,
    logFile,
    pid: child.pid ?? -1,
    ended,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      if (root !== null) rmSync(root, { recursive: true, force: true });
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
  await untilReady(server);
  return server;
}

function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "?"));
  });
}

/** Ready means that /health answers 200, which takes a leader and a read. */
async function untilReady(server: ServerProcess, withinMs = 30_000): Promise<void> {
  let end: number | string | undefined;
  void server.ended.then((how) => (end = how));
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (end !== undefined) break;
    if ((await statusOf(`http://${server.endpoint}/health`)) === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await server.kill();
  const log = readFileSync(server.logFile, "utf8").split("\n").slice(-20).join("\n");
  throw new Error(`${server.name} did not get ready (${String(end ?? "still starting")})\n${log}`);
}

function statusOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 1000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(0));
  });
}

/** Builds one of the Go programs in test/peers/go into .peers/, if its sources are newer than the last build. */
export function buildGoPeer(name: string): string {
  const sources = join(repository, "test/peers/go");
  const directory = join(repository, ".peers");
  const binary = join(directory, name);
  mkdirSync(directory, { recursive: true });
  const files = readdirSync(join(sources, name)).map((file) => join(sources, name, file));
  const newest = Math.max(...[...files, join(sources, "go.mod")].map((file) => statSync(file).mtimeMs));
  if (existsSync(binary) && statSync(binary).mtimeMs > newest) return binary;
  const built = spawnSync("go", ["build", "-o", binary, `./${name}`], { cwd: sources, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`cannot build the Go peer ${name}: ${built.stderr || String(built.error)}`);
  return binary;
}
