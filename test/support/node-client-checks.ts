import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { called, type NodeClient, zookeeper } from "./node-zookeeper.ts";
import { TcpCutter } from "./tcp-cutter.ts";
import type { OpenZk, ZkPlace } from "./zk-places.ts";

const { CreateMode, ACL } = zookeeper;
const { OPEN_ACL_UNSAFE } = ACL;
const unwatched = (): void => undefined;
const CONNECTION_LOSS = -4;

/**
 * Tries a ZooKeeper with node-zookeeper-client, which npm brings: it sends the old, short connect request, and takes
 * nothing but what it knows.
 */
export function describeNodeClient(place: ZkPlace): void {
  describe(`node-zookeeper-client on ${place.name}`, { timeout: 240_000 }, () => describePlace(place));
}

function describePlace(place: ZkPlace): void {
  let server: OpenZk;
  let cutter: TcpCutter;
  const open = new Set<NodeClient>();

  before(async () => {
    server = await place.open();
    cutter = await TcpCutter.before(server.port);
  });
  afterEach(() => {
    // Closed a second time, or after its session has expired, this client would look for work for ever.
    for (const client of open) if (client.getState().name === "SYNC_CONNECTED") client.close();
    open.clear();
  });
  after(async () => {
    await cutter.close();
    await server.close();
  });

  interface Options {
    readonly sessionId?: Buffer;
    readonly sessionPassword?: Buffer;
  }

  function start(options: Options = {}, door = cutter): NodeClient {
    const client = zookeeper.createClient(door.endpoint, { sessionTimeout: 10_000, spinDelay: 50, ...options });
    open.add(client);
    client.connect();
    return client;
  }

  async function connect(options: Options = {}, door = cutter): Promise<NodeClient> {
    const client = start(options, door);
    await new Promise<void>((resolve) => client.once("connected", resolve));
    return client;
  }

  const create = async (client: NodeClient, path: string, data = "", mode = CreateMode.PERSISTENT): Promise<string> => {
    const [created] = await called((done: (error: { code: number } | null | undefined, path: string) => void) =>
      client.create(path, Buffer.from(data), OPEN_ACL_UNSAFE, mode, done),
    );
    return created;
  };
  const fails = (promise: Promise<unknown>, code: number): Promise<void> =>
    assert.rejects(promise, (error: Error & { code: number }) => error.code === code);

  test("creates, reads, sets and deletes", async () => {
    const client = await connect();
    assert.equal(await create(client, "/crud", "one"), "/crud");
    const [data, stat] = await called<[Buffer | undefined, { version: number; czxid: Buffer; mzxid: Buffer }]>((done) =>
      client.getData("/crud", unwatched, done),
    );
    assert.equal(data?.toString(), "one");
    assert.equal(stat.version, 0);
    assert.deepEqual(stat.czxid, stat.mzxid);
    const [set] = await called<[{ version: number }]>((done) => client.setData("/crud", Buffer.from("two"), 0, done));
    assert.equal(set.version, 1);
    await fails(
      called((done) => client.setData("/crud", Buffer.from("three"), 0, done)),
      -103,
    );
    await fails(create(client, "/crud"), -110);
    await fails(create(client, "/no/where"), -101);
    await create(client, "/crud/a");
    await fails(
      called((done) => client.remove("/crud", -1, done)),
      -111,
    );
    await called((done) => client.removeRecursive("/crud", -1, done));
    const [none] = await called<[unknown]>((done) => client.exists("/crud", unwatched, done));
    assert.equal(none, null);
  });

  test("makes ephemeral and sequential znodes", async () => {
    const client = await connect();
    await create(client, "/modes");
    assert.equal(await create(client, "/modes/s-", "", CreateMode.PERSISTENT_SEQUENTIAL), "/modes/s-0000000000");
    assert.equal(await create(client, "/modes/e-", "", CreateMode.EPHEMERAL_SEQUENTIAL), "/modes/e-0000000001");
    const [stat] = await called<[{ ephemeralOwner: Buffer } | null]>((done) =>
      client.exists("/modes/e-0000000001", unwatched, done),
    );
    assert.deepEqual(stat?.ephemeralOwner, client.getSessionId());
    await fails(create(client, "/modes/e-0000000001/x"), -108);
    await called((done) => client.mkdirp("/modes/x/y/z", done));
    const [names] = await called<[string[]]>((done) => client.getChildren("/modes/x/y", unwatched, done));
    assert.deepEqual(names, ["z"]);
  });

  test("is told of what it watches, once", async () => {
    const [client, writer] = [await connect(), await connect()];
    const seen: string[] = [];
    const watcher = ({ name, path }: { name: string; path: string }): void => void seen.push(`${name} ${path}`);
    await called((done) => client.exists("/watched", watcher, done));
    await create(writer, "/watched");
    await until(() => seen.length === 1);
    await called((done) => client.getData("/watched", watcher, done));
    await called((done) => writer.setData("/watched", Buffer.from("new"), -1, done));
    await called((done) => writer.setData("/watched", Buffer.from("new"), -1, done));
    await called((done) => client.getChildren("/watched", watcher, done));
    await create(writer, "/watched/child");
    await until(() => seen.length === 3);
    assert.deepEqual(seen, ["NODE_CREATED /watched", "NODE_DATA_CHANGED /watched", "NODE_CHILDREN_CHANGED /watched"]);
  });

  test("commits a transaction wholly or not at all", async () => {
    const client = await connect();
    await create(client, "/tx");
    const [results] = await called<[{ path?: string; type: number }[]]>((done) =>
      client
        .transaction()
        .check("/tx", 0)
        .create("/tx/a", Buffer.from("1"))
        .setData("/tx/a", Buffer.from("2"), 0)
        .create("/tx/s-", null, CreateMode.PERSISTENT_SEQUENTIAL)
        .remove("/tx/a")
        .commit(done),
    );
    assert.deepEqual(
      results.map(({ path }) => path).filter((path) => path !== undefined),
      ["/tx/a", "/tx/s-0000000001"],
    );
    await fails(
      called((done) => client.transaction().create("/tx/b").remove("/tx/missing").commit(done)),
      -101,
    );
    const [names] = await called<[string[]]>((done) => client.getChildren("/tx", unwatched, done));
    assert.deepEqual(names, ["s-0000000001"]);
  });

  test("keeps others out by an ACL", async () => {
    const [owner, stranger] = [await connect(), await connect()];
    owner.addAuthInfo("digest", Buffer.from("ann:secret"));
    await called((done) => owner.create("/acl", null, ACL.CREATOR_ALL_ACL, CreateMode.PERSISTENT, done));
    const [acls] = await called<[readonly { id: { scheme: string } }[]]>((done) => owner.getACL("/acl", done));
    assert.deepEqual(
      acls.map(({ id }) => id.scheme),
      ["digest"],
    );
    await fails(
      called((done) => stranger.getData("/acl", unwatched, done)),
      -102,
    );
    await called((done) => owner.setACL("/acl", OPEN_ACL_UNSAFE, 0, done));
    await called((done) => stranger.getData("/acl", unwatched, done));
  });

  test("keeps its session, its ephemerals and its watches over a cut connection", async () => {
    const [client, writer] = [await connect(), await connect()];
    await create(client, "/cut", "", CreateMode.EPHEMERAL);
    const seen: string[] = [];
    await called((done) => client.getData("/cut", ({ name }) => void seen.push(name), done));
    const session = Buffer.from(client.getSessionId());
    const back = [client, writer].map((one) => new Promise<void>((resolve) => one.once("connected", resolve)));
    cutter.cut();
    await Promise.all(back);
    assert.deepEqual(client.getSessionId(), session);
    // What is sent after the reconnect is answered after the watches were set again.
    await called((done) => client.exists("/cut", unwatched, done));
    await called((done) => writer.setData("/cut", Buffer.from("1"), -1, done));
    await until(() => seen.length === 1);
    assert.deepEqual(seen, ["NODE_DATA_CHANGED"]);
    const [stat] = await called<[{ ephemeralOwner: Buffer } | null]>((done) => client.exists("/cut", unwatched, done));
    assert.deepEqual(stat?.ephemeralOwner, session);
  });

  test("hands its session over by id and password; the end of it takes the ephemerals away", async () => {
    const door = await TcpCutter.before(server.port);
    try {
      const [first, other] = [await connect({}, door), await connect()];
      await create(first, "/handed", "", CreateMode.EPHEMERAL);
      const gone = new Promise<string>((resolve) => {
        other.exists("/handed", ({ name }) => resolve(name), unwatched);
      });
      // Else the two would take the session from each other.
      door.shut();
      const second = await connect({
        sessionId: Buffer.from(first.getSessionId()),
        sessionPassword: Buffer.from(first.getSessionPassword()),
      });
      assert.deepEqual(second.getSessionId(), first.getSessionId());
      second.close();
      assert.equal(await gone, "NODE_DELETED");
      const expired = new Promise<void>((resolve) => first.once("expired", resolve));
      door.reopen();
      await expired;
    } finally {
      await door.close();
    }
  });

  test("is told that a session it does not hold the password of has expired", async () => {
    const first = await connect();
    const back = new Promise<void>((resolve) => first.once("connected", resolve));
    const sessionPassword = Buffer.alloc(16, 7);
    const thief = start({ sessionId: Buffer.from(first.getSessionId()), sessionPassword });
    await new Promise<void>((resolve) => thief.once("expired", resolve));
    // The server breaks the connection of a session that somebody tries to take; its holder takes it up again.
    await back;
  });

  test("loses nothing when the server is disturbed", async () => {
    const client = await connect();
    await create(client, "/disturbed", "0", CreateMode.EPHEMERAL);
    const session = Buffer.from(client.getSessionId());
    await server.disturb?.();
    for (let round = 1; round <= 20; round++) {
      await whenConnected(() => called((done) => client.setData("/disturbed", Buffer.from(String(round)), -1, done)));
    }
    const [data, stat] = await whenConnected(() =>
      called<[Buffer | undefined, { ephemeralOwner: Buffer }]>((done) => client.getData("/disturbed", unwatched, done)),
    );
    assert.equal(data?.toString(), "20");
    assert.deepEqual(stat.ephemeralOwner, session);
  });
}

/** Again and again while there is no connection: this client leaves that to whoever uses it. */
async function whenConnected<Value>(call: () => Promise<Value>): Promise<Value> {
  for (const deadline = Date.now() + 30_000; ;) {
    try {
      return await call();
    } catch (error) {
      if ((error as { code?: number }).code !== CONNECTION_LOSS || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !holds();) {
    assert.ok(Date.now() < deadline, `not within 10 s: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
