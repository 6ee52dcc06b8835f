import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { YOUNG_GENERATION_FLAG } from "../../src/heap-growth.ts";
import { type EtcdCluster, startEtcdCluster } from "./etcd-cluster.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { freePorts, repository } from "./servers.ts";
import { type Address, fourLetterWord } from "./zk-client.ts";

/** A ZooKeeper server under test, a real one or ours, on ports of its own on the loopback. */
export interface ZkServer extends RunningServer {
  readonly host: string;
  /** Where ZooKeeper clients connect. */
  readonly port: number;
}

export interface RealZooKeeperOptions {
  /** Lines of zoo.cfg besides ports, directories and what makes a server quick and quiet in tests. */
  readonly config?: readonly string[];
  /** Java system properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** The virtual machine's own flags, instead of those that let it start quickly and stay small. */
  readonly java?: readonly string[];
  /** A directory to start from again, made by an earlier server; it is not removed at the end. */
  readonly dataDir?: string;
  readonly port?: number;
}

/** The current ZooKeeper that install.ts brought by Maven. */
export function startZooKeeper39(options: RealZooKeeperOptions = {}): Promise<ZkServer> {
  const lib = join(repository, ".peers/zookeeper/lib");
  if (!existsSync(lib)) throw new Error("ZooKeeper is missing: run `node --import tsx test/peers/install.ts --only`");
  return startReal("zookeeper-3.9", `${lib}/*`, options);
}

/** Debian's zookeeper package. */
export function startZooKeeper38(options: RealZooKeeperOptions = {}): Promise<ZkServer> {
  const jar = "/usr/share/java/zookeeper.jar";
  if (!existsSync(jar)) throw new Error("Debian's zookeeper is missing: apt-get install zookeeper");
  return startReal("zookeeper-3.8", jar, options);
}

export interface FacadeOptions {
  /** More flags of `serve`. */
  readonly flags?: readonly string[];
  readonly dataDir?: string;
  readonly zkPort?: number;
}

/** Our server with its ZooKeeper side open, from the built tree (`npm run build` comes first). */
export async function startOurFacade(options: FacadeOptions = {}): Promise<ZkServer & { readonly etcd: string }> {
  const entry = join(repository, "dist/bin/bridgekeeper.js");
  if (!existsSync(entry)) throw new Error("dist/bin/bridgekeeper.js is missing: run `npm run build` first");
  const [client, peer, zk] = await freePorts(3);
  const port = options.zkPort ?? zk!;
  const directory = makeDirectory("ours-zk", options.dataDir);
  const etcd = `http://127.0.0.1:${client!}`;
  const peerUrl = `http://127.0.0.1:${peer!}`;
  const server = await start("ours", process.execPath, port, directory, [
    ...[YOUNG_GENERATION_FLAG, entry, "serve", "--data-dir", directory.dataDir],
    ...["--listen-client-urls", etcd, "--advertise-client-urls", etcd],
    ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
    ...["--initial-cluster", `default=${peerUrl}`, "--zk-listen", `127.0.0.1:${port}=/zk`],
    ...(options.flags ?? []),
  ]);
  return { ...server, etcd: `127.0.0.1:${client!}` };
}

/** Our facade alone, over the etcd members of these endpoints. It keeps nothing: its data is in etcd. */
export async function startFacadeOver(endpoints: readonly string[], options: FacadeOptions = {}): Promise<ZkServer> {
  const entry = join(repository, "dist/bin/bridgekeeper.js");
  if (!existsSync(entry)) throw new Error("dist/bin/bridgekeeper.js is missing: run `npm run build` first");
  const port = options.zkPort ?? (await freePorts(1))[0]!;
  return start("facade", process.execPath, port, makeDirectory("facade-zk", undefined), [
    ...[YOUNG_GENERATION_FLAG, entry, "facade", "--etcd-endpoints", endpoints.join(",")],
    ...["--zk-listen", `127.0.0.1:${port}=/zk`],
    ...(options.flags ?? []),
  ]);
}

/** Our facade over real etcds of its own, which stop with it. */
export async function startFacadeWithEtcds(
  size: number,
  options: FacadeOptions = {},
): Promise<ZkServer & { readonly cluster: EtcdCluster }> {
  const cluster = await startEtcdCluster(size);
  try {
    const facade = await startFacadeOver(cluster.endpoints, options);
    const stop = async (): Promise<void> => {
      await facade.stop();
      await cluster.stop();
    };
    return { ...facade, cluster, stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function startReal(name: string, classPath: string, options: RealZooKeeperOptions): Promise<ZkServer> {
  const port = options.port ?? (await freePorts(1))[0]!;
  const directory = makeDirectory(name, options.dataDir);
  mkdirSync(directory.dataDir, { recursive: true });
  const config = [
    `dataDir=${directory.dataDir}`,
    `clientPort=${port}`,
    "clientPortAddress=127.0.0.1",
    "admin.enableServer=false",
    "4lw.commands.whitelist=*",
    "maxClientCnxns=0",
    ...(options.config ?? ["tickTime=2000"]),
  ];
  const configFile = join(directory.root, "zoo.cfg");
  writeFileSync(configFile, `${config.join("\n")}\n`);
  // Nothing of these servers is to survive, so they need not wait for a disk.
  const properties = { "zookeeper.forceSync": "no", "zookeeper.preAllocSize": "1024", ...options.properties };
  return start(name, "java", port, directory, [
    ...(options.java ?? ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]),
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
    ...["-cp", classPath, "org.apache.zookeeper.server.quorum.QuorumPeerMain", configFile],
  ]);
}

interface Directory {
  readonly root: string;
  readonly dataDir: string;
}

/** In memory where the machine has a file system for it. */
function makeDirectory(name: string, given: string | undefined): Directory {
  const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), `${name}-`));
  return { root, dataDir: given ?? join(root, "data") };
}

async function start(
  name: string,
  command: string,
  port: number,
  directory: Directory,
  args: readonly string[],
): Promise<ZkServer> {
  const address = { host: "127.0.0.1", port };
  const server = await startServer({
    ...{ name, command, args },
    dataDir: directory.dataDir,
    logFile: join(directory.root, "server.log"),
    scratch: directory.root,
    readyWithinMs: 60_000,
    // A server that cannot serve yet says so instead of its statistics.
    isReady: async () => (await statistics(address)).includes("Mode: "),
  });
  return { ...server, ...address };
}

/** Empty when the server does not listen, or does not answer. */
async function statistics(address: Address): Promise<string> {
  const answer = fourLetterWord(address, "srvr").catch(() => "");
  return Promise.race([answer, new Promise<string>((resolve) => setTimeout(resolve, 2000, "").unref())]);
}
