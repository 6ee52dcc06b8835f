import { freePorts, type ServerProcess, startEtcd36 } from "./servers.ts";

/** Real etcds that form one cluster. */
export interface EtcdCluster {
  /** HOST:PORT of each member's client door. */
  readonly endpoints: readonly string[];
  /** SIGKILL for the member that leads. */
  killLeader(): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves once every member serves, which takes a leader. */
export async function startEtcdCluster(size: number): Promise<EtcdCluster> {
  const peers = (await freePorts(size)).map((port, i) => ({ name: `m${i}`, url: `http://127.0.0.1:${port}` }));
  const initial = peers.map(({ name, url }) => `${name}=${url}`).join(",");
  // Of a flag given twice, the later one counts.
  const members = await Promise.all(
    peers.map(({ name, url }) =>
      startEtcd36({ flags: ["--name", name, "--peer-url", url, "--initial-cluster", initial] }),
    ),
  );
  return {
    endpoints: members.map(({ endpoint }) => endpoint),
    async killLeader() {
      for (const member of members) {
        if (await isLeader(member)) return member.kill();
      }
      throw new Error("no member leads");
    },
    async stop() {
      await Promise.all(members.map((member) => member.stop()));
    },
  };
}

async function isLeader(member: ServerProcess): Promise<boolean> {
  const answer = await fetch(`http://${member.endpoint}/v3/maintenance/status`, { method: "POST", body: "{}" });
  const status = (await answer.json()) as { readonly header: { readonly member_id: string }; readonly leader: string };
  return status.header.member_id === status.leader;
}
