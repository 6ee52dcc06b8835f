/** The gRPC side as clients see it: a real client over real sockets, with a fake member behind the handlers. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { bytes } from "../../../test/edge/fake-port.ts";
import { auth, cluster, health, kv, lease, maintenance, TestClient, watch } from "../../../test/edge/grpc-client.ts";
import { type RpcServer, startRpcServer } from "../../../test/edge/rpc-server.ts";
import * as pb from "../wire/etcdserverpb.ts";
import { HealthCheckResponse_ServingStatus, newHealthCheckRequest } from "../wire/healthpb.ts";
import { frameOf } from "./frame.ts";
import { grpcCode } from "./status.ts";

const servers: RpcServer[] = [];
after(async () => {
  for (const server of servers) await server.stop();
});

async function start(overrides: Parameters<typeof startRpcServer>[0] = {}): Promise<RpcServer> {
  const server = await startRpcServer(overrides);
  servers.push(server);
  return server;
}

const key = bytes("key");
const put = (value: Uint8Array | string): pb.PutRequest =>
  pb.newPutRequest({ key, value: typeof value === "string" ? bytes(value) : value });
const createWatch = (init: Partial<pb.WatchCreateRequest>): pb.WatchRequest =>
  pb.newWatchRequest({ requestUnion: { case: "createRequest", value: pb.newWatchCreateRequest(init) } });
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    assert.ok(waitedMs < 30_000, `not within 30 s: ${condition.toString()}`);
    await pause(5);
  }
}

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

function connectRaw(address: string): net.Socket {
  const [host, port] = address.split(":");
  const socket = net.connect(Number(port), host);
  socket.on("error", () => undefined);
  socket.resume();
  return socket;
}

/** A stream of raw HTTP/2, for what a well-behaved client does not do. */
async function rawCall(address: string, headers: http2.OutgoingHttpHeaders, body: Buffer | null) {
  const session = http2.connect(`http://${address}`);
  const stream = session.request({
    ":method": "POST",
    ":path": kv.Range.path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  let response: http2.IncomingHttpHeaders = {};
  let trailers: http2.IncomingHttpHeaders = {};
  stream.on("response", (received) => (response = received));
  stream.on("trailers", (received: http2.IncomingHttpHeaders) => (trailers = received));
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.end(body ?? undefined);
  await once(stream, "close");
  session.close();
  const status = { ...response, ...trailers };
  return {
    httpStatus: response[":status"],
    code: Number(status["grpc-status"]),
    details: decodeURIComponent(String(status["grpc-message"])),
    body: Buffer.concat(chunks),
  };
}

test("a call reaches the port and its answer comes back", async () => {
  const { client } = await start();
  const { header } = await client.unary(kv.Put, put("value"));
  assert.deepEqual(header, { clusterId: 7n, memberId: 9n, revision: 2, raftTerm: 2 });
  const { kvs, count } = await client.unary(kv.Range, pb.newRangeRequest({ key }));
  assert.deepEqual([Buffer.from(kvs[0]!.value).toString(), count], ["value", 1]);
});

test("etcd's answers arrive with etcd's codes and texts", async () => {
  const { client } = await start();
  assert.deepEqual(await client.failure(kv.Range, pb.newRangeRequest()), {
    code: grpcCode.invalidArgument,
    details: "etcdserver: key is not provided",
  });
  assert.deepEqual(await client.failure(kv.Range, pb.newRangeRequest({ key, revision: 99 })), {
    code: grpcCode.outOfRange,
    details: "etcdserver: mvcc: required revision is a future revision",
  });
  assert.deepEqual(await client.failure(maintenance.Downgrade, pb.newDowngradeRequest()), {
    code: grpcCode.unknown,
    details: "etcdserver: unknown method",
  });
});

test("an unknown method, service or path is told so in grpc-go's words", async () => {
  const { client } = await start();
  const call = (path: string) => client.failure({ ...kv.Range, path }, pb.newRangeRequest());
  assert.deepEqual(await call("/etcdserverpb.KV/Nope"), {
    code: grpcCode.unimplemented,
    details: "unknown method Nope for service etcdserverpb.KV",
  });
  assert.deepEqual(await call("/nope.Nope/Range"), {
    code: grpcCode.unimplemented,
    details: "unknown service nope.Nope",
  });
});

test("what is not gRPC is refused with the HTTP status for it", async () => {
  const { address } = await start();
  const wrongType = await rawCall(address, { "content-type": "application/json" }, Buffer.from("{}"));
  assert.deepEqual(
    [wrongType.httpStatus, wrongType.code, wrongType.details],
    [415, grpcCode.invalidArgument, 'invalid gRPC request content-type "application/json"'],
  );
  const wrongMethod = await rawCall(address, { ":method": "PUT" }, null);
  assert.deepEqual([wrongMethod.httpStatus, wrongMethod.code], [405, grpcCode.internal]);
  const wrongTimeout = await rawCall(address, { "grpc-timeout": "soon" }, null);
  assert.deepEqual([wrongTimeout.httpStatus, wrongTimeout.code], [400, grpcCode.internal]);
  const withSuffix = await rawCall(
    address,
    { "content-type": "application/grpc+proto" },
    frameOf(pb.encodeRangeRequest(pb.newRangeRequest({ key }))),
  );
  assert.equal(withSuffix.code, grpcCode.ok);
});

test("bytes that are no message, or no whole one, fail that call only", async () => {
  const { client, address } = await start();
  const malformed = await client.failure({ ...kv.Put, encodeRequest: () => Buffer.from([0xff, 0xff]) }, put(""));
  assert.equal(malformed.code, grpcCode.internal);
  assert.match(malformed.details, /^grpc: error unmarshalling request: /);

  const cutShort = await rawCall(address, {}, Buffer.from([0, 0, 0, 0, 9, 1]));
  assert.deepEqual([cutShort.code, cutShort.details], [grpcCode.internal, "unexpected EOF"]);
  const empty = await rawCall(address, {}, null);
  assert.equal(empty.code, grpcCode.internal);
  const badFlag = await rawCall(address, {}, Buffer.from([7, 0, 0, 0, 0]));
  assert.equal(badFlag.details, "grpc: received unexpected payload format 7");

  const stream = client.bidi({ ...watch.Watch, encodeRequest: () => Buffer.from([0xff]) });
  stream.send(createWatch({ key }));
  const { code, details } = await stream.status;
  assert.equal(code, grpcCode.internal);
  assert.match(details, /^grpc: failed to unmarshal the received message: /);

  await client.unary(kv.Put, put("still there"));
});

test("a request over the limit is refused, up to the limit it is not", async () => {
  const limit = 100_000;
  const { client } = await start({ messageBytesMax: limit });
  const overhead = pb.encodePutRequest(put(Buffer.alloc(60_000))).length - 60_000;
  await client.unary(kv.Put, put(Buffer.alloc(limit - overhead)));
  assert.deepEqual(await client.failure(kv.Put, put(Buffer.alloc(limit - overhead + 1))), {
    code: grpcCode.resourceExhausted,
    details: `grpc: received message larger than max (${limit + 1} vs. ${limit})`,
  });
  await client.unary(kv.Put, put("still there"));
});

test("an answer has no limit", async () => {
  const { client } = await start();
  const value = Buffer.alloc(1_000_000, "v");
  for (let i = 0; i < 8; i++) await client.unary(kv.Put, pb.newPutRequest({ key: bytes(`big${i}`), value }));
  const big = new TestClient(servers.at(-1)!.address, { "grpc.max_receive_message_length": -1 });
  const { kvs } = await big.unary(kv.Range, pb.newRangeRequest({ key: bytes("big"), rangeEnd: bytes("bih") }));
  assert.equal(kvs.length, 8);
  assert.ok(kvs.every((each) => Buffer.compare(each.value, value) === 0));
  big.close();
});

test("compressed requests are read; unknown encodings are refused", async () => {
  const { address, port } = await start();
  const frame = frameOf(gzipSync(pb.encodePutRequest(put("compressed"))));
  frame[0] = 1;
  const headers = { ":path": kv.Put.path };
  assert.equal((await rawCall(address, { ...headers, "grpc-encoding": "gzip" }, frame)).code, grpcCode.ok);
  assert.equal(Buffer.from(port.kvs.get("key")!.value).toString(), "compressed");
  const unknown = await rawCall(address, { ...headers, "grpc-encoding": "snappy" }, frame);
  assert.deepEqual(
    [unknown.code, unknown.details],
    [grpcCode.unimplemented, 'grpc: Decompressor is not installed for grpc-encoding "snappy"'],
  );
});

test("a deadline ends the call and its wait in the member", async () => {
  const { address, port } = await start();
  const request = frameOf(pb.encodePutRequest(pb.newPutRequest({ key: bytes(port.stuckKey) })));
  const late = await rawCall(address, { ":path": kv.Put.path, "grpc-timeout": "50m" }, request);
  assert.deepEqual([late.code, late.details], [grpcCode.deadlineExceeded, "context deadline exceeded"]);
  assert.ok(port.lastOptions!.signal!.aborted);
});

test("a cancelled call ends its wait in the member", async () => {
  const { client, port } = await start();
  const controller = new AbortController();
  const failure = client.failure(kv.Put, pb.newPutRequest({ key: bytes(port.stuckKey) }), {
    signal: controller.signal,
  });
  await until(() => port.lastOptions !== undefined);
  const { signal } = port.lastOptions!;
  assert.ok(!signal!.aborted);
  controller.abort();
  assert.equal((await failure).code, grpcCode.canceled);
  await until(() => signal!.aborted);
});

test("a connection that breaks ends its calls", async () => {
  const { address, port, stats } = await start();
  const session = http2.connect(`http://${address}`);
  const stream = session.request({
    ":method": "POST",
    ":path": watch.Watch.path,
    "content-type": "application/grpc",
  });
  stream.on("error", () => undefined);
  session.on("error", () => undefined);
  stream.write(frameOf(pb.encodeWatchRequest(createWatch({ key }))));
  await until(() => port.streams.size === 1);
  session.destroy();
  await until(() => port.streams.size === 0);
  const method = stats.methods.find((each) => each.method === "Watch" && each.service === "etcdserverpb.Watch")!;
  assert.deepEqual([method.started, method.handled[grpcCode.canceled]], [1, 1]);
});

test("checks before the handler, in etcd's order: learner, client version, leader", async () => {
  const { client, member } = await start();
  const range = pb.newRangeRequest({ key });
  const call = (metadata: Record<string, string>) => client.failure(kv.Range, range, { metadata });

  member.leader = false;
  assert.equal((await call({ hasleader: "true" })).details, "etcdserver: no leader");
  await client.unary(kv.Range, range, { metadata: { hasleader: "false" } });
  member.learner = true;
  assert.equal((await call({ hasleader: "true" })).details, "etcdserver: rpc not supported for learner");
  member.leader = true;

  // A learner serves what it knows by itself.
  await client.unary(kv.Range, pb.newRangeRequest({ key, serializable: true }));
  await client.unary(maintenance.Status, pb.newStatusRequest());
  const snapshot = client.serverStream(maintenance.Snapshot, pb.newSnapshotRequest());
  assert.equal((await snapshot.next()).blob.length, 10);
  assert.deepEqual(await client.bidi(watch.Watch).status, {
    code: grpcCode.failedPrecondition,
    details: "etcdserver: rpc not supported for learner",
  });
});

test("a client version must be UTF-8", async () => {
  const { address, stats } = await start();
  const request = frameOf(pb.encodeRangeRequest(pb.newRangeRequest({ key })));
  const call = (version: string) => rawCall(address, { "client-api-version": version }, request);
  assert.equal((await call("3.6")).code, grpcCode.ok);
  assert.equal((await call("\xc3\xa4")).code, grpcCode.ok);
  assert.deepEqual((await call("\xff")).details, "etcdserver: invalid client api version");
  assert.deepEqual(
    [...stats.clientRequests()].map(({ type, version, count }) => [type, version, count]),
    [
      ["unary", "3.6", 1],
      ["unary", "\xc3\xa4", 1],
    ],
  );
});

test("streams that want a leader end at the third election without one", async () => {
  const { client, member } = await start({ electionTimeoutMs: 40 });
  const wanting = client.bidi(watch.Watch, { hasleader: "true" });
  wanting.send(createWatch({ key }));
  await wanting.next();
  const other = client.bidi(watch.Watch);
  other.send(createWatch({ key }));
  await other.next();

  member.leader = false;
  assert.deepEqual(await wanting.status, { code: grpcCode.unavailable, details: "etcdserver: no leader" });
  assert.deepEqual(await client.bidi(watch.Watch, { hasleader: "true" }).status, {
    code: grpcCode.unavailable,
    details: "etcdserver: no leader",
  });
  await client.unary(kv.Put, put("unwatched by the first"));
  assert.equal((await other.next()).events.length, 1);
  other.cancel();
});

test("watches share a stream; a half-closed stream still delivers", async () => {
  const { client } = await start();
  const stream = client.bidi(watch.Watch);
  stream.send(createWatch({ key }));
  stream.send(createWatch({ key: bytes("other") }));
  assert.deepEqual([(await stream.next()).watchId, (await stream.next()).watchId], [0n, 1n]);
  stream.call.end();
  await pause(50);
  await client.unary(kv.Put, put("one"));
  await client.unary(kv.Put, pb.newPutRequest({ key: bytes("other") }));
  assert.deepEqual([(await stream.next()).watchId, (await stream.next()).watchId], [0n, 1n]);
  stream.cancel();
});

test("renewals are answered in order, and an unknown lease by a zero", async () => {
  const { client, port } = await start();
  const { id } = await client.unary(lease.LeaseGrant, pb.newLeaseGrantRequest({ ttl: 30 }));
  const stream = client.bidi(lease.LeaseKeepAlive);
  const ids = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? id : BigInt(i)));
  let open = (): void => undefined;
  port.renewalGate = new Promise((resolve) => (open = resolve));
  for (const each of ids) stream.send(pb.newLeaseKeepAliveRequest({ id: each }));
  await pause(50);
  open();
  for (const each of ids) {
    const { id: answered, ttl } = await stream.next();
    assert.deepEqual([answered, ttl], [each, each === id ? 30 : 0]);
  }
  stream.call.end();
  assert.equal((await stream.status).code, grpcCode.ok);
});

test("a renewal that fails ends the stream, after the answers before it", async () => {
  const { client } = await start();
  const stream = client.bidi(lease.LeaseKeepAlive);
  stream.send(pb.newLeaseKeepAliveRequest({ id: 5n }));
  stream.send(pb.newLeaseKeepAliveRequest({ id: -1n }));
  stream.send(pb.newLeaseKeepAliveRequest({ id: 6n }));
  assert.equal((await stream.next()).id, 5n);
  assert.deepEqual(await stream.status, { code: grpcCode.unknown, details: "not a primary lessor" });
});

test("a range may come in chunks, and a snapshot in blobs", async () => {
  const { client } = await start();
  for (const name of ["a", "b", "c"]) await client.unary(kv.Put, pb.newPutRequest({ key: bytes(name) }));
  const range = client.serverStream(kv.RangeStream, pb.newRangeRequest({ key: bytes("a"), rangeEnd: bytes("z") }));
  for (const name of ["a", "b", "c"]) {
    assert.equal(Buffer.from((await range.next()).rangeResponse!.kvs[0]!.key).toString(), name);
  }
  assert.equal((await range.next()).rangeResponse!.count, 3);
  assert.equal((await range.status).code, grpcCode.ok);

  const snapshot = client.serverStream(maintenance.Snapshot, pb.newSnapshotRequest());
  assert.deepEqual([(await snapshot.next()).blob.length, (await snapshot.next()).blob.length], [10, 20]);
  assert.equal((await snapshot.status).code, grpcCode.ok);
});

test("a client that does not read its watch is held back, and catches up later", async () => {
  const { address, port } = await start();
  const session = http2.connect(`http://${address}`);
  const stream = session.request({
    ":method": "POST",
    ":path": watch.Watch.path,
    "content-type": "application/grpc",
  });
  stream.pause();
  stream.write(frameOf(pb.encodeWatchRequest(createWatch({ key }))));
  await until(() => port.streams.size === 1);
  const [watchStream] = port.streams;

  const value = Buffer.alloc(50_000, "v");
  const puts = 200;
  for (let i = 0; i < puts; i++) await port.put(put(value));
  await until(() => watchStream!.waiting.length > 0);
  const held = watchStream!.waiting.length;
  // 64 KiB are on their way to the client, 256 KiB and one response may wait in the stream.
  assert.ok(held > puts - 20, `only ${held} of ${puts} responses were held back`);

  let received = 0;
  stream.on("data", (chunk: Buffer) => (received += chunk.length));
  stream.resume();
  await until(() => received > puts * value.length);
  assert.equal(watchStream!.waiting.length, 0);
  session.destroy();
});

test("a client that asks and does not read is not read", async () => {
  const { address, port } = await start();
  const session = http2.connect(`http://${address}`, { maxSessionMemory: 1000 });
  const stream = session.request({
    ":method": "POST",
    ":path": watch.Watch.path,
    "content-type": "application/grpc",
  });
  stream.pause();
  const request = frameOf(pb.encodeWatchRequest(createWatch({ key: Buffer.alloc(100, "k") })));
  const batch = Buffer.concat(Array.from({ length: 1000 }, () => request));
  const batches = 100;
  for (let i = 0; i < batches; i++) stream.write(batch);
  await until(() => port.streams.size === 1);
  await pause(500);
  const [watchStream] = port.streams;
  const created = watchStream!.created;
  assert.ok(created < (batches * 1000) / 2, `${created} creates were read from a client that reads no answer`);
  stream.resume();
  await until(() => watchStream!.created === batches * 1000);
  session.destroy();
});

test("a stop ends streams with Unavailable, lets calls finish, and is quick", async () => {
  const server = await startRpcServer();
  const { client, port } = server;
  const watching = client.bidi(watch.Watch);
  watching.send(createWatch({ key }));
  await watching.next();
  const renewing = client.bidi(lease.LeaseKeepAlive);
  renewing.send(pb.newLeaseKeepAliveRequest({ id: 1n }));
  await renewing.next();
  const stuck = client.failure(kv.Put, pb.newPutRequest({ key: bytes(port.stuckKey) }));
  await until(() => port.lastOptions !== undefined);

  const startedAtMs = performance.now();
  const stopped = server.stop(200);
  const unavailable = { code: grpcCode.unavailable, details: "etcdserver: server stopped" };
  assert.deepEqual(await watching.status, unavailable);
  assert.deepEqual(await renewing.status, unavailable);
  await stopped;
  assert.ok(performance.now() - startedAtMs < 2000);
  assert.notEqual((await stuck).code, grpcCode.ok);
});

test("a client that pings all the time is sent away with ENHANCE_YOUR_CALM", async () => {
  const { address } = await start();
  const session = http2.connect(`http://${address}`);
  session.on("error", () => undefined);
  await once(session, "connect");
  const goaway = once(session, "goaway") as Promise<[number, number, Buffer]>;
  for (let i = 0; i < 4; i++) session.ping(() => undefined);
  const [code, , data] = await goaway;
  assert.equal(code, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.equal(data.toString(), "too_many_pings");
});

test("a client that pings once per round trip of a long answer, as gRPC clients do, stays", async () => {
  const { address, client } = await start();
  await client.unary(kv.Put, put(Buffer.alloc(1024 * 1024)));
  const session = http2.connect(`http://${address}`);
  session.on("error", () => undefined);
  let goaways = 0;
  session.on("goaway", () => goaways++);
  const stream = session.request({ ":method": "POST", ":path": kv.Range.path, "content-type": "application/grpc" });
  let [received, pings, isPinging] = [0, 0, false];
  stream.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (isPinging) return;
    isPinging = true;
    pings++;
    session.ping(() => (isPinging = false));
  });
  stream.end(frameOf(pb.encodeRangeRequest(pb.newRangeRequest({ key }))));
  await once(stream, "close");
  session.close();
  assert.ok(pings > 5, `${pings} pings are too few to show anything`);
  assert.ok(received > 1024 * 1024, `only ${received} bytes came`);
  assert.equal(goaways, 0);
});

test("a silent connection is pinged, and closed if it does not answer", async () => {
  const { address } = await start({ pingIntervalMs: 50, pingTimeoutMs: 100 });
  const session = http2.connect(`http://${address}`);
  session.on("error", () => undefined);
  await once(session, "connect");
  await once(session, "ping");
  await pause(300);
  assert.ok(!session.closed && !session.destroyed, "a client that answers pings stays");
  session.destroy();

  // This one says its settings, acknowledges the server's, and nothing more.
  const mute = connectRaw(address);
  const startedAtMs = performance.now();
  mute.write(`${PREFACE}\0\0\0\x04\0\0\0\0\0`);
  await once(mute, "data");
  mute.write("\0\0\0\x04\x01\0\0\0\0");
  await once(mute, "close");
  assert.ok(performance.now() - startedAtMs >= 100);
});

test("a connection that never says its settings is closed", async () => {
  const { address } = await start({ handshakeTimeoutMs: 50 });
  const socket = connectRaw(address);
  socket.write(PREFACE);
  await once(socket, "close");
});

test("a request whose authority is a URL, as etcd 3.4's clients send it, is answered", async () => {
  const { address } = await start();
  for (const authority of ["http://127.0.0.1:2379", "https://etcd.example.com:2379", "127.0.0.1:2379"]) {
    for (const waits of [false, true]) {
      const session = http2.connect(`http://${address}`);
      // Go's clients ask when they know the server's settings, others at once.
      if (waits) await once(session, "remoteSettings");
      for (let call = 0; call < 2; call++) {
        const headers = { ":method": "POST", ":path": kv.Range.path, ":authority": authority };
        const stream = session.request({ ...headers, "content-type": "application/grpc" });
        let trailers: http2.IncomingHttpHeaders = {};
        stream.on("trailers", (received: http2.IncomingHttpHeaders) => (trailers = received));
        stream.resume();
        stream.end(frameOf(pb.encodeRangeRequest(pb.newRangeRequest({ key }))));
        await once(stream, "close");
        assert.equal(trailers["grpc-status"], "0", `${authority}, call ${call}, ${waits ? "later" : "at once"}`);
      }
      session.close();
    }
  }
});

test("a connection that asks nothing for a while is served when it asks, and one that is let down is gone", async () => {
  const { address, stop } = await start();
  const session = http2.connect(`http://${address}`);
  session.on("error", () => undefined);
  await once(session, "remoteSettings");
  await pause(1200);
  const stream = session.request({ ":method": "POST", ":path": kv.Range.path, "content-type": "application/grpc" });
  const [trailers] = (await Promise.all([
    once(stream, "trailers"),
    once(stream.resume().end(frameOf(pb.encodeRangeRequest(pb.newRangeRequest({ key })))), "close"),
  ])) as [[http2.IncomingHttpHeaders], unknown];
  assert.equal(trailers[0]["grpc-status"], "0");
  session.close();

  const idle = connectRaw(address);
  idle.write(`${PREFACE}\0\0\0\x04\0\0\0\0\0`);
  await once(idle, "data");
  const gone = once(idle, "close");
  await stop(100);
  await gone;
});

test("auth answers as an etcd without users, whose auth is off", async () => {
  const { client } = await start();
  const status = await client.unary(auth.AuthStatus, pb.newAuthStatusRequest());
  assert.deepEqual([status.enabled, status.authRevision, status.header!.memberId], [false, 1, 9n]);
  assert.ok((await client.unary(auth.AuthDisable, pb.newAuthDisableRequest())).header);
  assert.deepEqual((await client.unary(auth.UserList, pb.newAuthUserListRequest())).users, []);
  assert.deepEqual((await client.unary(auth.RoleList, pb.newAuthRoleListRequest())).roles, []);
  const texts = [
    (await client.failure(auth.AuthEnable, pb.newAuthEnableRequest())).details,
    (await client.failure(auth.Authenticate, pb.newAuthenticateRequest({ name: "root" }))).details,
    (await client.failure(auth.UserGet, pb.newAuthUserGetRequest({ name: "a" }))).details,
    (await client.failure(auth.RoleGet, pb.newAuthRoleGetRequest({ role: "a" }))).details,
  ];
  assert.deepEqual(texts, [
    "etcdserver: root user does not exist",
    "etcdserver: authentication is not enabled",
    "etcdserver: user name not found",
    "etcdserver: role name not found",
  ]);
  assert.equal((await client.failure(auth.UserAdd, pb.newAuthUserAddRequest())).code, grpcCode.unimplemented);
});

test("members are listed; they cannot be changed yet, and that is said", async () => {
  const { client } = await start();
  const { members } = await client.unary(cluster.MemberList, pb.newMemberListRequest());
  assert.deepEqual(members[0]!.clientUrls, ["http://localhost:2379"]);
  const failure = await client.failure(cluster.MemberAdd, pb.newMemberAddRequest());
  assert.equal(failure.code, grpcCode.unimplemented);
  assert.match(failure.details, /MemberAdd is not implemented/);
});

test("health knows the server as a whole and nothing else", async () => {
  const { client } = await start();
  const { SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;
  assert.equal((await client.unary(health.Check, newHealthCheckRequest())).status, SERVING);
  assert.deepEqual(await client.failure(health.Check, newHealthCheckRequest({ service: "etcdserverpb.KV" })), {
    code: grpcCode.notFound,
    details: "unknown service",
  });
  const watching = client.serverStream(health.Watch, newHealthCheckRequest());
  assert.equal((await watching.next()).status, SERVING);
  const unknown = client.serverStream(health.Watch, newHealthCheckRequest({ service: "x" }));
  assert.equal((await unknown.next()).status, SERVICE_UNKNOWN);
  watching.cancel();
  unknown.cancel();
});

for (const stopsServiceOnDefrag of [true, false]) {
  test(`while the store is defragmented, health ${stopsServiceOnDefrag ? "says so" : "does not care"}`, async () => {
    const { client, port } = await start({ stopsServiceOnDefrag });
    const { SERVING, NOT_SERVING } = HealthCheckResponse_ServingStatus;
    const check = async () => (await client.unary(health.Check, newHealthCheckRequest())).status;
    const watching = client.serverStream(health.Watch, newHealthCheckRequest());
    assert.equal((await watching.next()).status, SERVING);
    let end!: (outcome: Promise<void>) => void;
    port.defragmenting = new Promise((resolve) => (end = resolve));
    const defragmented = client.failure(maintenance.Defragment, pb.newDefragmentRequest());
    if (stopsServiceOnDefrag) {
      assert.equal((await watching.next()).status, NOT_SERVING);
      assert.equal(await check(), NOT_SERVING);
    } else {
      assert.equal(await check(), SERVING);
    }
    // Also one that fails is over.
    end(Promise.reject(new Error("disk")));
    await defragmented;
    if (stopsServiceOnDefrag) assert.equal((await watching.next()).status, SERVING);
    assert.equal(await check(), SERVING);
    watching.cancel();
  });
}

test("calls are counted by method and code", async () => {
  const { client, stats } = await start();
  await client.unary(kv.Put, put("1"));
  await client.unary(kv.Put, put("2"));
  await client.failure(kv.Put, pb.newPutRequest());
  const method = stats.methods.find((each) => each.method === "Put")!;
  assert.deepEqual(
    [method.started, method.messagesReceived, method.messagesSent, method.handled[0], method.handled[3]],
    [3, 3, 2, 2, 1],
  );
  assert.ok(stats.receivedBytes > 0 && stats.sentBytes > 0);
});
