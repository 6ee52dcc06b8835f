/** Servers with a ZooKeeper side within the test's process, on free ports. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../src/etcd/base/logger.ts";
import { EtcdClient } from "../../src/etcd/client/etcd-client.ts";
import { parseServeArguments } from "../../src/etcd/config/serve-arguments.ts";
import { serveFacade } from "../../src/facade-main.ts";
import { serve } from "../../src/main.ts";
import { buildFacadeConfig } from "../../src/zk-facade/config/build-facade-config.ts";
import type { FacadeConfig } from "../../src/zk-facade/config/facade-config.ts";
import { facadeFlags, splitFacadeFlags } from "../../src/zk-facade/config/facade-flags.ts";
import { TcpCutter } from "./tcp-cutter.ts";

export interface ZkInProcess {
  /** Of ZooKeeper's clients, on 127.0.0.1. */
  readonly port: number;
  /** `127.0.0.1:2379`; of the etcd that it stands on. */
  readonly etcdEndpoint: string;
  stop(): Promise<void>;
}

const zkFlags = ["--zk-listen", "127.0.0.1:0=/zk", "--zk-admin-enable-server=false"];

/** An etcd server with the facade in it. Further flags come last and so win. */
export async function startZkInProcess(dataDir: string, flags: readonly string[] = []): Promise<ZkInProcess> {
  const argv = [
    ...["--data-dir", dataDir, "--listen-peer-urls", "http://127.0.0.1:0"],
    ...["--listen-client-urls", "http://127.0.0.1:0", "--advertise-client-urls", "http://localhost:2379"],
    ...zkFlags,
    ...flags,
  ];
  const parsed = parseServeArguments(argv, {}, () => "", facadeFlags("none"));
  assert.equal(parsed.kind, "serve", JSON.stringify(parsed));
  const server = await serve(parsed.config, silentLogger, { facade: facadeConfigOf(parsed.foreign) });
  return {
    port: portOf(server.zkAddresses[0]),
    etcdEndpoint: server.clientAddresses[0]!,
    stop: () => server.stop(),
  };
}

/** One whose data goes when it stops. */
export async function startScratchZk(flags: readonly string[] = []): Promise<ZkInProcess> {
  const directory = await mkdtemp(join(tmpdir(), "zk-"));
  const remove = (): Promise<void> => rm(directory, { recursive: true });
  try {
    const server = await startZkInProcess(join(directory, "data"), flags);
    return {
      ...server,
      stop: async () => {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A facade of its own over an etcd that runs already. */
export async function startFacadeInProcess(
  etcdEndpoint: string,
  flags: readonly string[] = [],
): Promise<ZkInProcess & { readonly prometheusAddresses: readonly string[] }> {
  const parsed = parseServeArguments([...zkFlags, ...flags], {}, () => "", facadeFlags("none"));
  assert.equal(parsed.kind, "serve", JSON.stringify(parsed));
  const config = facadeConfigOf(parsed.foreign);
  const facade = await serveFacade(config, { endpoints: [etcdEndpoint], txnOpsMax: 128, name: null }, silentLogger);
  const { prometheusAddresses, zkAddresses } = facade;
  return { port: portOf(zkAddresses[0]), prometheusAddresses, etcdEndpoint, stop: () => facade.stop() };
}

/** An etcd server with the facade in it, and another facade over it that can be cut off. */
export interface CuttableFacade {
  readonly embedded: ZkInProcess;
  readonly cutter: TcpCutter;
  /** Reaches its etcd through the cutter. */
  readonly remote: ZkInProcess;
  stop(): Promise<void>;
}

/** The flags are those of the facade that can be cut off. */
export async function startCuttableFacade(flags: readonly string[] = []): Promise<CuttableFacade> {
  const embedded = await startScratchZk();
  const cutter = await TcpCutter.before(portOf(embedded.etcdEndpoint));
  const remote = await startFacadeInProcess(cutter.endpoint, flags);
  return {
    embedded,
    cutter,
    remote,
    stop: async () => {
      await remote.stop();
      await cutter.close();
      await embedded.stop();
    },
  };
}

/** A client of the etcd side, to be closed by the caller. */
export function etcdClientOf({ etcdEndpoint }: ZkInProcess): EtcdClient {
  return new EtcdClient({ endpoints: [etcdEndpoint] });
}

function facadeConfigOf(texts: ReadonlyMap<string, string>): FacadeConfig {
  return buildFacadeConfig({ ...splitFacadeFlags(texts), defaultListen: "none" }, () => "").config;
}

function portOf(address: string | undefined): number {
  assert.ok(address !== undefined, "the server has no door for ZooKeeper's clients");
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
