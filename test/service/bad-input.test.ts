/** What nobody should send: each gets etcd's error or a closed door, costs bounded memory, and the server goes on. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { grpcCode } from "../../src/etcd/rpc/status.ts";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { kv, lease, maintenance, watch } from "../edge/grpc-client.ts";
import { RawClient } from "../support/raw-client.ts";
import { bytes, createWatch, LiveServer, pause, putOp, txnOp, until, Watch } from "./live-server.ts";

const MIB = 1024 * 1024;
const { invalidArgument, internal, resourceExhausted } = grpcCode;

describe("bad input", { timeout: 180_000 }, () => {
  let server: LiveServer;

  before(async () => {
    server = await LiveServer.open();
  });
  after(() => server.end());
  // Whatever it was, the server goes on.
  afterEach(() => server.proveAlive());

  const connectRaw = async (): Promise<net.Socket> => {
    const [host, port] = server.address.split(":");
    const socket = net.connect(Number(port), host);
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  };

  test("bytes that are no message", async () => {
    const client = new RawClient(server.address);
    const bodies = ["ff", "0a", "0aff", "0affffffffffffffffffff01", "08", "0b", "07", "00", "ffffffffffffffffffffff"];
    for (const body of bodies) {
      for (const path of [kv.Put.path, kv.Txn.path, kv.Range.path, lease.LeaseGrant.path, maintenance.Alarm.path]) {
        const { error, response } = await client.bytes(path, Buffer.from(body, "hex"));
        // An unknown field is none of our business; all the rest is refused.
        if (response === null)
          assert.ok(error!.code === internal || error!.code === invalidArgument, `${path} ${body}: ${error!.details}`);
      }
    }
    const broken = await client.bytes(kv.Put.path, Buffer.from("0aff", "hex"));
    assert.equal(broken.error?.code, internal);
    assert.match(broken.error.details, /^grpc: error unmarshalling request: /);
    client.close();
  });

  test("every message cut at each byte", async () => {
    const client = new RawClient(server.address);
    const whole = pb.encodeTxnRequest(
      pb.newTxnRequest({
        compare: [pb.newCompare({ key: bytes("cut"), targetUnion: { case: "value", value: bytes("x") } })],
        success: [putOp("cut", "value"), txnOp({ success: [putOp("cut/2")] })],
      }),
    );
    const outcomes = await Promise.all(
      Array.from({ length: whole.length }, (_, end) => client.bytes(kv.Txn.path, whole.subarray(0, end))),
    );
    for (const { error } of outcomes) {
      if (error !== null) assert.ok([internal, invalidArgument].includes(error.code as 3 | 13), error.details);
    }
    assert.ok(
      outcomes.some(({ error }) => error?.code === internal),
      "some cuts are no message",
    );
    client.close();
  });

  test("requests over the limit of a proposal, and over that of a message", async () => {
    const put = (size: number) =>
      server.client.failure(kv.Put, pb.newPutRequest({ key: bytes("k"), value: Buffer.alloc(size) }));
    assert.deepEqual(await put(1.5 * MIB), { code: invalidArgument, details: "etcdserver: request is too large" });
    const over = await put(2 * MIB);
    assert.equal(over.code, resourceExhausted);
    assert.match(over.details, /^grpc: received message larger than max \(20971\d\d vs\. 2097152\)$/);
  });

  test("a value just below the limit, and a key of a mebibyte", async () => {
    const value = Buffer.alloc(1.5 * MIB - 100, "v");
    await server.put("large", value);
    assert.equal((await server.get("large"))?.length, value.length);
    const key = "k".repeat(MIB);
    await server.put(key, "1");
    await server.put(key, "2");
    const { kvs } = await server.range({ key: bytes(key) });
    assert.deepEqual([kvs[0]?.key.length, kvs[0]?.version], [MIB, 2]);
    const { deleted } = await server.client.unary(kv.DeleteRange, pb.newDeleteRangeRequest({ key: bytes(key) }));
    assert.equal(deleted, 1);
  });

  test("ranges that are inverted or empty: nothing, and no error", async () => {
    await server.put("m");
    for (const [key, rangeEnd] of [
      ["z", "a"],
      ["m", "m"],
      ["m", "l"],
    ] as const) {
      const range = { key: bytes(key), rangeEnd: bytes(rangeEnd) };
      const { count, kvs } = await server.range(range);
      assert.deepEqual([count, kvs], [0, []]);
      assert.equal((await server.client.unary(kv.DeleteRange, pb.newDeleteRangeRequest(range))).deleted, 0);
    }
  });

  test("numbers that make no sense", async () => {
    const all = { key: bytes("m"), rangeEnd: bytes("n") };
    const far = Number.MAX_SAFE_INTEGER;
    for (const limit of [-1, -far, far]) assert.equal((await server.range({ ...all, limit })).kvs.length, 1);
    for (const revision of [-1, -far]) assert.equal((await server.range({ ...all, revision })).count, 1);
    assert.equal((await server.range({ ...all, minModRevision: far })).kvs.length, 0);
    assert.equal((await server.range({ ...all, maxModRevision: -1 })).kvs.length, 0);
    const grant = (id: bigint, ttl: number) =>
      server.client.unary(lease.LeaseGrant, pb.newLeaseGrantRequest({ id, ttl }));
    assert.deepEqual((await grant(-(2n ** 63n), -far)).id, -(2n ** 63n));
    assert.deepEqual((await grant(2n ** 63n - 1n, 9_000_000_000)).ttl, 9_000_000_000);
    const { watchId } = await server.watch().create({ key: bytes("m"), startRevision: far });
    assert.equal(watchId, 0n);
    const stranger = await server.client.unary(maintenance.Alarm, pb.newAlarmRequest({ action: -7, memberId: 1n }));
    assert.deepEqual(stranger.alarms, []);
  });

  test("2^63-1 and -2^63 as revisions, as they stand on the wire", async () => {
    const client = new RawClient(server.address);
    const ask = (varint: string) => client.bytes(kv.Range.path, Buffer.from(`0a016d20${varint}`, "hex"));
    const future = await ask("ffffffffffffffff7f");
    assert.equal(future.error?.details, "etcdserver: mvcc: required revision is a future revision");
    assert.equal((await ask("80808080808080808001")).error, null);
    client.close();
  });

  test("transactions that are nested as deep as the limits let them, and deeper", async () => {
    const nested = (depth: number): pb.TxnRequest => {
      let request = pb.newTxnRequest({ success: [putOp("deep")] });
      for (let i = 1; i < depth; i++) request = pb.newTxnRequest({ success: [txnOp(request)] });
      return request;
    };
    const { succeeded } = await server.client.unary(kv.Txn, nested(128));
    assert.equal(succeeded, true);
    const tooMany = { code: invalidArgument, details: "etcdserver: too many operations in txn request" };
    assert.deepEqual(await server.client.failure(kv.Txn, nested(129)), tooMany);
    // By hand, since no encoder goes so deep: each level wraps the one below.
    let body: Buffer = Buffer.from(pb.encodeTxnRequest(pb.newTxnRequest({ success: [putOp("deep")] })));
    for (let i = 0; i < 20_000 && body.length < 1_000_000; i++) body = field(2, field(4, body));
    const client = new RawClient(server.address);
    const { error } = await client.bytes(kv.Txn.path, body);
    assert.ok(error !== null && [internal, invalidArgument].includes(error.code as 3 | 13), JSON.stringify(error));
    client.close();
  });

  test("a transaction of ten thousand operations", async () => {
    const request = pb.newTxnRequest({ success: Array.from({ length: 10_000 }, (_, i) => putOp(`op${i}`)) });
    const { details } = await server.client.failure(kv.Txn, request);
    assert.equal(details, "etcdserver: too many operations in txn request");
  });

  test("a stream of things that are no watch request", async () => {
    const stream = server.client.raw.makeBidiStreamRequest(
      watch.Watch.path,
      (request: Buffer) => request,
      (response: Buffer) => response,
    );
    stream.on("data", () => undefined);
    stream.on("error", () => undefined);
    const status = new Promise<number>((resolve) => stream.on("status", ({ code }) => resolve(code)));
    stream.write(Buffer.alloc(0));
    stream.write(Buffer.from("1a00", "hex"));
    stream.write(Buffer.from("0aff", "hex"));
    assert.equal(await status, internal);
  });

  test("a hundred thousand creates on one stream whose client does not read: it is not read either", async (t) => {
    const count = 100_000;
    const client = server.connect();
    const flood = new Watch(client);
    await flood.create({ key: bytes("flood") });
    flood.call.pause();
    const request = createWatch({ key: bytes("flood"), rangeEnd: bytes("flooe") });
    for (let i = 0; i < count; i++) flood.send(request);
    const startedAt = performance.now();
    await server.proveAlive();
    t.diagnostic(`a put took ${(performance.now() - startedAt).toFixed(0)} ms meanwhile`);
    await pause(300);
    const created = await metric("etcd_debugging_mvcc_watcher_total");
    t.diagnostic(`${created} of ${count} were created`);
    assert.ok(created < count, "all of them were taken from a client that reads nothing");
    client.close();
    flood.cancel();
    await until(async () => (await metric("etcd_debugging_mvcc_watcher_total")) < 10, "they are gone with it");
  });

  test("connections that say nothing, a little, or nonsense", async () => {
    const idle = await Promise.all(Array.from({ length: 100 }, connectRaw));
    const slow = await connectRaw();
    slow.write("PRI * HT");
    const garbage = ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "\0\0\0\0", "SSH-2.0-x\r\n", "x".repeat(100_000)];
    for (const text of garbage) {
      const socket = await connectRaw();
      const closed = once(socket, "close");
      socket.resume();
      socket.write(Buffer.from(text, "latin1"));
      await closed;
    }
    // A preface, and then no HTTP/2.
    const liar = await connectRaw();
    liar.resume();
    const closed = once(liar, "close");
    liar.write(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"junk".repeat(1000)}`);
    await closed;
    await server.proveAlive();
    for (const socket of [...idle, slow]) socket.destroy();
  });

  test("HTTP that is none", async () => {
    for (const request of [
      "GET / HTTP/9.9\r\n\r\n",
      "POST /v3/kv/put HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
      "GET /\r\n\r\n",
    ]) {
      const socket = await connectRaw();
      socket.resume();
      const closed = once(socket, "close");
      socket.end(request);
      await closed;
    }
    const response = await fetch(`${server.url}/v3/kv/put`, { method: "POST", body: '{"key":' });
    assert.equal(response.status, 400);
  });

  test("a client that leaves in the middle of everything", async () => {
    for (let i = 0; i < 20; i++) {
      const client = server.connect();
      const stream = new Watch(client);
      await stream.create({ key: bytes("leaver") });
      const puts = Array.from({ length: 20 }, () => client.unary(kv.Put, pb.newPutRequest({ key: bytes("leaver") })));
      for (const put of puts) put.catch(() => undefined);
      stream.cancel();
      client.close();
    }
  });

  async function metric(name: string): Promise<number> {
    const page = await (await fetch(`${server.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (.*)$`, "m").exec(page)?.[1]);
  }
});

/** A length-delimited field. */
function field(number: number, body: Buffer): Buffer {
  const head = [(number << 3) | 2];
  let length = body.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  return Buffer.concat([Buffer.from([...head, length]), body]);
}
