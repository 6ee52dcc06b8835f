/** The gRPC half of the edge, over a fake port or a real member, on a free port of 127.0.0.1. */
import { silentLogger } from "../../src/etcd/base/logger.ts";
import type { EtcdPort } from "../../src/etcd/port.ts";
import { CallStats } from "../../src/etcd/rpc/call-stats.ts";
import { Rpc } from "../../src/etcd/rpc/endpoint.ts";
import { etcdHandlers } from "../../src/etcd/rpc/handlers.ts";
import { type CarrierOptions, Http2Carrier } from "../../src/etcd/rpc/http2-carrier.ts";
import { Listener } from "../../src/etcd/rpc/listener.ts";
import type { MemberInfo } from "../../src/etcd/rpc/member-info.ts";
import { FakeMember, FakePort } from "./fake-port.ts";
import { TestClient } from "./grpc-client.ts";

export interface RpcDoor {
  readonly stats: CallStats;
  readonly address: string;
  readonly client: TestClient;
  stop(graceMs?: number): Promise<void>;
}

export interface RpcServer extends RpcDoor {
  readonly port: FakePort;
  readonly member: FakeMember;
}

type Overrides = Partial<CarrierOptions> & {
  readonly electionTimeoutMs?: number;
  readonly stopsServiceOnDefrag?: boolean;
};

export async function startRpcServer(overrides: Overrides = {}): Promise<RpcServer> {
  const port = new FakePort();
  const member = new FakeMember(port);
  return { port, member, ...(await openRpcDoor({ port, member }, overrides)) };
}

export async function openRpcDoor(
  { port, member }: { readonly port: EtcdPort; readonly member: MemberInfo },
  overrides: Overrides = {},
): Promise<RpcDoor> {
  const { stopsServiceOnDefrag = false } = overrides;
  const stats = new CallStats();
  const options = { electionTimeoutMs: overrides.electionTimeoutMs ?? 1000, slowCallMs: 300 };
  const rpc = new Rpc(options, {
    member,
    stats,
    logger: silentLogger,
    handlers: etcdHandlers({ port, member, logger: silentLogger }, { stopsServiceOnDefrag }),
  });
  const carrier = new Http2Carrier(
    {
      messageBytesMax: 2 * 1024 * 1024,
      concurrentStreamsMax: 0xffff_ffff,
      pingMinMs: 5000,
      pingIntervalMs: 2 * 60 * 60 * 1000,
      pingTimeoutMs: 20_000,
      handshakeTimeoutMs: 120_000,
      ...overrides,
    },
    { rpc, logger: silentLogger },
  );
  const doors = { http2: (socket: Parameters<Http2Carrier["accept"]>[0]) => carrier.accept(socket), http1: null };
  const listener = await Listener.open("http://127.0.0.1:0", doors, { firstBytesTimeoutMs: 5000 });
  const address = listener.addresses[0]!;
  const client = new TestClient(address);
  return {
    stats,
    address,
    client,
    async stop(graceMs = 1000) {
      client.close();
      listener.close();
      rpc.close();
      await carrier.close(graceMs);
    },
  };
}
