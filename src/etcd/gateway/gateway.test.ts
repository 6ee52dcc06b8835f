/** The HTTP side as its clients see it, over real sockets, with a fake member behind it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { after, test } from "node:test";
import { type EdgeServer, startEdgeServer } from "../../../test/edge/edge-server.ts";
import { bytes } from "../../../test/edge/fake-port.ts";
import { kv } from "../../../test/edge/grpc-client.ts";
import { newPutRequest } from "../wire/etcdserverpb.ts";

const servers: EdgeServer[] = [];
after(async () => {
  for (const server of servers) await server.stop();
});

async function start(overrides: Parameters<typeof startEdgeServer>[0] = {}): Promise<EdgeServer> {
  const server = await startEdgeServer(overrides);
  servers.push(server);
  return server;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    assert.ok(waitedMs < 30_000, `not within 30 s: ${condition.toString()}`);
    await pause(5);
  }
}

async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: "POST", body, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const HEADER = `"header":{"cluster_id":"7","member_id":"9","revision":"2","raft_term":"2"}`;

test("a put and a range, as in etcd's manual", async () => {
  const { url } = await start();
  const put = await post(`${url}/v3/kv/put`, '{"key": "Zm9v", "value": "YmFy"}');
  assert.deepEqual([put.status, put.text], [200, `{${HEADER}}`]);
  assert.equal(put.headers.get("content-type"), "application/json");
  assert.equal(put.headers.get("grpc-metadata-content-type"), "application/grpc");

  const found = `{${HEADER},"kvs":[{"key":"Zm9v","create_revision":"2","mod_revision":"2","version":"1","value":"YmFy"}],"count":"1"}`;
  for (const path of ["/v3/kv/range", "/v3beta/kv/range"]) {
    assert.equal((await post(url + path, '{"key":"Zm9v"}')).text, found);
  }
  const form = { "content-type": "application/x-www-form-urlencoded" };
  assert.equal((await post(`${url}/v3/kv/range`, '{"key":"Zm9v"}', form)).text, found);
  assert.equal((await post(`${url}/v3/kv/range`, '{"key":"bm8="}')).text, `{${HEADER}}`);
});

test("methods with two paths, and an empty body as the empty message", async () => {
  const { url } = await start();
  assert.match((await post(`${url}/v3/lease/grant`, '{"TTL":600,"ID":"5"}')).text, /"ID":"5","TTL":"600"}$/);
  for (const path of ["/v3/lease/leases", "/v3/kv/lease/leases"]) {
    assert.match((await post(url + path, "")).text, /"leases":\[\{"ID":"5"\}\]/);
  }
  assert.match((await post(`${url}/v3/maintenance/status`, "{}")).text, /"version":"3\.6\.14".*"downgradeInfo":\{\}/);
  assert.match((await post(`${url}/v3/lock/lock`, '{"name":"bg=="}')).text, /"key":"bi8/);
});

test("errors have etcd's JSON and an HTTP status", async () => {
  const { url } = await start();
  const rows: [string, string, number, string][] = [
    ["/v3/kv/range", "{}", 400, '{"code":3,"message":"etcdserver: key is not provided"}'],
    [
      "/v3/kv/range",
      '{"key":"Zm9v","revision":"99"}',
      400,
      '{"code":11,"message":"etcdserver: mvcc: required revision is a future revision"}',
    ],
    ["/v3/lease/revoke", '{"ID":"404"}', 404, '{"code":5,"message":"etcdserver: requested lease not found"}'],
    ["/v3/maintenance/downgrade", "{}", 500, '{"code":2,"message":"etcdserver: unknown method"}'],
    ["/v3/kv/range", "{", 400, '{"code":3,"message":"unexpected EOF"}'],
    ["/v3/nope", "{}", 404, '{"code":5,"message":"Not Found"}'],
    ["/v3/kv/range/", "{}", 404, '{"code":5,"message":"Not Found"}'],
    ["/nope", "{}", 404, "404 page not found\n"],
  ];
  for (const [path, body, status, text] of rows) {
    const response = await post(url + path, body);
    assert.deepEqual([response.status, response.text], [status, text], path);
  }
  const wrongMethod = await fetch(`${url}/v3/kv/range`);
  assert.deepEqual([wrongMethod.status, await wrongMethod.text()], [501, '{"code":12,"message":"Method Not Allowed"}']);
});

test("metadata comes as headers", async () => {
  const { url, member } = await start();
  member.leader = false;
  const response = await post(`${url}/v3/kv/range`, '{"key":"Zm9v"}', { "Grpc-Metadata-Hasleader": "true" });
  assert.deepEqual([response.status, response.text], [503, '{"code":14,"message":"etcdserver: no leader"}']);
});

test("a deadline may be set", async () => {
  const { url, port } = await start();
  const body = JSON.stringify({ key: Buffer.from(port.stuckKey).toString("base64") });
  const late = await post(`${url}/v3/kv/put`, body, { "Grpc-Timeout": "50m" });
  assert.deepEqual([late.status, late.text], [504, '{"code":4,"message":"context deadline exceeded"}']);
  assert.ok(port.lastOptions!.signal!.aborted);
  const malformed = await post(`${url}/v3/kv/range`, '{"key":"Zm9v"}', { "Grpc-Timeout": "soon" });
  assert.deepEqual([malformed.status, malformed.text], [400, '{"code":3,"message":"invalid grpc-timeout: soon"}']);
});

test("a client that leaves ends its wait in the member", async () => {
  const { url, port } = await start();
  const body = JSON.stringify({ key: Buffer.from(port.stuckKey).toString("base64") });
  const controller = new AbortController();
  const left = fetch(`${url}/v3/kv/put`, { method: "POST", body, signal: controller.signal });
  await until(() => port.lastOptions !== undefined);
  const { signal } = port.lastOptions!;
  controller.abort();
  await assert.rejects(left);
  await until(() => signal!.aborted);
});

test("a body over the limit is refused; one up to it is not", async () => {
  const { url } = await start({ maxRequestBytes: 1000 });
  const value = (length: number): string => JSON.stringify({ key: "Zm9v", value: "A".repeat(length) });
  assert.equal((await post(`${url}/v3/kv/put`, value(600_000))).status, 200);
  const refused = await post(`${url}/v3/kv/put`, value(1_000_000));
  assert.equal(refused.status, 429);
  assert.match(
    refused.text,
    /^\{"code":8,"message":"grpc: received message larger than max \(10000\d\d vs\. 700384\)"\}$/,
  );
});

/** A streamed request whose response is read line by line. */
class LineStream {
  readonly request: http.ClientRequest;
  #buffer = "";
  readonly lines: string[] = [];
  status = 0;
  ended = false;

  constructor(url: string) {
    this.request = http.request(url, { method: "POST" });
    this.request.on("error", () => undefined);
    this.request.on("response", (response) => {
      this.status = response.statusCode ?? 0;
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        const parts = (this.#buffer + chunk).split("\n");
        this.#buffer = parts.pop()!;
        this.lines.push(...parts);
      });
      response.on("end", () => {
        if (this.#buffer !== "") this.lines.push(this.#buffer);
        this.ended = true;
      });
    });
  }

  async line(index: number): Promise<string> {
    await until(() => this.lines.length > index);
    return this.lines[index]!;
  }
}

test("a watch: requests are objects one after the other, responses are lines", async () => {
  const { url, client, port } = await start();
  const stream = new LineStream(`${url}/v3/watch`);
  stream.request.write('{"create_request":{"key":"Zm9v"}} {"create_requ');
  assert.equal(
    await stream.line(0),
    `{"result":{"header":{"cluster_id":"7","member_id":"9","revision":"1","raft_term":"2"},"created":true}}`,
  );
  stream.request.write('est":{"key":"YmFy"}}');
  assert.match(await stream.line(1), /"watch_id":"1","created":true/);
  await client.unary(kv.Put, newPutRequest({ key: bytes("foo"), value: bytes("v") }));
  assert.equal(
    await stream.line(2),
    `{"result":{${HEADER},"events":[{"kv":{"key":"Zm9v","create_revision":"2","mod_revision":"2","version":"1","value":"dg=="}}]}}`,
  );
  // The end of the requests is not the end of the watch.
  stream.request.end();
  await pause(50);
  await client.unary(kv.Put, newPutRequest({ key: bytes("bar") }));
  assert.match(await stream.line(3), /"watch_id":"1","events"/);
  stream.request.destroy();
  await until(() => port.streams.size === 0);
});

test("a stream ends when its requests make no sense", async () => {
  const { url } = await start();
  const early = new LineStream(`${url}/v3/watch`);
  early.request.end("{]");
  await until(() => early.ended);
  assert.deepEqual([early.status, early.lines.length], [400, 1]);
  assert.match(early.lines[0]!, /^\{"code":3,"message":"invalid character '\]'/);

  const late = new LineStream(`${url}/v3/watch`);
  late.request.write('{"create_request":{"key":"Zm9v"}}');
  await late.line(0);
  late.request.end('{"create_request":');
  await until(() => late.ended);
  assert.deepEqual([late.status, late.lines[1]], [200, '{"error":{"code":3,"message":"unexpected EOF"}}']);
});

test("renewals, a snapshot, an observed election", async () => {
  const { url } = await start();
  await post(`${url}/v3/lease/grant`, '{"TTL":600,"ID":"5"}');
  const renewed = await post(`${url}/v3/lease/keepalive`, '{"ID":"5"}{"ID":"6"}');
  assert.match(renewed.text, /"ID":"5","TTL":"600"}}\n.*"ID":"6"}}\n$/);
  const snapshot = await post(`${url}/v3/maintenance/snapshot`, "{}");
  assert.equal(
    snapshot.text,
    `{"result":{"blob":"AQEBAQEBAQEBAQ=="}}\n{"result":{"blob":"AgICAgICAgICAgICAgICAgICAgI="}}\n`,
  );
  const observed = new LineStream(`${url}/v3/election/observe`);
  observed.request.end('{"name":"bg=="}');
  await post(`${url}/v3/election/campaign`, '{"name":"bg==","lease":"5","value":"dg=="}');
  assert.match(await observed.line(0), /"value":"dg=="/);
  observed.request.destroy();
});

test("a client that does not read its watch is held back, and catches up later", async () => {
  const { url, port } = await start();
  const request = http.request(`${url}/v3/watch`, { method: "POST" });
  request.write('{"create_request":{"key":"Zm9v"}}');
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  response.pause();
  const [stream] = port.streams;
  const value = Buffer.alloc(100_000, "v");
  for (let i = 0; i < 300; i++) await port.put(newPutRequest({ key: bytes("foo"), value }));
  await until(() => stream!.waiting.length > 0);
  let received = 0;
  response.on("data", (chunk: Buffer) => (received += chunk.length));
  response.resume();
  await until(() => received > 300 * 100_000 && stream!.waiting.length === 0);
  request.destroy();
});

test("gRPC and HTTP share one port, on both loopback addresses; or have one each", async () => {
  const shared = await start();
  await shared.client.unary(kv.Put, newPutRequest({ key: bytes("foo") }));
  for (const address of shared.addresses) {
    assert.match((await post(`http://${address}/v3/kv/range`, '{"key":"Zm9v"}')).text, /"count":"1"/);
  }
  const split = await start({ splitsHttp: true });
  await split.client.unary(kv.Put, newPutRequest({ key: bytes("foo") }));
  await assert.rejects(fetch(`${split.url}/version`));
  assert.match((await post(`${split.httpUrl}/v3/kv/range`, '{"key":"Zm9v"}')).text, /"count":"1"/);
});

test("without the gateway its paths are not there", async () => {
  const { url } = await start({ enableGrpcGateway: false });
  const response = await post(`${url}/v3/kv/range`, "{}");
  assert.deepEqual([response.status, response.text], [404, "404 page not found\n"]);
  assert.equal((await fetch(`${url}/version`)).status, 200);
});

/** What a server says to these bytes until it closes. */
async function answerTo(address: string, content: string): Promise<string> {
  const [host, port] = address.split(":");
  const socket = net.connect(Number(port), host);
  socket.on("error", () => undefined);
  socket.setEncoding("latin1");
  let answer = "";
  socket.on("data", (chunk: string) => (answer += chunk));
  socket.write(content, "latin1");
  await once(socket, "close");
  return answer;
}

test("garbage gets a 400 or nothing, and the server goes on", async () => {
  const { address, url } = await start();
  assert.match(await answerTo(address, "GARBAGE\r\n\r\n"), /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(await answerTo(address, "GET / HTTP/9.9\r\n\r\n"), /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(
    await answerTo(address, "POST /v3/kv/put HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n"),
    /^HTTP\/1\.1 400 /,
  );
  assert.equal(await answerTo(address, "\x16\x03\x01"), "");
  // HTTP/2's preface with nonsense behind it: the connection ends, with or without a GOAWAY.
  await answerTo(address, `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"\xff".repeat(64)}`);
  assert.equal((await fetch(`${url}/version`)).status, 200);
});

test("who is late with the headers is told so and closed", async () => {
  const { address } = await start({ readHeaderTimeoutMs: 100 });
  assert.match(await answerTo(address, "GET / HTTP/1.1\r\nhost: x\r\n"), /^HTTP\/1\.1 408 /);
});

test("origins and host names may be restricted", async () => {
  const { url, address } = await start({ cors: ["http://good.example"], hostWhitelist: ["127.0.0.1"] });
  const ask = (origin: string, method = "GET") => fetch(`${url}/version`, { method, headers: { origin } });
  assert.equal((await ask("http://good.example")).headers.get("access-control-allow-origin"), "http://good.example");
  assert.equal((await ask("http://bad.example")).headers.get("access-control-allow-origin"), null);
  const preflight = await ask("http://good.example", "OPTIONS");
  assert.deepEqual(
    [preflight.status, preflight.headers.get("access-control-allow-methods")],
    [200, "POST, GET, OPTIONS, PUT, DELETE"],
  );
  const rebound = await answerTo(
    address,
    "GET /version HTTP/1.1\r\nhost: evil.example:2379\r\nconnection: close\r\n\r\n",
  );
  assert.match(rebound, /^HTTP\/1\.1 421 /);
  assert.match(rebound, /--host-whitelist "evil\.example"[^]*CVE-2018-5702/);

  const open = await start();
  assert.equal((await fetch(`${open.url}/version`)).headers.get("access-control-allow-origin"), "*");
});

test("a stop ends streams with a line that says so, and is quick", async () => {
  const server = await startEdgeServer();
  const stream = new LineStream(`${server.url}/v3/watch`);
  stream.request.write('{"create_request":{"key":"Zm9v"}}');
  await stream.line(0);
  // A connection that is only kept alive is in nobody's way.
  await fetch(`${server.url}/version`);
  const startedAtMs = performance.now();
  await server.stop();
  assert.ok(performance.now() - startedAtMs < 2000);
  assert.equal(await stream.line(1), '{"error":{"code":14,"message":"etcdserver: server stopped"}}');
});

test("a stop does not wait for a client that does not read", async () => {
  const server = await startEdgeServer();
  const request = http.request(`${server.url}/v3/watch`, { method: "POST" });
  request.on("error", () => undefined);
  request.write('{"create_request":{"key":"Zm9v"}}');
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  response.pause();
  response.on("error", () => undefined);
  const [stream] = server.port.streams;
  while (stream!.waiting.length === 0) {
    await server.port.put(newPutRequest({ key: bytes("foo"), value: Buffer.alloc(1_000_000) }));
  }
  const startedAtMs = performance.now();
  await server.stop();
  assert.ok(performance.now() - startedAtMs < 2000);
});
