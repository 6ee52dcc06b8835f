/** What no client should send: each gets ZooKeeper's error or a closed connection, and a client beside it notices nothing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import fc from "fast-check";
import { anyRequest, opNames, requestArbitrary } from "../../support/zk-arbitrary.ts";
import { Bystander } from "../../support/zk-bystander.ts";
import { fourLetterWord, type Reply, ZkClient } from "../../support/zk-client.ts";
import { etcdClientOf, startScratchZk, type ZkInProcess } from "../../support/zk-in-process.ts";
import { JuteIn, JuteOut } from "../../support/zk-jute.ts";
import {
  type ClientAcl,
  encodeConnectRequest,
  encodeRequestBody,
  type Member,
  openAcl,
  operations,
  type OpName,
  type RequestFields,
} from "../../support/zk-records.ts";

/** Of addWatch. */
const PERSISTENT = 0;
const EPHEMERAL = 1;
const SEQUENTIAL = 2;
const CONNECTIONS_MAX = 60;
const FRAME_BYTES_MAX = 1_048_575;
const MIB = 1024 * 1024;
const marshallingError = -5;
const flags = [
  ...["--zk-tick-time", "100", "--zk-max-session-timeout", "60000", "--zk-4lw-commands-whitelist", "*"],
  ...["--zk-max-client-cnxns", String(CONNECTIONS_MAX), "--zk-nio-sessionless-cnxn-timeout", "1000"],
];

describe("bad input to the ZooKeeper door", { timeout: 120_000 }, () => {
  let server: ZkInProcess;
  let bystander: Bystander;
  /** Says nothing from the first moment on; the last test sees what became of it. */
  let mute: ZkClient;

  before(async () => {
    server = await startScratchZk(flags);
    bystander = await Bystander.start(server.port, "/bystander");
    mute = await ZkClient.open({ port: server.port });
  });

  after(async () => {
    await bystander.end();
    await server.stop();
  });

  // Whatever it was, the server goes on, and nobody else was hurt.
  afterEach(() => bystander.check());

  const connect = (timeoutMs = 30_000): Promise<ZkClient> => ZkClient.connect({ port: server.port, timeoutMs });
  const open = (): Promise<ZkClient> => ZkClient.open({ port: server.port });
  const errorOf = async (path: string): Promise<number> => (await bystander.client.call("exists", { path })).err;
  /** A figure of `mntr`; waits for a place among the connections. */
  const figure = async (name: string): Promise<number> => {
    let text = "";
    while (text === "") text = await fourLetterWord(server, "mntr").catch(() => "");
    const line = new RegExp(`^zk_${name}\t(\\d+)`, "m").exec(text);
    assert.ok(line !== null, `mntr says nothing of ${name}`);
    return Number(line[1]);
  };
  /** Until the server has noticed that connections were dropped: the bystander, the mute one and the word's own stay. */
  const untilFewConnections = async (): Promise<void> => {
    while ((await figure("num_alive_connections")) > 3) await pause(10);
  };

  test("lengths that no frame has close the connection without a word", async () => {
    for (const length of [0, -1, -2, -0x8000_0000, FRAME_BYTES_MAX + 1, 0x7fff_ffff]) {
      const first = await open();
      first.write(int(length));
      first.write(encodeConnectRequest({}));
      await first.closedInSilence();
      const client = await connect();
      client.write(int(length));
      await client.closedInSilence();
      assert.deepEqual(client.events, [], `length ${length}`);
    }
  });

  test("the longest frame is taken, one byte more is not", async () => {
    const client = await connect();
    const others = encodeRequestBody("create", { path: "/long", data: "" }).length + 8;
    const data = Buffer.alloc(FRAME_BYTES_MAX - others, 7);
    await client.ok("create", { path: "/long", data });
    assert.equal((await client.ok("exists", { path: "/long" })).stat.dataLength, data.length);
    await assert.rejects(client.call("create", { path: "/longer", data: Buffer.alloc(data.length + 1) }));
    assert.equal(client.isClosed, true);
  });

  test("frames without a whole header close the connection", async () => {
    for (let length = 1; length < 8; length++) {
      const client = await connect();
      client.writeFrame(Buffer.alloc(length, 1));
      await client.closedInSilence();
      assert.deepEqual(client.events, []);
    }
  });

  test("a connect request cut at any byte opens no session, whole it opens one", async () => {
    const whole = encodeConnectRequest({ timeoutMs: 200 });
    const sessions = await figure("global_sessions");
    for (let cut = 1; cut < whole.length; cut++) {
      // The frame is whole, and too short. Without its last byte it is what old clients send.
      const client = await open();
      if (cut < whole.length - 1) {
        client.writeFrame(whole.subarray(0, cut));
        await client.closedInSilence();
      } else assert.ok((await client.handshake({ timeoutMs: 200, readOnly: null }))!.timeoutMs > 0);
      client.drop();
      // The frame is cut, and no more of it comes.
      const other = await open();
      other.write(Buffer.concat([int(whole.length), whole.subarray(0, cut)]));
      other.endWriting();
      await other.closedInSilence();
    }
    assert.ok((await figure("global_sessions")) <= sessions + 1);
  });

  test("requests that come in two parts, cut at any byte, are requests", async () => {
    const socket = connectSocket({ port: server.port, host: "127.0.0.1" });
    await once(socket, "connect");
    const client = new CuttingClient(socket);
    const length = 4 + 8 + encodeRequestBody("setData", { path: "/cut", data: "cut" }).length;
    client.cutAt = 3;
    assert.ok(((await client.handshake({ timeoutMs: 30_000 }))?.timeoutMs ?? 0) > 0);
    await client.ok("create", { path: "/cut" });
    for (let cut = 1; cut < length; cut++) {
      client.cutAt = cut;
      const { stat } = await client.ok("setData", { path: "/cut", data: "cut" });
      assert.equal(stat.version, cut);
    }
    client.drop();
  });

  test("requests that end at any byte too early do nothing", async () => {
    const body = encodeRequestBody("create", { path: "/never", data: "data" });
    const payload = Buffer.concat([int(1), int(operations.create.opCode), body]);
    const frame = Buffer.concat([int(payload.length), payload]);
    for (let cut = 1; cut < frame.length; cut += 1) {
      const client = await connect(200);
      client.write(frame.subarray(0, cut));
      // One half says that it ends, the other half is gone at once.
      if (cut % 2 === 0) client.endWriting();
      else setImmediate(() => client.drop());
      await client.closed;
    }
    assert.equal(await errorOf("/never"), -101);
    await untilFewConnections();
  });

  test("records that end at any byte too early are malformed, and the connection goes on", async () => {
    const client = await connect();
    const waits: Promise<void>[] = [];
    for (const [op, fields] of samples) {
      const body = encodeRequestBody(op, fields as never);
      for (let cut = 0; cut < body.length; cut++) {
        const reply = client.request(operations[op].opCode, body.subarray(0, cut));
        waits.push(reply.then(({ err }) => assert.equal(err, marshallingError, `${op} cut at ${cut}`)));
      }
    }
    await Promise.all(waits);
    assert.equal((await client.call("exists", { path: "/never" })).err, -101);
    client.drop();
    const bodies = [
      encodeRequestBody("auth", { scheme: "digest", auth: "a:b" }),
      encodeRequestBody("sasl", { token: "" }),
    ];
    for (const [at, body] of bodies.entries()) {
      const proving = await connect();
      await assert.rejects(proving.request([100, 102][at]!, body.subarray(0, body.length - 1)));
    }
  });

  test("counts and lengths that claim more than there is are malformed", async () => {
    const client = await connect();
    const huge = [0x7fff_ffff, 0x1000_0000, -2, -0x8000_0000];
    for (const count of huge) {
      const vectors = new JuteOut().long(0).int(count).int(0).int(0).bytes();
      const create = new JuteOut().buffer("/never").buffer("").int(count).int(0).bytes();
      const path = new JuteOut().int(count).int(0).int(0).bytes();
      const requests = [
        [operations.create.opCode, create],
        [operations.create.opCode, path],
        [operations.getData.opCode, path],
      ] as const;
      for (const [opCode, body] of requests) {
        const { err } = await client.request(opCode, body);
        // A negative count is null to ZooKeeper: no list, no path.
        assert.ok(count < 0 ? err < 0 : err === marshallingError, `${opCode} with ${count}: ${err}`);
      }
      if (count > 0) assert.equal((await client.request(operations.setWatches.opCode, vectors)).err, marshallingError);
    }
    client.drop();
  });

  test("operations that nobody knows are answered, and end the connection", async () => {
    for (const opCode of [-10, -1, 0, 10, 13, 23, 99, 108, 1000, 0x7fff_ffff, -0x8000_0000]) {
      const client = await connect(200);
      const reply = await client.request(opCode, encodeRequestBody("exists", { path: "/" }), { xid: 77 });
      assert.deepEqual(
        { xid: reply.xid, zxid: reply.zxid, err: reply.err },
        { xid: 77, zxid: -1, err: -6 },
        `${opCode}`,
      );
      await client.closed;
    }
  });

  test("the removal of a container, which is the server's own, is refused, and a login by SASL comes to nothing", async () => {
    const client = await connect();
    await client.ok("createContainer", { path: "/container", flags: 4 });
    assert.equal((await client.call("deleteContainer", { path: "/container" })).err, -6);
    assert.deepEqual(await client.ok("sasl", { token: "PLAIN" }), { token: null });
    await client.ok("delete", { path: "/container" });
    client.drop();
  });

  test("a change of the ensemble is refused, in other words where it is enabled", async () => {
    const refusalOf = async ({ port }: ZkInProcess): Promise<number> => {
      const client = await ZkClient.connect({ port, timeoutMs: 30_000 });
      const fields = { joiningServers: null, leavingServers: "1", newMembers: null, curConfigId: -1 };
      const { err } = await client.call("reconfig", fields);
      await client.close();
      return err;
    };
    const enabled = await startScratchZk(["--zk-reconfig-enabled"]);
    const refusals = [await refusalOf(server), await refusalOf(enabled)];
    await enabled.stop();
    assert.deepEqual(refusals, [-123, -6]);
  });

  test("multis with members that none may have", async () => {
    const client = await connect();
    const first: Member = { op: "create", path: "/never" };
    for (const opCode of [-11, 0, 3, 6, 7, 9, 11, 12, 14, 16, 20, 22, 23, 101, 0x7fff_ffff]) {
      const members: Member[] = [first, { op: "raw", opCode, body: encodeRequestBody("exists", { path: "/" }) }];
      const reply = await client.call("multi", { members });
      assert.equal(reply.err, marshallingError, `member ${opCode}`);
    }
    const mixed = await client.call("multi", { members: [first, { op: "getData", path: "/" }] });
    assert.equal(mixed.err, marshallingError);
    const noEnd = encodeRequestBody("multi", { members: [first] }).subarray(0, -9);
    assert.equal((await client.request(operations.multi.opCode, noEnd)).err, marshallingError);
    assert.equal((await client.request(operations.multi.opCode, Buffer.alloc(0))).err, marshallingError);
    assert.deepEqual((await client.ok("multi", { members: [] })).results, []);
    // Many members, the last of which fails.
    const many = Array.from({ length: 5000 }, (_, at): Member => ({ op: "create", path: `/never${at}` }));
    const { results } = await client.ok("multi", { members: [...many, { op: "delete", path: "/absent" }] });
    assert.equal(results.length, 5001);
    assert.equal(results.at(-1)?.err, -101);
    assert.equal(await errorOf("/never0"), -101);
    client.drop();
  });

  test("paths that are none", async () => {
    const client = await connect();
    const raw = (text: Uint8Array): Buffer => {
      const out = new JuteOut().buffer(text).buffer("").int(1).int(31).buffer("world").buffer("anyone").int(0);
      return out.bytes();
    };
    const belowNothing = ["/a//b", "/a/", "/a/./b", "/a/../b"];
    const texts = ["", "a", "//", "//a", "/.", "/..", "/\u0000", "/a\u0001", "/zookeeper/"];
    const codePoints = ["/\u007f", "/\u009f", "/\ud800", "/\ue000", "/\uf8ff", "/\ufff0", "/\u{1f600}"];
    for (const path of [...texts, ...codePoints, ...belowNothing]) {
      // ZooKeeper looks for the parent first.
      const err = belowNothing.includes(path) ? -101 : -8;
      assert.equal((await client.call("create", { path })).err, err, JSON.stringify(path));
      assert.ok((await client.call("setData", { path })).err < 0, JSON.stringify(path));
      assert.ok((await client.call("delete", { path })).err < 0, JSON.stringify(path));
      if (path !== "") assert.ok((await client.call("getData", { path })).err < 0, JSON.stringify(path));
    }
    const bytes = ["2fff", "2fc3", "2fe282", "2fc080", "2feda080", "2ff4908080", "2f80", "2ffe", "fffe"];
    for (const hex of bytes) {
      assert.equal((await client.request(operations.create.opCode, raw(Buffer.from(hex, "hex")))).err, -8, hex);
    }
    const deep = "/x".repeat(200_000);
    assert.equal((await client.call("create", { path: deep })).err, -101);
    assert.equal((await client.call("exists", { path: deep, watch: true })).err, -101);
    assert.deepEqual(
      (await client.ok("getChildren", { path: "/" })).children.filter((name) => /[^\w-]/.test(name)),
      [],
    );
    client.drop();
  });

  test("access lists that make no sense", async () => {
    const client = await connect();
    const entry = (scheme: string | null, id: string | null, perms = 31): ClientAcl => ({ perms, scheme, id });
    const lists: [string, readonly ClientAcl[] | null, number][] = [
      ["null", null, -114],
      ["empty", [], -114],
      ["unknown scheme", [entry("nope", "x")], -114],
      ["empty scheme", [entry("", "")], -114],
      ["null scheme", [entry(null, "x")], -114],
      ["null id", [entry("digest", null)], marshallingError],
      ["world, somebody", [entry("world", "somebody")], -114],
      ["digest without a colon", [entry("digest", "nocolon")], -114],
      ["no address", [entry("ip", "300.1.1.1")], -114],
      ["a mask too long", [entry("ip", "10.0.0.0/33")], -114],
      ["auth of nobody", [entry("auth", "")], -114],
      ["good and bad", [...openAcl, entry("nope", "x")], -114],
    ];
    for (const [what, acl, err] of lists) {
      assert.equal((await client.call("create", { path: "/never", acl })).err, err, what);
      assert.equal((await client.call("setAcl", { path: "/bystander", acl })).err, err, what);
    }
    const wide = Array.from({ length: 5000 }, (_, at) => entry("ip", `10.1.${at >> 8}.${at & 255}`));
    await client.ok("create", { path: "/wide", acl: [...wide, ...openAcl] });
    assert.equal((await client.ok("getAcl", { path: "/wide" })).acl.length, 5001);
    await client.ok("delete", { path: "/wide" });
    client.drop();
  });

  test("wrong passwords, sessions that never were, and a zxid from the future", async () => {
    const { sessionId, password } = await connect();
    const wrong = [
      null,
      Buffer.alloc(0),
      Buffer.alloc(16),
      password.subarray(0, 15),
      Buffer.concat([password, Buffer.of(0)]),
    ];
    for (const given of wrong) {
      const thief = await open();
      const reply = await thief.handshake({ sessionId, password: given });
      assert.deepEqual(
        { timeoutMs: reply?.timeoutMs, sessionId: reply?.sessionId, password: reply?.password },
        { timeoutMs: 0, sessionId: 0n, password: Buffer.alloc(16) },
      );
      await thief.closed;
    }
    for (const unknown of [1n, -1n, sessionId + 1n, 1n << 63n, (1n << 63n) - 1n]) {
      const stranger = await open();
      const reply = await stranger.handshake({ sessionId: BigInt.asIntN(64, unknown), password });
      assert.equal(reply?.timeoutMs, 0);
      await stranger.closed;
    }
    for (const lastZxidSeen of [1_000_000_000, 0x7fff_ffff_ffff_ffffn]) {
      const traveller = await open();
      assert.equal(await traveller.handshake({ lastZxidSeen, sessionId, password }), null);
    }
    const owner = await open();
    assert.ok(((await owner.handshake({ sessionId, password, timeoutMs: -5, lastZxidSeen: -1 }))?.timeoutMs ?? 0) > 0);
    owner.drop();
  });

  test("a proof that proves nothing ends the connection, and authenticating again and again does not", async () => {
    for (const scheme of ["nope", "world", "auth", "super", "sasl", "", null]) {
      const client = await connect(200);
      assert.equal((await client.call("auth", { scheme, auth: "x" })).err, -115, `${scheme}`);
      await client.closed;
    }
    const client = await connect();
    for (let round = 0; round < 500; round++) await client.ok("auth", { scheme: "digest", auth: `user${round % 5}:x` });
    assert.equal((await client.ok("whoAmI", {})).identities.length, 6);
    client.drop();
  });

  test("requests with any of their bytes wrong", async () => {
    // Together they make a fuzzer: whole requests of all kinds, then a few bytes of each put in, taken out or replaced.
    const mutation = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom("put", "cut", "set"),
      byte: fc.nat({ max: 255 }),
    });
    const mutated = fc.record({
      // What ends a connection comes seldom, or nothing would come behind it.
      request: fc.oneof({ weight: 30, arbitrary: fc.oneof(...lasting) }, { weight: 1, arbitrary: anyRequest }),
      mutations: fc.array(mutation, { maxLength: 4 }),
      opCode: fc.oneof(
        { weight: 40, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.integer({ min: -12, max: 110 }) },
      ),
    });
    let answered = 0;
    let ended = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(mutated, { minLength: 20, maxLength: 60 }), async (requests) => {
        const client = await connect(200);
        const outcomes = await Promise.allSettled(
          requests.map(({ request, mutations, opCode }) => {
            const body = mutations.reduce(mutate, encodeRequestBody(request.op, request.fields as never));
            return client.request(opCode ?? operations[request.op].opCode, body);
          }),
        );
        for (const outcome of outcomes) {
          if (outcome.status === "fulfilled") answered++;
          // The server may close, but it breaks no rule of the protocol, and nothing is left without an answer.
          else {
            ended++;
            assert.match(String(outcome.reason), /closed by the server|ECONNRESET|EPIPE/);
          }
        }
        client.drop();
      }),
      { numRuns: 40 },
    );
    assert.ok(answered > 500 && ended > 10, `${answered} answered, ${ended} not`);
    await untilFewConnections();
  });

  test("more connections than one address may have", async () => {
    await untilFewConnections();
    const clients = await Promise.all(Array.from({ length: CONNECTIONS_MAX + 20 }, open));
    const replies = await Promise.all(clients.map((client) => client.handshake({ timeoutMs: 30_000 })));
    const served = replies.filter((reply) => reply !== null).length;
    // The bystander and the mute one have their places, and the words before perhaps still theirs.
    assert.ok(served < CONNECTIONS_MAX && served > CONNECTIONS_MAX - 6, `${served} were served`);
    for (const client of clients) client.drop();
    await untilFewConnections();
    const again = await connect(200);
    await again.close();
  });

  test("connects and drops by the thousand leave nothing behind", async () => {
    const etcd = etcdClientOf(server);
    const sessionsBefore = await figure("global_sessions");
    for (let round = 0; round < 20; round++) {
      const clients = await Promise.all(Array.from({ length: 50 }, open));
      await Promise.all(
        clients.map(async (client, at) => {
          if (at % 4 === 0) client.drop();
          const answer = client.handshake({ timeoutMs: 200 });
          if (at % 4 === 1) setImmediate(() => client.drop());
          await answer;
          if (at % 4 === 2) void client.call("create", { path: "/gone-", flags: EPHEMERAL + SEQUENTIAL });
          if (at % 4 === 3) await client.call("create", { path: "/gone-", flags: EPHEMERAL + SEQUENTIAL });
          client.drop();
        }),
      );
      await untilFewConnections();
    }
    // Their sessions expire, and take ephemerals and leases with them.
    const untilMs = Date.now() + 30_000;
    for (;;) {
      const { leases } = await etcd.leaseLeases();
      const sessions = await figure("global_sessions");
      const ephemerals = await figure("ephemerals_count");
      if (sessions <= sessionsBefore && leases.length <= sessionsBefore && ephemerals === 0) break;
      assert.ok(Date.now() < untilMs, `${sessions} sessions, ${leases.length} leases, ${ephemerals} ephemerals`);
      await pause(50);
    }
    etcd.close();
  });

  test("ten thousand watches of one client", async () => {
    const client = await connect();
    const paths = Array.from({ length: 10_000 }, (_, at) => `/watched/${at}`);
    // Each of them twice, which makes no difference.
    const watches = [...paths, ...paths].map((path) => client.call("exists", { path, watch: true }));
    for (const { err } of await Promise.all(watches)) assert.equal(err, -101);
    assert.match(await fourLetterWord(server, "wchs"), /Total watches:10000/);
    await bystander.client.ok("create", { path: "/watched" });
    const some = paths.filter((_, at) => at % 50 === 0);
    const creates = some.map((path): Member => ({ op: "create", path }));
    await bystander.client.ok("multi", { members: creates });
    for (const path of some) {
      const event = await client.nextEvent();
      assert.deepEqual([event.type, event.path], [1, path]);
    }
    // All that are left at once, then none at all.
    const relativeZxid = client.lastZxidSeen;
    await client.ok("setWatches", { relativeZxid, data: some, exist: paths.slice(0, 2000), child: some });
    client.drop();
    await untilFewConnections();
    assert.match(await fourLetterWord(server, "wchs"), /Total watches:0/);
  });

  test("five thousand requests at once are answered in their order, not taken all at once", async () => {
    const client = await connect();
    await client.ok("create", { path: "/piped", data: "0" });
    await client.ok("create", { path: "/parent" });
    let outstandingMax = 0;
    const requests = Array.from({ length: 5000 }, (_, at): Promise<Reply<unknown>> => {
      switch (at % 5) {
        case 0:
          return client.call("setData", { path: "/piped", data: String(at) });
        case 1:
          return client.call("getData", { path: "/piped" });
        case 2:
          return client.call("create", { path: "/parent/n-", flags: SEQUENTIAL });
        case 3:
          return client.call("ping", {});
        default:
          return client.call("exists", { path: "/parent" });
      }
    });
    const all = Promise.all(requests);
    let isDone = false;
    const watching = (async () => {
      while (!isDone) {
        outstandingMax = Math.max(outstandingMax, await figure("outstanding_requests"));
        await pause(5);
      }
    })();
    const replies = await all;
    isDone = true;
    await watching;
    let version = 0;
    let created = 0;
    for (const [at, { err, raw }] of replies.entries()) {
      assert.equal(err, 0);
      // What was written before is what is read.
      if (at % 5 === 0) assert.equal(statOf(raw).version, ++version);
      if (at % 5 === 1) assert.equal(new JuteIn(raw).buffer()?.toString(), String(at - 1));
      if (at % 5 === 2) assert.equal(new JuteIn(raw).text(), `/parent/n-${String(created++).padStart(10, "0")}`);
      if (at % 5 === 4) assert.equal(statOf(raw).numChildren, created);
    }
    assert.ok(outstandingMax <= 1010, `${outstandingMax} requests were under way`);
    client.drop();
  });

  /** How much more memory is taken while the bystander is served a while, in MiB. */
  const grownBy = async (before: number): Promise<number> => {
    let grown = 0;
    for (let round = 0; round < 20; round++) {
      await bystander.check();
      grown = Math.max(grown, Math.round((memory() - before) / MIB));
    }
    return grown;
  };

  for (const isCached of [false, true]) {
    const what = isCached ? "in memory" : "in the store";
    test(`a client that asks for much that is ${what} and reads nothing is read no more`, async () => {
      const client = await ZkClient.connect({ port: server.port, timeoutMs: 30_000, keepLog: false });
      await client.ok("create", { path: "/large", data: Buffer.alloc(500_000) });
      if (isCached) await client.ok("getData", { path: "/large" });
      client.pause();
      const before = memory();
      // Four gigabytes of answers, if they were given.
      for (let round = 0; round < 8000; round++) void client.call("getData", { path: "/large" });
      const grown = await grownBy(before);
      assert.ok(grown < 50, `${grown} MiB more for a client that does not read`);
      assert.equal(client.outstanding, 8000);
      assert.equal(client.isClosed, false);
      client.drop();
      await bystander.client.ok("delete", { path: "/large" });
      await untilFewConnections();
    });
  }

  test("a client that reads late gets all that it asked for, however large, and also behind a write", async () => {
    const client = await ZkClient.connect({ port: server.port, timeoutMs: 30_000, keepLog: false });
    const paths = Array.from({ length: 20 }, (_, at) => `/large-${at}`);
    for (const [at, path] of paths.entries()) await client.ok("create", { path, data: Buffer.alloc(400_000, at) });
    client.pause();
    const before = memory();
    // All of the reads have their turn at once, when the write is done.
    const write = client.call("setData", { path: "/large-0", data: "short" });
    const reads = Array.from({ length: 400 }, (_, at) => client.call("getData", { path: paths[at % 20]! }));
    const grown = await grownBy(before);
    assert.ok(grown < 50, `${grown} MiB more for a client that does not read`);
    // What is written meanwhile is not in what was read before.
    await bystander.client.ok("setData", { path: "/large-1", data: "later" });
    client.resume();
    const { zxid } = await write;
    for (const [at, reply] of (await Promise.all(reads)).entries()) {
      assert.equal(reply.err, 0);
      const data = new JuteIn(reply.raw).buffer();
      if (at === 0) assert.equal(data?.toString(), "short");
      if (at === 1) assert.equal(data?.length, 400_000);
      if (at > 1 && at < 20) assert.deepEqual([data?.length, data?.[0]], [400_000, at]);
      assert.ok(reply.zxid >= zxid);
    }
    for (const path of paths) await client.ok("delete", { path });
    await client.close();
  });

  test("a multiRead has an answer of sixteen frames, or none", async () => {
    const client = await ZkClient.connect({ port: server.port, timeoutMs: 30_000, keepLog: false });
    await client.ok("create", { path: "/large", data: Buffer.alloc(500_000) });
    const members = (count: number): Member[] =>
      Array.from({ length: count }, () => ({ op: "getData", path: "/large" }));
    for (const isCached of [false, true]) {
      if (isCached) await client.ok("getData", { path: "/large" });
      const { results } = await client.ok("multiRead", { members: members(33) });
      assert.equal(results.length, 33);
      assert.equal((await client.call("multiRead", { members: members(34) })).err, marshallingError);
    }
    // Twenty gigabytes.
    assert.equal((await client.call("multiRead", { members: members(40_000) })).err, marshallingError);
    await client.ok("delete", { path: "/large" });
    await client.close();
  });

  test("a client that does not read its events is closed when they are too many", async () => {
    // It goes on to ping, so that its session does not end before, however slow the machine is.
    const client = await ZkClient.connect({
      port: server.port,
      timeoutMs: 60_000,
      pingEveryMs: 2000,
      replyWithinMs: 600_000,
    });
    const writer = await connect(60_000);
    const path = `/${"e".repeat(4000)}`;
    await writer.ok("create", { path });
    await client.ok("addWatch", { path, mode: PERSISTENT });
    client.pause();
    const { sessionId } = client;
    const name = `0x${sessionId.toString(16)}`;
    assert.ok((await fourLetterWord(server, "cons")).includes(name));
    // 800 KB of events in each: the server may keep 64 MiB, and the systems' buffers hold some.
    const members = Array.from({ length: 200 }, (_, at): Member => ({ op: "setData", path, data: String(at) }));
    const before = memory();
    let rounds = 0;
    while ((await fourLetterWord(server, "cons")).includes(name)) {
      assert.ok(++rounds < 200, "nobody closed it");
      await writer.ok("multi", { members });
    }
    assert.ok(rounds > 60, `closed after ${rounds} multis already`);
    assert.ok(memory() - before < 400 * MIB, `${Math.round((memory() - before) / MIB)} MiB more`);
    client.resume();
    await client.closed;
    // Its session goes on: it may come back and read.
    const again = await client.reattach({ port: server.port });
    await again.close();
    await writer.close();
  });

  test("a connection that says nothing is closed in the end", async () => {
    await mute.closedInSilence();
  });
});

/** A request of each kind, for records to be cut. */
const samples: readonly (readonly [OpName, RequestFields[OpName]])[] = [
  ["create", { path: "/never", data: "data" }],
  ["create2", { path: "/never", data: "data" }],
  ["createContainer", { path: "/never", data: "data", flags: 4 }],
  ["createTtl", { path: "/never", data: "data", flags: 5, ttl: 100 }],
  ["delete", { path: "/never" }],
  ["exists", { path: "/never" }],
  ["getData", { path: "/never" }],
  ["setData", { path: "/never", data: "x" }],
  ["getAcl", { path: "/never" }],
  ["setAcl", { path: "/never", acl: openAcl }],
  ["getChildren", { path: "/never" }],
  ["getChildren2", { path: "/never" }],
  ["getAllChildrenNumber", { path: "/never" }],
  ["getEphemerals", { prefix: "/never" }],
  ["sync", { path: "/never" }],
  [
    "multi",
    {
      members: [
        { op: "create", path: "/never" },
        { op: "setData", path: "/never", data: "x" },
      ],
    },
  ],
  ["multiRead", { members: [{ op: "getData", path: "/never" }] }],
  ["reconfig", { joiningServers: "a", leavingServers: "b", newMembers: "c", curConfigId: -1 }],
  ["checkWatches", { path: "/never", type: 1 }],
  ["removeWatches", { path: "/never", type: 1 }],
  ["addWatch", { path: "/never", mode: 0 }],
  ["setWatches", { relativeZxid: 1, data: ["/never"], exist: ["/never"], child: ["/never"] }],
  ["setWatches2", { relativeZxid: 1, data: ["/never"], persistent: ["/never"], recursive: ["/never"] }],
];

/** Requests after which a connection goes on, however the bytes of most of them come. */
const lasting = opNames
  .filter((op) => !["check", "auth", "sasl", "closeSession"].includes(op))
  .map((op) => requestArbitrary(op));

/** Sends each frame in two parts, which the system does not join. */
class CuttingClient extends ZkClient {
  cutAt = 1;

  override writeFrame(payload: Uint8Array): void {
    const frame = Buffer.concat([int(payload.length), payload]);
    this.write(frame.subarray(0, this.cutAt));
    setTimeout(() => this.write(frame.subarray(this.cutAt)), 1);
  }
}

function mutate(
  bytes: Buffer,
  { at, kind, byte }: { readonly at: number; readonly kind: string; readonly byte: number },
): Buffer {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
  if (kind === "put") return Buffer.concat([head, Buffer.of(byte), tail]);
  return kind === "cut" ? head : Buffer.concat([head, Buffer.of(byte), tail.subarray(1)]);
}

/** Version and number of children, of the stat at the end of a reply. */
function statOf(raw: Buffer): { readonly version: number; readonly numChildren: number } {
  const at = raw.length - 68;
  return { version: raw.readInt32BE(at + 32), numChildren: raw.readInt32BE(at + 56) };
}

/** What the process holds besides its code: the test's clients are in it, too. */
function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
