/** The whole edge over a fake port, on free ports of localhost. */
import { silentLogger } from "../../src/etcd/base/logger.ts";
import { type Edge, type EdgeOptions, openEdge } from "../../src/etcd/gateway/edge.ts";
import type { MemberStats } from "../../src/etcd/gateway/member-stats.ts";
import { Metrics } from "../../src/etcd/gateway/metrics.ts";
import { Listener } from "../../src/etcd/rpc/listener.ts";
import { FakeMember, FakePort } from "./fake-port.ts";
import { TestClient } from "./grpc-client.ts";

export interface EdgeServer {
  readonly port: FakePort;
  readonly member: FakeMember;
  readonly metrics: Metrics;
  readonly edge: Edge;
  /** `127.0.0.1:PORT` */
  readonly address: string;
  readonly addresses: readonly string[];
  readonly httpUrl: string;
  readonly metricsUrl: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly client: TestClient;
  stop(): Promise<void>;
}

export interface EdgeServerOptions extends EdgeOptions {
  readonly listenUrl: string;
  readonly firstBytesTimeoutMs: number;
}

export async function startEdgeServer(overrides: Partial<EdgeServerOptions> = {}): Promise<EdgeServer> {
  const port = new FakePort();
  const member = new FakeMember(port);
  const metrics = new Metrics();
  const edge = await openEdge(
    {
      splitsHttp: false,
      maxRequestBytes: 1_572_864,
      maxConcurrentStreams: 0xffff_ffff,
      grpcKeepaliveMinTimeMs: 5000,
      grpcKeepaliveIntervalMs: 7_200_000,
      grpcKeepaliveTimeoutMs: 20_000,
      electionTimeoutMs: 1000,
      warningUnaryRequestDurationMs: 300,
      enableGrpcGateway: true,
      extensiveMetrics: false,
      cors: ["*"],
      hostWhitelist: ["*"],
      ...overrides,
    },
    { port, member, stats: fakeStats(port, member), metrics, logger: silentLogger },
  );
  const doors = [edge.client, edge.http, edge.metrics];
  const listeners = await Promise.all(
    doors.map((door, i) =>
      Listener.open(i === 0 ? (overrides.listenUrl ?? "http://localhost:0") : "http://127.0.0.1:0", door, {
        firstBytesTimeoutMs: overrides.firstBytesTimeoutMs ?? 5000,
      }),
    ),
  );
  const [{ addresses }, http, metricsListener] = listeners as [Listener, Listener, Listener];
  const address = addresses[0]!;
  const client = new TestClient(address);
  return {
    port,
    member,
    metrics,
    edge,
    address,
    addresses,
    httpUrl: `http://${http.addresses[0]!}`,
    metricsUrl: `http://${metricsListener.addresses[0]!}`,
    url: `http://${address}`,
    client,
    async stop() {
      client.close();
      for (const listener of listeners) listener.close();
      await edge.close(500);
    },
  };
}

function fakeStats(port: FakePort, member: FakeMember): MemberStats {
  return {
    memberId: 0xabcn,
    hasLeader: () => member.leader,
    isLeader: () => member.leader,
    isLearner: () => member.learner,
    leaderChangesSeen: () => 1,
    raft: () => ({
      term: 2,
      vote: 0xabcn,
      commit: 10,
      applied: 9,
      lead: 0xabcn,
      state: "StateLeader",
      leadTransferee: 0n,
      progress: [{ id: 0xabcn, match: 10, next: 11, state: "StateReplicate" }],
    }),
    proposalsPending: () => 3,
    store: () => ({
      currentRevision: port.revision,
      compactRevision: port.compactRevision,
      keys: port.kvs.size,
      puts: 7,
      deletes: 0,
      ranges: 0,
      txns: 0,
      putBytes: 0,
    }),
    watch: () => ({ streams: port.streams.size, watchers: 0, slowWatchers: 0, pendingEvents: 0, eventsTotal: 0 }),
    backend: () => ({ sizeBytes: 4096, sizeInUseBytes: 2048, openReadTransactions: 0, quotaBytes: 2_147_483_648 }),
    clusterVersion: () => "3.6",
    features: () => [{ name: "LeaseCheckpoint", stage: "ALPHA", enabled: false }],
    authRevision: () => 1,
  };
}
