import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, type ServerProcess, startEtcd36 } from "./servers.ts";
import { fourLetterWord } from "./zk-client.ts";
import type { OpenZk, ZkPlace } from "./zk-places.ts";
import { startFacadeOver, startZooKeeper39, type ZkServer } from "./zk-servers.ts";

/*
 * Servers with read-only mode, which need others for writing. The first disturbance takes those others away, and the next
 * one brings them back with all that they knew.
 */

/** The control. It gives sessions to read-only clients only where it may keep sessions to itself, until they own something. */
export const halfOfAnEnsemble: ZkPlace = {
  name: "a ZooKeeper 3.9 of an ensemble of two",
  open: async () => {
    const root = mkdtempSync(join(tmpdir(), "zk-read-only-"));
    const [port, quorum, election, otherPort, otherQuorum, otherElection] = await freePorts(6);
    const config = [
      ...["tickTime=1000", "initLimit=10", "syncLimit=3"],
      ...["localSessionsEnabled=true", "localSessionsUpgradingEnabled=true"],
      ...[`server.1=127.0.0.1:${quorum!}:${election!}`, `server.2=127.0.0.1:${otherQuorum!}:${otherElection!}`],
    ];
    const start = (id: number, clientPort: number): Promise<ZkServer> => {
      const dataDir = join(root, String(id));
      mkdirSync(dataDir, { recursive: true });
      writeFileSync(join(dataDir, "myid"), String(id));
      return startZooKeeper39({ config, dataDir, port: clientPort, properties: { "readonlymode.enabled": "true" } });
    };
    // Each alone is ready in read-only mode.
    const [server, other] = await Promise.all([start(1, port!), start(2, otherPort!)]);
    return openZk(server, root, new Others([other], () => Promise.all([start(2, otherPort!)])));
  },
};

/** A facade over so many real etcds, of which so many stop at times. */
export function facadeOverEtcds(size: number, stopping: number): ZkPlace {
  return {
    name: `our facade over ${size} etcd${size > 1 ? "s" : ""}, of which ${stopping} stop${stopping > 1 ? "" : "s"}`,
    open: async () => {
      const root = mkdtempSync(join(tmpdir(), "zk-read-only-"));
      const ports = await freePorts(2 * size);
      const peers = ports.slice(size).map((port) => `http://127.0.0.1:${port}`);
      const initial = peers.map((url, at) => `m${at}=${url}`).join(",");
      const start = (at: number): Promise<ServerProcess> =>
        startEtcd36({
          dataDir: join(root, String(at)),
          clientPort: ports[at]!,
          flags: ["--name", `m${at}`, "--peer-url", peers[at]!, "--initial-cluster", initial],
        });
      const members = await Promise.all(peers.map((_peer, at) => start(at)));
      const facade = await startFacadeOver(
        members.map(({ endpoint }) => endpoint),
        { flags: ["--zk-readonlymode-enabled", "--zk-admin-enable-server=false"] },
      );
      const staying = members.slice(stopping);
      const others = new Others(members.slice(0, stopping), () =>
        Promise.all(Array.from({ length: stopping }, (_, at) => start(at))),
      );
      const opened = await openZk(facade, root, others);
      const close = async (): Promise<void> => {
        await opened.close();
        await Promise.all(staying.map((member) => member.stop()));
      };
      return { ...opened, close };
    },
  };
}

interface Stoppable {
  stop(): Promise<void>;
}

/** What a server needs for writing: it is there, or it is not. */
class Others {
  #running: readonly Stoppable[];
  readonly #start: () => Promise<readonly Stoppable[]>;

  constructor(running: readonly Stoppable[], start: () => Promise<readonly Stoppable[]>) {
    this.#running = running;
    this.#start = start;
  }

  async comeOrGo(): Promise<void> {
    if (this.#running.length === 0) this.#running = await this.#start();
    else await this.stop();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((other) => other.stop()));
    this.#running = [];
  }
}

async function openZk(server: ZkServer, root: string, others: Others): Promise<OpenZk> {
  while ((await fourLetterWord(server, "isro")) !== "rw") await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    port: server.port,
    disturb: () => others.comeOrGo(),
    close: async () => {
      await server.stop();
      await others.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
