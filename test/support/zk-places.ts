import { startFacadeWithEtcds, startOurFacade, startZooKeeper39, type ZkServer } from "./zk-servers.ts";

/** A ZooKeeper that is open for clients. */
export interface OpenZk {
  readonly port: number;
  /** HOST:PORT of an etcd member with the same data, where there is one. */
  readonly etcd?: string;
  /** What goes wrong in the middle of a test; resolves when it has. */
  readonly disturb?: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Where a client's program is tried. */
export interface ZkPlace {
  readonly name: string;
  readonly open: () => Promise<OpenZk>;
}

/** What every place allows, which a ZooKeeper has to be asked for: znodes with a TTL, and all four-letter words. */
const properties = { "zookeeper.extendedTypesEnabled": "true", "zookeeper.4lw.commands.whitelist": "*" };
const flags = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);

/** The control: what does not hold here is no fault of ours. */
export const realZooKeeper: ZkPlace = {
  name: "ZooKeeper 3.9",
  open: async () => openZk(await startZooKeeper39({ properties })),
};

export const ourServer: ZkPlace = {
  name: "our server",
  open: async () => {
    const server = await startOurFacade({ flags });
    return { ...openZk(server), etcd: server.etcd };
  },
};

export const facadeOverOneEtcd: ZkPlace = {
  name: "our facade over a real etcd",
  open: async () => {
    const facade = await startFacadeWithEtcds(1, { flags });
    return { ...openZk(facade), etcd: facade.cluster.endpoints[0]! };
  },
};

export const facadeOverThreeEtcds: ZkPlace = {
  name: "our facade over three real etcds, whose leader is killed",
  open: async () => {
    const facade = await startFacadeWithEtcds(3, { flags });
    const { cluster } = facade;
    return { ...openZk(facade), etcd: cluster.endpoints[0]!, disturb: () => cluster.killLeader() };
  },
};

export const everyPlace: readonly ZkPlace[] = [realZooKeeper, ourServer, facadeOverOneEtcd, facadeOverThreeEtcds];

/** Those that etcd's clients can open as well. */
export const bothApisPlaces: readonly ZkPlace[] = [ourServer, facadeOverOneEtcd];

function openZk(server: ZkServer): OpenZk {
  return { port: server.port, close: () => server.stop() };
}
