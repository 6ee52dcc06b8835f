import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RunningServer, startServer } from "./running-server.ts";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** An etcd server under test, ours or a real one, on ports of its own on the loopback. */
export interface ServerProcess extends RunningServer {
  /** HOST:PORT of the client door. */
  readonly endpoint: string;
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
  return startEtcd("ours", process.execPath, [entry], etcdFlags, options);
}

/** Debian's etcd-server. */
export function startEtcd34(options: StartOptions = {}): Promise<ServerProcess> {
  return startEtcd("etcd-3.4", "/usr/bin/etcd", [], etcdFlags, options);
}

/** A current etcd 3.6, embedded in a small Go program that is built on first use. */
export function startEtcd36(options: StartOptions = {}): Promise<ServerProcess> {
  return startEtcd("etcd-3.6", buildGoPeer("etcd36"), [], embeddedFlags, options);
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

async function startEtcd(
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
  const server = await startServer({
    name,
    command,
    args: [...prefix, ...flags, ...(options.flags ?? [])],
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...{ dataDir, logFile, scratch: root },
    readyWithinMs: 30_000,
    // That takes a leader and a read.
    isReady: async () => (await statusOf(`http://${endpoint}/health`)) === 200,
  });
  return { ...server, endpoint };
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
