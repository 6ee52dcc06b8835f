import assert from "node:assert/strict";
import { createServer } from "node:net";
import { spawn } from "node:child_process";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually, ScriptedEtcd } from "../../../test/support/scripted-etcd.ts";
import { EtcdError } from "../errors.ts";
import { grpcCode } from "../rpc/status.ts";
import {
  newLeaseGrantRequest,
  newLeaseGrantResponse,
  newPutRequest,
  newPutResponse,
  newRangeRequest,
  newRangeResponse,
  newRangeStreamResponse,
  newResponseHeader,
  newSnapshotResponse,
  newTxnRequest,
  newTxnResponse,
  RangeRequest_SortTarget,
  type PutResponse,
  type RangeRequest,
  type RangeResponse,
} from "../wire/etcdserverpb.ts";
import { newKeyValue } from "../wire/mvccpb.ts";
import { services } from "../wire/services.ts";
import { EtcdClient, type EtcdClientOptions } from "./etcd-client.ts";
import { TransportError } from "./transport-error.ts";

const kv = services["etcdserverpb.KV"];
const key = Buffer.from("k");

async function serve(t: TestContext, script: (server: ScriptedEtcd) => void, port?: number): Promise<ScriptedEtcd> {
  const server = new ScriptedEtcd();
  script(server);
  await server.listen(port);
  t.after(() => server.stop());
  return server;
}

function connect(t: TestContext, ...servers: readonly { readonly endpoint: string }[]): EtcdClient {
  return connectWith(t, { endpoints: servers.map((server) => server.endpoint) });
}

function connectWith(t: TestContext, options: EtcdClientOptions): EtcdClient {
  const client = new EtcdClient(options);
  t.after(() => client.close());
  return client;
}

/** A port where nobody listens, and where nobody will unless the test does. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

test("every call says which client API it speaks", async (t) => {
  const seen: unknown[] = [];
  const server = await serve(t, (script) =>
    script.unary(kv.Range, (_, metadata) => {
      seen.push(metadata.get("client-api-version"), metadata.get("hasleader"));
      return newRangeResponse();
    }),
  );
  await connect(t, server).range(newRangeRequest({ key }));
  assert.deepEqual(seen, [["3.6"], []]);
});

test("a text of etcd's table is an EtcdError, whatever its code; all else is a TransportError", async (t) => {
  const failures = [
    { code: grpcCode.outOfRange, details: "etcdserver: mvcc: required revision has been compacted" },
    { code: grpcCode.unknown, details: "etcdserver: too many requests" },
    { code: grpcCode.resourceExhausted, details: "Received message larger than max (3 vs. 2)" },
  ];
  const server = await serve(t, (script) =>
    script.unary(kv.Put, ({ value }) => Promise.reject(Object.assign(new Error(), failures[value[0]!]))),
  );
  const client = connect(t, server);
  const put = (index: number): Promise<unknown> => client.put(newPutRequest({ key, value: Uint8Array.of(index) }));

  await assert.rejects(put(0), (error) => error instanceof EtcdError && error.code === "compacted");
  await assert.rejects(put(1), (error) => error instanceof EtcdError && error.code === "tooManyRequests");
  await assert.rejects(put(2), (error) => {
    assert(error instanceof TransportError);
    assert.equal(error.code, grpcCode.resourceExhausted);
    assert.equal(error.details, "Received message larger than max (3 vs. 2)");
    assert.equal(error.message, `rpc error: code = ResourceExhausted desc = ${error.details}`);
    return true;
  });
});

test("a request that gRPC does not carry is too large, as etcd says of one that is smaller", async (t) => {
  const details = "grpc: received message larger than max (3 vs. 2)";
  const server = await serve(t, (script) =>
    script.unary(kv.Put, () =>
      Promise.reject(Object.assign(new Error(), { code: grpcCode.resourceExhausted, details })),
    ),
  );
  const isTooLarge = (error: unknown): boolean => error instanceof EtcdError && error.code === "requestTooLarge";
  await assert.rejects(connect(t, server).put(newPutRequest({ key })), isTooLarge);
  const narrow = connectWith(t, { endpoints: [server.endpoint], requestBytesMax: 100 });
  await assert.rejects(narrow.put(newPutRequest({ key, value: Buffer.alloc(100) })), isTooLarge);
});

test("calls go round over the endpoints that are connected", async (t) => {
  const counts = [0, 0, 0];
  const servers = await Promise.all(
    counts.map((_, index) =>
      serve(t, (script) =>
        script.unary(kv.Range, () => {
          counts[index]!++;
          return newRangeResponse();
        }),
      ),
    ),
  );
  const client = connect(t, ...servers);
  const round = async (): Promise<readonly number[]> => {
    counts.fill(0);
    for (let call = 0; call < 9; call++) await client.range(newRangeRequest({ key }));
    return counts;
  };
  /** Connections come and go in their own time; then the rounds must be as expected. */
  const settlesAt = async (expected: (counts: readonly number[]) => boolean): Promise<void> => {
    for (let attempt = 0; attempt < 200 && !expected(await round()); attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert(expected(counts), `settled at ${counts.join(", ")}`);
  };
  await settlesAt((each) => each.every((count) => count === 3));
  servers[1]!.stop();
  await settlesAt(([first, second, third]) => second === 0 && first! >= 4 && third! >= 4);
});

test("a read is repeated while a member is unavailable, a write that may have arrived is not", async (t) => {
  let reads = 0;
  let writes = 0;
  const unavailable = { code: grpcCode.unavailable, details: "etcdserver: leader changed" };
  const server = await serve(t, (script) =>
    script
      .unary(kv.Range, () => {
        if (++reads < 4) throw Object.assign(new Error(), unavailable);
        return newRangeResponse({ count: 7 });
      })
      .unary(kv.Txn, () => {
        writes++;
        throw Object.assign(new Error(), unavailable);
      }),
  );
  const client = connect(t, server);
  assert.equal((await client.range(newRangeRequest({ key }))).count, 7);
  assert.equal(reads, 4);
  await assert.rejects(
    client.txn(newTxnRequest()),
    (error) => error instanceof EtcdError && error.code === "leaderChanged",
  );
  assert.equal(writes, 1);
});

test("a write whose connection breaks fails at once: it may have arrived", async (t) => {
  let puts = 0;
  const broken: ScriptedEtcd = await serve(t, (script) =>
    script.unary(kv.Put, () => {
      puts++;
      setTimeout(() => broken.stop(), 10);
      return new Promise<PutResponse>(() => undefined);
    }),
  );
  const other = await serve(t, (script) =>
    script.unary(kv.Put, () => {
      puts++;
      return newPutResponse();
    }),
  );
  const client = connect(t, broken);
  await assert.rejects(client.put(newPutRequest({ key })), (error) => {
    return error instanceof TransportError && error.code === grpcCode.unavailable;
  });
  assert.equal(puts, 1);
  await connect(t, other).put(newPutRequest({ key }));
  assert.equal(puts, 2);
});

test("a lease is granted again when the first answer was Unavailable, as etcd's client does", async (t) => {
  let grants = 0;
  const server = await serve(t, (script) =>
    script.unary(services["etcdserverpb.Lease"].LeaseGrant, () => {
      if (++grants < 2)
        throw Object.assign(new Error(), { code: grpcCode.unavailable, details: "etcdserver: no leader" });
      return newLeaseGrantResponse({ id: 5n });
    }),
  );
  assert.equal((await connect(t, server).leaseGrant(newLeaseGrantRequest({ ttl: 5 }))).id, 5n);
});

test("repeating stops after 100 attempts", async (t) => {
  let reads = 0;
  const server = await serve(t, (script) =>
    script.unary(kv.Range, () => {
      reads++;
      throw Object.assign(new Error(), { code: grpcCode.unavailable, details: "busy" });
    }),
  );
  await assert.rejects(
    connect(t, server).range(newRangeRequest({ key })),
    (error) => error instanceof TransportError && error.code === grpcCode.unavailable,
  );
  assert.equal(reads, 100);
});

test("a write waits for the first connection, since nothing was sent yet, and is sent once", async (t) => {
  const port = await freePort();
  const client = connectWith(t, { endpoints: [`127.0.0.1:${port}`] });
  let puts = 0;
  const put = client.put(newPutRequest({ key }));
  await new Promise((resolve) => setTimeout(resolve, 150));
  await serve(
    t,
    (script) =>
      script.unary(kv.Put, () => {
        puts++;
        return newPutResponse();
      }),
    port,
  );
  await put;
  assert.equal(puts, 1);
});

test("a member that comes back is used again", async (t) => {
  const answer = (script: ScriptedEtcd): ScriptedEtcd => script.unary(kv.Range, () => newRangeResponse());
  const first = await serve(t, answer);
  const client = connect(t, first);
  await client.range(newRangeRequest({ key }));
  first.stop();
  const read = client.range(newRangeRequest({ key }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await serve(t, answer, first.port);
  await read;
});

test("a deadline ends a call that is not answered, and one that finds no connection", async (t) => {
  const silent = await serve(t, (script) => script.unary(kv.Range, () => new Promise<RangeResponse>(() => undefined)));
  const isDeadline = (error: unknown): boolean =>
    error instanceof TransportError &&
    error.code === grpcCode.deadlineExceeded &&
    error.details === "context deadline exceeded";

  const startMs = Date.now();
  await assert.rejects(connect(t, silent).range(newRangeRequest({ key }), { timeoutMs: 100 }), isDeadline);
  const nobody = { endpoints: [`127.0.0.1:${await freePort()}`], callTimeoutMs: 100 };
  await assert.rejects(connectWith(t, nobody).put(newPutRequest({ key })), isDeadline);
  assert(Date.now() - startMs < 3_000);
});

test("an abort ends the wait with its reason, and the server hears of it", async (t) => {
  let cancelled = false;
  const server = new ScriptedEtcd().serverStream(services["etcdserverpb.Maintenance"].Snapshot, (call) => {
    call.on("cancelled", () => (cancelled = true));
  });
  server.unary(kv.Range, () => new Promise<RangeResponse>(() => undefined));
  await server.listen();
  t.after(() => server.stop());
  const client = connect(t, server);
  const reason = new Error("enough");
  const waiting = new AbortController();
  const range = client.range(newRangeRequest({ key }), { signal: waiting.signal });
  const snapshot = client.snapshot({ signal: waiting.signal }).next();
  setTimeout(() => waiting.abort(reason), 100);
  await assert.rejects(range, reason);
  await assert.rejects(snapshot, reason);
  await eventually(() => cancelled, "the cancel");
  await assert.rejects(client.range(newRangeRequest({ key }), { signal: AbortSignal.abort(reason) }), reason);
});

test("RangeStream hands on the chunks as they come", async (t) => {
  const server = await serve(t, (script) =>
    script.serverStream(kv.RangeStream, (call) => {
      call.write(newRangeStreamResponse({ rangeResponse: newRangeResponse({ kvs: [newKeyValue({ key })] }) }));
      call.write(
        newRangeStreamResponse({ rangeResponse: newRangeResponse({ count: 1, header: newResponseHeader() }) }),
      );
      call.end();
    }),
  );
  const chunks = [];
  for await (const chunk of connect(t, server).rangeStream(newRangeRequest({ key }))) {
    chunks.push([chunk.kvs.length, chunk.count, chunk.header !== null]);
  }
  assert.deepEqual(chunks, [
    [1, 0, false],
    [0, 1, true],
  ]);
});

/** A store of `size` keys that answers Range by etcd's rules for plain key order, at a revision that runs away. */
function pagingStore(size: number, seen: RangeRequest[]): (request: RangeRequest) => RangeResponse {
  const all = Array.from({ length: size }, (_, index) =>
    newKeyValue({ key: Buffer.from(String(index).padStart(5, "0")) }),
  );
  return (request) => {
    seen.push(request);
    const within = all.filter(({ key: one }) => Buffer.compare(one, request.key) >= 0);
    const kvs = request.limit > 0 ? within.slice(0, request.limit) : within;
    const header = newResponseHeader({ revision: 40 + seen.length });
    return newRangeResponse({ header, kvs, more: kvs.length < within.length, count: within.length });
  };
}

test("without RangeStream the range is read in pages, all at the revision of the first", async (t) => {
  const seen: RangeRequest[] = [];
  const server = await serve(t, (script) => script.unary(kv.Range, pagingStore(3_500, seen)));
  const client = connect(t, server);
  const all = newRangeRequest({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) });

  const chunks: RangeResponse[] = [];
  for await (const chunk of client.rangeStream(all)) chunks.push(chunk);
  assert.deepEqual(
    chunks.map(({ kvs, count, more, header }) => [kvs.length, count, more, header?.revision]),
    [
      [1000, 0, false, undefined],
      [2000, 0, false, undefined],
      [500, 3500, false, 41],
    ],
  );
  const keys = chunks.flatMap(({ kvs }) => kvs.map((one) => Buffer.from(one.key).toString()));
  assert.equal(new Set(keys).size, 3_500);
  assert.deepEqual(
    seen.map(({ revision }) => revision),
    [0, 41, 41],
  );

  const limited: RangeResponse[] = [];
  for await (const chunk of client.rangeStream({ ...all, limit: 1_200 })) limited.push(chunk);
  assert.deepEqual(
    limited.map(({ kvs, more }) => [kvs.length, more]),
    [
      [1000, false],
      [200, true],
    ],
  );
  const sorted = client.rangeStream({ ...all, sortTarget: RangeRequest_SortTarget.MOD });
  await assert.rejects(sorted.next(), (error) => error instanceof EtcdError && error.code === "rangeStreamSort");
});

test("pages of large pairs become smaller, and large again behind them", async (t) => {
  const seen: RangeRequest[] = [];
  const paging = pagingStore(5_000, []);
  const server = await serve(t, (script) =>
    script.unary(kv.Range, (request) => {
      seen.push(request);
      const response = paging(request);
      if (seen.length <= 2) for (const pair of response.kvs) pair.value = Buffer.alloc(3_000);
      else for (const pair of response.kvs) pair.value = Buffer.alloc(0);
      return response;
    }),
  );
  const all = newRangeRequest({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) });
  let keys = 0;
  for await (const { kvs } of connect(t, server).rangeStream(all)) keys += kvs.length;
  assert.equal(keys, 5_000);
  assert.deepEqual(
    seen.map(({ limit }) => limit),
    [1000, 500, 500, 1000, 2000],
  );
});

test("a snapshot that breaks off throws behind the blobs that came", async (t) => {
  const server = await serve(t, (script) =>
    script.serverStream(services["etcdserverpb.Maintenance"].Snapshot, (call) => {
      call.write(newSnapshotResponse({ blob: Buffer.from("part") }));
      call.emit("error", { code: grpcCode.unavailable, details: "etcdserver: server stopped" });
    }),
  );
  const blobs: string[] = [];
  await assert.rejects(
    async () => {
      for await (const { blob } of connect(t, server).snapshot()) blobs.push(Buffer.from(blob).toString());
    },
    (error) => error instanceof EtcdError && error.code === "stopped",
  );
  assert.deepEqual(blobs, ["part"]);
});

test("close ends what is in flight, and may be called twice", async (t) => {
  const server = await serve(t, (script) => {
    script.unary(kv.Range, () => new Promise<RangeResponse>(() => undefined));
    script.unary(kv.Txn, () => newTxnResponse());
    script.duplex(services["etcdserverpb.Watch"].Watch, () => undefined);
    script.duplex(services["etcdserverpb.Lease"].LeaseKeepAlive, () => undefined);
  });
  const client = connect(t, server);
  await client.txn(newTxnRequest());
  const ends: (Error | undefined)[] = [];
  client.watch({ write: () => true, end: (error) => ends.push(error) });
  const range = client.range(newRangeRequest({ key }));
  const renewal = client.leaseKeepAlive({ id: 1n });
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.close();
  client.close();
  await assert.rejects(range, TransportError);
  await assert.rejects(renewal, TransportError);
  assert.deepEqual(ends, [undefined]);
  await assert.rejects(client.range(newRangeRequest({ key })), TransportError);
});

test("a process with a closed client ends by itself", async (t) => {
  const server = await serve(t, (script) => {
    script.unary(kv.Put, () => newPutResponse());
    script.duplex(services["etcdserverpb.Watch"].Watch, () => undefined);
  });
  const program = `
    import { EtcdClient } from ${JSON.stringify(fileURLToPath(new URL("etcd-client.ts", import.meta.url)))};
    const client = new EtcdClient({ endpoints: [${JSON.stringify(server.endpoint)}, "127.0.0.1:1"] });
    const put = { key: Buffer.from("k"), value: Buffer.of(), lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false };
    await client.put(put);
    client.watch({ write: () => true, end: () => undefined }).request({ requestUnion: { case: "progressRequest", value: {} } });
    const lost = client.leaseKeepAlive({ id: 1n }).catch(() => undefined);
    client.close();
    await lost;
  `;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const code = await new Promise((resolve) => child.on("exit", resolve));
  clearTimeout(timer);
  assert.equal(code, 0);
});
