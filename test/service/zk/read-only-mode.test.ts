/** ZooKeeper's read-only mode: whom a facade serves while it cannot reach its etcd, with what, and until when. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionEnded, fourLetterWord, ZkClient } from "../../support/zk-client.ts";
import { type CuttableFacade, startCuttableFacade } from "../../support/zk-in-process.ts";
import type { ConnectFields, ConnectReply } from "../../support/zk-records.ts";

const EPHEMERAL = 1;
const NOT_READ_ONLY = -119;
const UNIMPLEMENTED = -6;
const TICK_MS = 400;
const TIMEOUT_MS = 8000;
/** The shortest that the server allows. */
const SHORT_TIMEOUT_MS = 2 * TICK_MS;
const flags = ["--zk-tick-time", String(TICK_MS), "--zk-readonlymode-enabled", "--zk-4lw-commands-whitelist", "*"];

/** What ZooKeeper's read-only server refuses, by its numbers: create and its kin, delete, setData, setACL, sync, multi, reconfig. */
const refused = [1, 15, 19, 21, 2, 20, 5, 7, 9, 14, 16];

describe("a facade in read-only mode", { timeout: 120_000 }, () => {
  let facades: CuttableFacade;
  let port: number;
  /** Of before the mode began. */
  let owner: ZkClient;
  /** In the mode, from its beginning to its end. */
  let reader: ZkClient;

  before(async () => {
    facades = await startCuttableFacade(flags);
    ({ port } = facades.remote);
    owner = await ZkClient.connect({ port, timeoutMs: TIMEOUT_MS, readOnly: true, pingEveryMs: 200 });
    assert.equal(owner.connection?.readOnly, false);
    await owner.ok("create", { path: "/read", data: "before" });
    await owner.ok("create", { path: "/unread", data: "never asked for" });
    await owner.ok("create", { path: "/own", flags: EPHEMERAL });
    await owner.ok("getData", { path: "/read" });
    assert.equal(await word("isro"), "rw");
    facades.cutter.shut();
    await owner.closed;
    assert.equal(await word("isro"), "ro");
    reader = await ZkClient.connect({ port, timeoutMs: TIMEOUT_MS, readOnly: true, pingEveryMs: 200 });
  });

  after(() => facades.stop());

  const word = (name: string): Promise<string> => fourLetterWord({ port }, name);

  /** The answer to a connect request; null: the connection was closed without one. */
  const answerTo = async (fields: ConnectFields): Promise<ConnectReply | null> => {
    const client = await ZkClient.open({ port });
    const reply = await client.handshake(fields);
    client.drop();
    return reply;
  };

  test("tells a client that it is read-only, and gives it a session that it has nobody else to ask for", () => {
    assert.equal(reader.connection?.readOnly, true);
    assert.notEqual(reader.sessionId, 0n);
    assert.equal(reader.connection.password.length, 16);
  });

  test("closes the connections of clients that cannot be read-only", async () => {
    assert.deepEqual([await answerTo({ readOnly: false }), await answerTo({ readOnly: null })], [null, null]);
  });

  test("closes those of sessions that it cannot renew, and of clients that have seen more", async () => {
    const { sessionId, password } = owner;
    assert.equal(await answerTo({ readOnly: true, sessionId, password }), null);
    assert.equal(await answerTo({ readOnly: true, sessionId: sessionId + 0x100_0000n, password }), null, "of nobody's");
    assert.equal(await answerTo({ readOnly: true, lastZxidSeen: 1_000_000 }), null);
  });

  test("says so to monitors", async () => {
    for (const name of ["srvr", "stat"]) {
      const lines = (await word(name)).split("\n");
      assert.equal(lines[1], "READ-ONLY mode; serving only read-only clients");
      assert.ok(lines.includes("Mode: read-only"));
    }
    const entries = new Map((await word("mntr")).split("\n").map((line) => line.split("\t") as [string, string]));
    assert.equal(entries.get("zk_server_state"), "read-only");
    assert.deepEqual([entries.get("zk_local_sessions"), entries.get("zk_global_sessions")], ["1", "1"]);
    assert.match(await word("cons"), new RegExp(`sid=0x${reader.sessionId.toString(16)}`));
    assert.match(await word("dump"), new RegExp(`\t0x${reader.sessionId.toString(16)}\n`));
  });

  test("serves reads of the tree as it stood, and sets watches", async () => {
    assert.equal((await reader.ok("getData", { path: "/read", watch: true })).data?.toString(), "before");
    const { children } = await reader.ok("getChildren", { path: "/" });
    assert.deepEqual([...children].sort(), ["own", "read", "unread", "zookeeper"]);
    const { stat } = await reader.ok("exists", { path: "/own" });
    assert.equal(stat.ephemeralOwner, owner.sessionId);
    assert.equal((await reader.ok("getAcl", { path: "/read" })).acl.length, 1);
    await reader.ok("addWatch", { path: "/", mode: 1 });
    assert.equal((await reader.call("auth", { scheme: "digest", auth: "a:b" })).err, 0);
  });

  test("refuses what changes anything, whatever it says, and goes on", async () => {
    const answers = await Promise.all(refused.map((opCode) => reader.request(opCode, Buffer.alloc(0))));
    const { zxid } = await reader.call("exists", { path: "/read" });
    for (const [at, answer] of answers.entries()) {
      assert.deepEqual(
        [answer.err, answer.zxid, answer.raw.length],
        [NOT_READ_ONLY, zxid, 0],
        `operation ${refused[at]}`,
      );
    }
    assert.equal((await reader.call("create", { path: "/x" })).err, NOT_READ_ONLY);
    assert.equal((await reader.call("multi", { members: [{ op: "delete", path: "/read" }] })).err, NOT_READ_ONLY);
  });

  test("closes a connection for what nobody knows, as otherwise", async () => {
    const client = await ZkClient.connect({ port, readOnly: true });
    assert.equal((await client.request(500, Buffer.alloc(0))).err, UNIMPLEMENTED);
    await client.closed;
  });

  test("lets a session go from one connection to the next, by its password", async () => {
    const first = await ZkClient.connect({ port, readOnly: true });
    const second = await first.reattach({ port }, { readOnly: true });
    await first.closed;
    assert.equal(second.sessionId, first.sessionId);
    const { sessionId } = second;
    const reply = await answerTo({ readOnly: true, sessionId, password: Buffer.alloc(16, 1) });
    assert.deepEqual([reply?.timeoutMs, reply?.sessionId, reply?.readOnly], [0, 0n, true]);
    await second.closed;
  });

  test("ends a session by its client's wish, or by its silence, and says that it is over", async () => {
    const closing = await ZkClient.connect({ port, readOnly: true });
    await closing.close();
    const silent = await ZkClient.connect({ port, readOnly: true, timeoutMs: 1 });
    assert.equal(silent.timeoutMs, SHORT_TIMEOUT_MS);
    await silent.closed;
    for (const { sessionId, password } of [closing, silent]) {
      const reply = await answerTo({ readOnly: true, sessionId, password });
      assert.deepEqual([reply?.timeoutMs, reply?.sessionId, reply?.readOnly], [0, 0n, true]);
    }
  });

  test("loses the connection that asks for data which is nowhere at hand", async () => {
    const client = await ZkClient.connect({ port, readOnly: true, timeoutMs: TIMEOUT_MS });
    await assert.rejects(client.ok("getData", { path: "/unread" }), ConnectionEnded);
  });

  test("sends its clients away when etcd is back, and they find their sessions again", async () => {
    facades.cutter.reopen();
    await reader.closed;
    assert.equal(await word("isro"), "rw");
    const again = await owner.reattach({ port }, { readOnly: true });
    assert.deepEqual([again.sessionId, again.connection?.readOnly], [owner.sessionId, false]);
    assert.equal((await again.ok("exists", { path: "/own" })).stat.ephemeralOwner, owner.sessionId);
    const { sessionId, password } = reader;
    assert.equal((await answerTo({ sessionId, password }))?.timeoutMs, 0, "a local session is none any more");
    const writer = await ZkClient.connect({ port, readOnly: true });
    await writer.ok("setData", { path: "/read", data: "after" });
    assert.equal((await again.ok("getData", { path: "/unread" })).data?.toString(), "never asked for");
    await writer.close();
    await again.close();
  });
});

describe("a facade without read-only mode", { timeout: 120_000 }, () => {
  test("serves its clients for as long as it may, and takes no new ones without its etcd", async () => {
    const { cutter, remote, stop } = await startCuttableFacade(["--zk-tick-time", String(TICK_MS)]);
    const { port } = remote;
    const client = await ZkClient.connect({ port, timeoutMs: TIMEOUT_MS, pingEveryMs: 200 });
    cutter.shut();
    await sleep(5500);
    assert.equal(client.isClosed, false);
    assert.equal((await client.call("exists", { path: "/zookeeper" })).err, 0);
    const other = await ZkClient.open({ port });
    const answer = other.handshake({ readOnly: true }).catch(() => null);
    assert.equal(await Promise.race([answer, sleep(500, "none")]), "none");
    other.drop();
    client.drop();
    await stop();
  });
});
