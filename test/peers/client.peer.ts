import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { EtcdClient } from "../../src/etcd/client/etcd-client.ts";
import { TransportError } from "../../src/etcd/client/transport-error.ts";
import { Watcher, watchError } from "../../src/etcd/client/watcher.ts";
import { EtcdError } from "../../src/etcd/errors.ts";
import { grpcCode } from "../../src/etcd/rpc/status.ts";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompactionRequest,
  newCompare,
  newDeleteRangeRequest,
  newHashKVRequest,
  newLeaseGrantRequest,
  newMemberListRequest,
  newPutRequest,
  newRangeRequest,
  newRequestOp,
  newTxnRequest,
  newWatchCancelRequest,
  newWatchCreateRequest,
  newWatchRequest,
  type WatchResponse,
} from "../../src/etcd/wire/etcdserverpb.ts";
import { eventually } from "../support/scripted-etcd.ts";
import { freePorts, type ServerProcess, startEtcd34, startEtcd36 } from "../support/servers.ts";

/* The client against real etcd, which is stopped, killed and started again beneath it. */

const root = mkdtempSync(join(tmpdir(), "client-peer-"));
after(() => rmSync(root, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => Buffer.from(text);

for (const { name, start } of [
  { name: "3.4", start: startEtcd34 },
  { name: "3.6", start: startEtcd36 },
] as const) {
  describe(`beneath the client, etcd ${name}`, { concurrency: 1 }, () => {
    /** A server that can be started again on its port and directory. */
    async function restartable(label: string): Promise<{ endpoint: string; start(): Promise<ServerProcess> }> {
      const [clientPort] = await freePorts(1);
      const options = { clientPort: clientPort!, dataDir: join(root, `${name}-${label}`) };
      return { endpoint: `127.0.0.1:${clientPort}`, start: () => start(options) };
    }

    async function withServer(
      label: string,
      work: (
        client: EtcdClient,
        server: { stop(): Promise<void>; kill(): Promise<void>; restart(): Promise<void> },
      ) => Promise<void>,
    ): Promise<void> {
      const place = await restartable(label);
      let server = await place.start();
      const client = new EtcdClient({ endpoints: [place.endpoint], callTimeoutMs: 20_000 });
      try {
        await work(client, {
          stop: () => server.stop(),
          kill: () => server.kill(),
          restart: async () => {
            server = await place.start();
          },
        });
      } finally {
        client.close();
        await server.stop();
      }
    }

    test("puts, ranges, transactions, deletes, and etcd's refusals", () =>
      withServer("kv", async (client) => {
        const put = await client.put(newPutRequest({ key: bytes("a"), value: bytes("1") }));
        assert.equal(put.header?.revision, 2);
        const txn = newTxnRequest({
          compare: [
            newCompare({
              key: bytes("a"),
              target: Compare_CompareTarget.MOD,
              result: Compare_CompareResult.EQUAL,
              targetUnion: { case: "modRevision", value: 2 },
            }),
          ],
          success: [
            newRequestOp({ request: { case: "requestPut", value: newPutRequest({ key: bytes("b"), prevKv: true }) } }),
            newRequestOp({ request: { case: "requestRange", value: newRangeRequest({ key: bytes("b") }) } }),
          ],
        });
        const { succeeded, responses } = await client.txn(txn);
        assert.equal(succeeded, true);
        const range = responses[1]?.response;
        assert(range?.case === "responseRange");
        assert.equal(range.value.kvs[0]?.createRevision, 3);

        const all = newRangeRequest({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) });
        assert.equal((await client.range(all)).count, 2);
        const { deleted } = await client.deleteRange(newDeleteRangeRequest({ key: bytes("a"), rangeEnd: bytes("c") }));
        assert.equal(deleted, 2);
        await client.compact(newCompactionRequest({ revision: 3 }));
        const codeOf = (promise: Promise<unknown>): Promise<string> =>
          promise.then(
            () => "none",
            (error: unknown) => (error instanceof EtcdError ? error.code : String(error)),
          );
        assert.equal(await codeOf(client.range({ ...all, revision: 2 })), "compacted");
        assert.equal(await codeOf(client.range({ ...all, revision: 99 })), "futureRevision");
        assert.equal(await codeOf(client.put(newPutRequest())), "emptyKey");
        assert.equal(await codeOf(client.leaseRevoke({ id: 4n })), "leaseNotFound");
        const { members } = await client.memberList(newMemberListRequest());
        assert.equal(members.length, 1);
        assert.equal((await client.status()).leader, members[0]!.id);
        assert.equal((await client.hashKv(newHashKVRequest())).compactRevision, 3);
      }));

    test("rangeStream reads thousands of keys at one revision, though the server does not have it", () =>
      withServer("pages", async (client) => {
        const count = 2_345;
        const puts = Array.from({ length: count }, (_, index) =>
          client.put(newPutRequest({ key: bytes(`k${String(index).padStart(5, "0")}`) })),
        );
        await Promise.all(puts);
        const keys: string[] = [];
        let counted = 0;
        for await (const chunk of client.rangeStream(newRangeRequest({ key: bytes("k"), rangeEnd: bytes("l") }))) {
          // Deleted meanwhile, but the stream reads the past.
          if (keys.length === 0)
            await client.deleteRange(newDeleteRangeRequest({ key: bytes("k"), rangeEnd: bytes("l") }));
          keys.push(...chunk.kvs.map(({ key }) => Buffer.from(key).toString()));
          counted = chunk.count;
        }
        assert.equal(keys.length, count);
        assert.deepEqual(keys, [...keys].sort());
        assert.equal(counted, count);
      }));

    test("a watch misses nothing and repeats nothing while etcd is killed and started again", () =>
      withServer("watch", async (client, server) => {
        const seen: number[] = [];
        const created: bigint[] = [];
        const ends: (Error | undefined)[] = [];
        const stream = client.watch({
          write: (response) => {
            if (response.created) created.push(response.watchId);
            for (const { kv } of response.events) {
              if (response.watchId === 1n) seen.push(Number(Buffer.from(kv!.value).toString()));
            }
            return true;
          },
          end: (error) => ends.push(error),
        });
        const create = (key: string): void => {
          const value = newWatchCreateRequest({ key: bytes(key), fragment: true });
          stream.request(newWatchRequest({ requestUnion: { case: "createRequest", value } }));
        };
        create("other");
        create("count");
        await eventually(() => created.length === 2, "two watchers");
        let count = 0;
        const put = (): Promise<unknown> =>
          client.put(newPutRequest({ key: bytes("count"), value: bytes(String(count)) }));
        const write = async (): Promise<void> => {
          count++;
          await put();
        };
        /** The client may not know yet that the server is gone, and must not repeat a write by itself. We do know. */
        const writeToTheDead = async (): Promise<void> => {
          count++;
          await put().catch((error: unknown) => {
            assert(error instanceof TransportError && error.code === grpcCode.unavailable, String(error));
            return put();
          });
        };
        for (let round = 0; round < 3; round++) {
          for (let step = 0; step < 20; step++) await write();
          if (round === 1) await server.stop();
          else await server.kill();
          const waiting = writeToTheDead();
          await server.restart();
          await waiting;
        }
        for (let step = 0; step < 20; step++) await write();
        await eventually(() => seen.at(-1) === count, `event ${count}, was ${seen.at(-1)}`);
        assert.deepEqual(
          seen,
          Array.from({ length: count }, (_, index) => index + 1),
        );
        assert.deepEqual(created, [0n, 1n]);
        assert.deepEqual(ends, []);
        stream.close();
      }));

    test("a watcher that was away while its history was compacted is told so", () =>
      withServer("compacted", async (client, server) => {
        // It is slow: its sink is full from the first event on, and most events are still with the server.
        let hasRoom = false;
        const responses: WatchResponse[] = [];
        const stream = client.watch({
          write: (response) => {
            responses.push(response);
            return response.created || hasRoom;
          },
          end: () => undefined,
        });
        const value = newWatchCreateRequest({ key: bytes("k") });
        stream.request(newWatchRequest({ requestUnion: { case: "createRequest", value } }));
        await eventually(() => responses.length === 1, "the watcher");
        const big = newPutRequest({ key: bytes("k"), value: new Uint8Array(100_000) });
        for (let step = 0; step < 100; step++) await client.put(big);
        await eventually(() => responses.length === 2, "the first event");
        await server.kill();
        await server.restart();
        const { header } = await client.put(newPutRequest({ key: bytes("k") }));
        await client.compact(newCompactionRequest({ revision: header!.revision, physical: true }));
        hasRoom = true;
        stream.drained();
        await eventually(() => responses.some(({ canceled }) => canceled), "the cancel");
        const last = responses.at(-1)!;
        assert.equal(last.compactRevision, header!.revision);
        assert.equal(last.watchId, 0n);
        const error = watchError(last);
        assert(error instanceof EtcdError && error.code === "compacted");
      }));

    test("progress, cancel and explicit ids go through", () =>
      withServer("progress", async (client) => {
        const told: string[] = [];
        const stream = client.watch({
          write: ({ watchId, created, canceled, events }) => {
            told.push(
              `${watchId}${created ? " created" : ""}${canceled ? " canceled" : ""}${events.length ? " event" : ""}`,
            );
            return true;
          },
          end: () => told.push("end"),
        });
        const value = newWatchCreateRequest({ key: bytes("k"), watchId: 42n });
        stream.request(newWatchRequest({ requestUnion: { case: "createRequest", value } }));
        await eventually(() => told.length === 1, "created");
        // etcd answers only when the watchers are synced.
        const asking = setInterval(
          () => stream.request(newWatchRequest({ requestUnion: { case: "progressRequest", value: {} } })),
          50,
        );
        await eventually(() => told.includes("-1"), "progress");
        clearInterval(asking);
        const cancel = newWatchCancelRequest({ watchId: 42n });
        stream.request(newWatchRequest({ requestUnion: { case: "cancelRequest", value: cancel } }));
        await eventually(() => told.includes("42 canceled"), "canceled");
        stream.close();
        assert.equal(told.at(-1), "end");
      }));

    test("a watch of etcd's past comes whole through a slow reader", () =>
      withServer("slow", async (client) => {
        const count = 500;
        for (let step = 0; step < count; step++) {
          await client.put(newPutRequest({ key: bytes("k"), value: new Uint8Array(2_000) }));
        }
        const revisions: number[] = [];
        for await (const { events } of new Watcher(
          client,
          newWatchCreateRequest({ key: bytes("k"), startRevision: 2 }),
        )) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          revisions.push(...events.map(({ kv }) => kv!.modRevision));
          if (revisions.length >= count) break;
        }
        assert.deepEqual(
          revisions,
          Array.from({ length: count }, (_, index) => index + 2),
        );
      }));

    test("a thousand leases are renewed on one stream, also after a restart", () =>
      withServer("leases", async (client, server) => {
        const ids = await Promise.all(
          Array.from({ length: 1_000 }, async () => (await client.leaseGrant(newLeaseGrantRequest({ ttl: 60 }))).id),
        );
        const renewAll = async (): Promise<void> => {
          const renewals = await Promise.all(ids.map((id) => client.leaseKeepAlive({ id })));
          assert(renewals.every(({ ttl }) => ttl === 60));
        };
        await renewAll();
        await server.kill();
        const waiting = renewAll();
        await server.restart();
        await waiting;
        assert.equal((await client.leaseKeepAlive({ id: 12345n })).ttl, 0);
      }));

    test("a snapshot comes whole, with its checksum", () =>
      withServer("snapshot", async (client) => {
        await client.put(newPutRequest({ key: bytes("k"), value: new Uint8Array(300_000) }));
        let size = 0;
        for await (const { blob } of client.snapshot()) size += blob.length;
        assert(size > 300_000);
        assert.equal(size % 512, 32);
      }));
  });
}

test("with two members to ask, calls go on while either is down", async () => {
  // Two clusters of one serve as two members: the client does not look behind the addresses.
  const [first, second] = await Promise.all([startEtcd34(), startEtcd34()]);
  const client = new EtcdClient({ endpoints: [first.endpoint, second.endpoint], callTimeoutMs: 5_000 });
  try {
    const members = new Set<bigint>();
    for (let call = 0; call < 20; call++) {
      members.add((await client.range(newRangeRequest({ key: bytes("k") }))).header!.memberId);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(members.size, 2);
    await first.stop();
    for (let call = 0; call < 20; call++) await client.range(newRangeRequest({ key: bytes("k") }));
    for (let call = 0; call < 20; call++) await client.put(newPutRequest({ key: bytes("k") }));
  } finally {
    client.close();
    await Promise.all([first.stop(), second.stop()]);
  }
});
