import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { leaseTtlSeconds } from "../session/lease-ttl.ts";
import { decodeSessionRecord } from "../session/session-record.ts";
import type { Session, SessionHolder } from "./session.ts";
import { type FacadeSessions, SessionWorld, TICK_MS } from "./testing/session-world.ts";

const TIMEOUT_MS = 10_000;
const WRONG = Buffer.alloc(16, 0xee);

/** A connection that was told why it lost its session. */
class Holder implements SessionHolder {
  readonly told: string[] = [];

  sessionLost(reason: string): void {
    this.told.push(reason);
  }
}

/** A world whose timers go with its clock. */
class Bench {
  readonly world = new SessionWorld();
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
    context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    context.after(() => {
      for (const { sessions } of this.world.facades) sessions.close();
    });
  }

  /** Time goes by in small steps, and whoever waits for an answer gets it. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 100) {
      this.world.nowMs += Math.min(left, 100);
      this.#context.mock.timers.tick(Math.min(left, 100));
      await settled();
    }
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function hold(session: Session): Holder {
  const holder = new Holder();
  session.holder = holder;
  return holder;
}

function ownerOf(world: SessionWorld, session: Session): number | undefined {
  const pair = world.store.get(world.keys.sessionKey(session.id));
  return pair === undefined ? undefined : decodeSessionRecord(pair.value)?.owner.facade;
}

/** What an etcd client does to the key of a session. */
function rewrite(world: SessionWorld, session: Session, change: { value?: Uint8Array; lease?: bigint }): void {
  const key = world.keys.sessionKey(session.id);
  const { value, lease } = world.store.get(key)!;
  world.keep(world.store.txn([{ type: "put", key, value, lease, ...change }]));
}

describe("a new session", () => {
  test("is a key with a lease of the same id, and all facades know of it", async (context) => {
    const { world } = new Bench(context);
    const here = world.facade(1, "here");
    const there = world.facade(2);
    const { session, password } = await here.sessions.create(TIMEOUT_MS);
    const pair = world.store.get(world.keys.sessionKey(session.id))!;
    assert.equal(pair.lease, session.id);
    assert.equal(world.leases.get(session.id), leaseTtlSeconds(TIMEOUT_MS, TICK_MS));
    const record = decodeSessionRecord(pair.value)!;
    assert.deepEqual(record.owner, { facade: 1, name: "here" });
    assert.equal(record.timeoutMs, TIMEOUT_MS);
    assert.equal(password.length, 16);
    assert.equal(
      Buffer.from(pair.value).includes(Buffer.from(password)),
      false,
      "the store does not have the password",
    );
    assert.equal(session.keyRevision, pair.modRevision);
    assert.deepEqual([here.only().isOwn, there.only().isOwn], [true, false]);
    assert.equal(there.only().expiry, null, "its time is kept by its facade alone");
  });

  test("takes the next id when a lease has the one it would take", async (context) => {
    const { world } = new Bench(context);
    const here = world.facade(1);
    const taken = 1n << 56n;
    world.leases.set(taken, 100);
    const { session } = await here.sessions.create(TIMEOUT_MS);
    assert.equal(session.id, taken + 1n);
    assert.equal(world.leases.get(taken), 100);
  });

  test("is there when the tree has it, not before", async (context) => {
    const { world } = new Bench(context);
    const here = world.facade(1);
    here.isLagging = true;
    let isMade = false;
    const made = here.sessions.create(TIMEOUT_MS).then(() => (isMade = true));
    await settled();
    assert.equal(isMade, false);
    here.isLagging = false;
    here.follow();
    await made;
  });

  test("that cannot be written leaves no lease behind", async (context) => {
    const { world } = new Bench(context);
    const here = world.facade(1);
    world.before = (call) => {
      if (call === "put") throw new Error("the connection is gone");
    };
    await assert.rejects(here.sessions.create(TIMEOUT_MS), /the connection is gone/);
    await settled();
    assert.equal(world.leases.size, 0);
    assert.equal(here.sessions.size, 0);
  });

  test("that ends before it was seen is an error", async (context) => {
    const { world } = new Bench(context);
    const here = world.facade(1);
    here.isLagging = true;
    const made = here.sessions.create(TIMEOUT_MS);
    await settled();
    await world.leaseRevoke({ id: [...world.leases.keys()][0]! });
    here.isLagging = false;
    here.follow();
    await assert.rejects(made, /ended while it was made/);
  });
});

describe("attaching", () => {
  async function prepared(context: TestContext) {
    const bench = new Bench(context);
    const { world } = bench;
    const here = world.facade(1);
    const there = world.facade(2);
    const { session, password } = await here.sessions.create(TIMEOUT_MS);
    world.log.length = 0;
    return { bench, world, here, there, session, password };
  }

  test("to the same facade writes nothing, and sends the older connection away", async (context) => {
    const { world, here, session, password } = await prepared(context);
    const older = hold(session);
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), session);
    assert.deepEqual(older.told, ["moved"]);
    assert.equal(session.holder, null);
    assert.deepEqual(world.log, []);
  });

  test("with another timeout writes it down, and the session's time is that from now on", async (context) => {
    const { bench, world, here, there, session, password } = await prepared(context);
    assert.equal(await here.sessions.attach(session.id, password, 4000), session);
    assert.equal(session.timeoutMs, 4000);
    assert.equal(there.only().timeoutMs, 4000);
    assert.equal(world.leases.get(session.id), leaseTtlSeconds(TIMEOUT_MS, TICK_MS), "a lease keeps its TTL for life");
    await bench.pass(5000);
    assert.equal(here.sessions.size, 0);
  });

  test("to a session with a write of unknown outcome writes its key anew, which stops that write", async (context) => {
    const { world, here, session, password } = await prepared(context);
    const { keyRevision } = session;
    session.needsFence = true;
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), session);
    assert.ok(session.keyRevision > keyRevision);
    assert.equal(session.needsFence, false);
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), session);
    assert.deepEqual(world.log, ["txn"], "once");
  });

  test("to another facade moves it there: the connection goes, and so does its time", async (context) => {
    const { bench, world, there, session, password } = await prepared(context);
    const older = hold(session);
    const moved = await there.sessions.attach(session.id, password, TIMEOUT_MS);
    assert.equal(moved, there.only());
    assert.equal(ownerOf(world, session), 2);
    assert.deepEqual(older.told, ["moved"]);
    assert.deepEqual([session.isOwn, session.expiry, there.only().isOwn], [false, null, true]);
    // A client that speaks there is not silent here.
    await bench.pass(8000);
    there.sessions.touch(there.only());
    await bench.pass(8000);
    assert.equal(there.sessions.size, 1);
    await bench.pass(4000);
    assert.equal(there.sessions.size, 0);
  });

  test("there and back leaves one owner", async (context) => {
    const { world, here, there, session, password } = await prepared(context);
    await there.sessions.attach(session.id, password, TIMEOUT_MS);
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), session);
    assert.deepEqual([ownerOf(world, session), session.isOwn, there.only().isOwn], [1, true, false]);
  });

  for (const [what, given] of [
    ["another password", WRONG],
    ["no password", null],
    ["a short one", Buffer.alloc(15)],
  ] as const) {
    test(`with ${what} is refused, and still sends the older connection away`, async (context) => {
      const { world, here, there, session } = await prepared(context);
      const older = hold(session);
      assert.equal(await here.sessions.attach(session.id, given, TIMEOUT_MS), null);
      assert.deepEqual(older.told, ["moved"]);
      assert.equal(await there.sessions.attach(session.id, given, TIMEOUT_MS), null);
      assert.deepEqual(world.log, []);
      assert.equal(session.isOwn, true);
    });
  }

  test("to a session that was never, or is over, finds none", async (context) => {
    const { world, here, there, session, password } = await prepared(context);
    assert.equal(await here.sessions.attach(77n, password, TIMEOUT_MS), null);
    await world.leaseRevoke({ id: session.id });
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), null);
    assert.equal(await there.sessions.attach(session.id, password, TIMEOUT_MS), null);
  });

  test("asks the store before it says that there is none", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    const there = bench.world.facade(2);
    there.isLagging = true;
    const { session, password } = await here.sessions.create(TIMEOUT_MS);
    const attached = there.sessions.attach(session.id, password, TIMEOUT_MS);
    await settled();
    assert.equal(there.sessions.size, 0);
    there.isLagging = false;
    there.follow();
    assert.equal(await attached, there.only());
  });

  test("to a session that ended meanwhile finds none", async (context) => {
    const { world, there, session, password } = await prepared(context);
    there.isLagging = true;
    await world.leaseRevoke({ id: session.id });
    const attached = there.sessions.attach(session.id, password, TIMEOUT_MS);
    await settled();
    there.isLagging = false;
    there.follow();
    assert.equal(await attached, null);
  });

  test("by two at a time gives it to one after the other, each by a write of its own", async (context) => {
    const { world, here, session, password } = await prepared(context);
    const third = world.facade(3);
    const fourth = world.facade(4);
    const outcomes = await Promise.all(
      [third, fourth].map(({ sessions }) => sessions.attach(session.id, password, TIMEOUT_MS)),
    );
    assert.ok(outcomes.every((outcome) => outcome !== null));
    const owners = [here, third, fourth].filter((facade) => facade.only().isOwn);
    assert.equal(owners.length, 1);
    assert.equal(ownerOf(world, session), owners[0] === third ? 3 : 4);
  });

  test("is an error when the client has gone on to the next facade before it was seen", async (context) => {
    const { world, here, there, session, password } = await prepared(context);
    there.isLagging = true;
    const attached = there.sessions.attach(session.id, password, TIMEOUT_MS);
    await settled();
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), session);
    there.isLagging = false;
    there.follow();
    await assert.rejects(attached, /went on somewhere else/);
    assert.equal(ownerOf(world, session), 1);
  });

  test("to a session whose key an etcd client took off its lease finds none, once the lease is gone", async (context) => {
    const { world, there, session, password } = await prepared(context);
    rewrite(world, session, { lease: 0n });
    world.leases.delete(session.id);
    assert.equal(await there.sessions.attach(session.id, password, TIMEOUT_MS), null);
  });

  test("passes on what the store cannot do", async (context) => {
    const { world, there, session, password } = await prepared(context);
    world.before = () => {
      throw new Error("the connection is gone");
    };
    await assert.rejects(there.sessions.attach(session.id, password, TIMEOUT_MS), /the connection is gone/);
  });

  test("to a session that is ending finds none", async (context) => {
    const { here, session, password } = await prepared(context);
    here.isHeld = true;
    here.sessions.end(session, { done: () => undefined, lost: () => undefined });
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), null);
  });
});

describe("a client's silence", () => {
  async function prepared(context: TestContext, held = false) {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    here.isHeld = held;
    const made = await here.sessions.create(TIMEOUT_MS);
    return { bench, world: bench.world, here, ...made };
  }

  test("ends its session at the end of the tick in which the timeout is over, and its lease with it", async (context) => {
    const { bench, world, here, session } = await prepared(context);
    const holder = hold(session);
    await bench.pass(TIMEOUT_MS + TICK_MS - 100);
    assert.deepEqual([here.sessions.size, here.expired], [1, 0]);
    assert.deepEqual(
      here.sessions.schedule().map(({ dueMs, items }) => [dueMs, items]),
      [[TIMEOUT_MS + TICK_MS, [session]]],
    );
    await bench.pass(100);
    assert.deepEqual([here.sessions.size, here.expired], [0, 1]);
    assert.deepEqual(holder.told, ["expired"]);
    assert.equal(session.keyRevision, 0);
    assert.equal(world.leases.size, 0);
    assert.deepEqual(here.sessions.schedule(), []);
  });

  test("is broken by every word", async (context) => {
    const { bench, here, session } = await prepared(context);
    for (let second = 0; second < 30; second += 9) {
      await bench.pass(9000);
      here.sessions.touch(session);
    }
    assert.equal(here.sessions.size, 1);
    await bench.pass(TIMEOUT_MS + TICK_MS);
    assert.equal(here.sessions.size, 0);
  });

  test("that has lasted too long is not broken by a late word", async (context) => {
    const { bench, here, session } = await prepared(context, true);
    await bench.pass(TIMEOUT_MS + TICK_MS);
    here.sessions.touch(session);
    assert.equal(session.isClosing, true);
    assert.equal(here.submitted.length, 1);
    here.carryOut();
    assert.equal(here.sessions.size, 0);
  });

  test("ends the session once, and again only when that failed", async (context) => {
    const { bench, here } = await prepared(context, true);
    await bench.pass(TIMEOUT_MS + 5 * TICK_MS);
    assert.equal(here.submitted.length, 1);
    here.submitted.pop()!.lost(new Error("no leader"));
    await bench.pass(400);
    assert.equal(here.submitted.length, 0);
    await bench.pass(100);
    assert.equal(here.submitted.length, 1);
    here.carryOut();
    await bench.pass(5000);
    assert.equal(here.sessions.size, 0);
    assert.equal(here.submitted.length, 0);
  });

  test("does not end a session that was attached elsewhere at the same time, nor one that came back since", async (context) => {
    const { bench, world, here, session, password } = await prepared(context, true);
    const there = world.facade(2);
    await bench.pass(TIMEOUT_MS + TICK_MS);
    assert.equal(session.isClosing, true);
    const moved = await there.sessions.attach(session.id, password, TIMEOUT_MS);
    assert.ok(moved !== null);
    here.carryOut();
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), session);
    await bench.pass(2000);
    assert.deepEqual(here.submitted, []);
    assert.deepEqual([here.sessions.size, session.isOwn, session.isClosing], [1, true, false]);
    await bench.pass(TIMEOUT_MS);
    assert.equal(session.isClosing, true, "its time is kept again");
  });

  test("does not end a session whose client came back while its key was on the way", async (context) => {
    const { bench, world, here, session, password } = await prepared(context, true);
    await bench.pass(TIMEOUT_MS);
    let goOn: () => void = () => undefined;
    world.before = (call) => (call === "txn" ? new Promise((resolve) => (goOn = resolve)) : undefined);
    const attached = here.sessions.attach(session.id, password, 2 * TIMEOUT_MS);
    await bench.pass(TICK_MS);
    assert.equal(session.isClosing, true);
    goOn();
    assert.equal(await attached, session);
    here.carryOut();
    await bench.pass(2000);
    assert.deepEqual([here.submitted, session.isClosing, here.sessions.size], [[], false, 1]);
  });
});

describe("the lease", () => {
  const TTL_MS = leaseTtlSeconds(TIMEOUT_MS, TICK_MS) * 1000;

  /** A session whose client speaks all the time. */
  async function talking(context: TestContext) {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    const { session } = await here.sessions.create(TIMEOUT_MS);
    const pass = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 500) {
        await bench.pass(Math.min(left, 500));
        here.sessions.touch(session);
      }
    };
    const renewals = (): number => bench.world.log.filter((word) => word === `renew ${session.id}`).length;
    return { world: bench.world, here, session, pass, renewals };
  }

  test("is renewed at a third of its time, whether the client speaks or not", async (context) => {
    const { pass, renewals } = await talking(context);
    await pass(TTL_MS / 3);
    assert.equal(renewals(), 0);
    await pass(500);
    assert.equal(renewals(), 1);
    await pass(TTL_MS);
    assert.equal(renewals(), 3);
  });

  test("is counted from when it was asked for, not from the answer", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    let goOn: () => void = () => undefined;
    bench.world.before = (call) => (call === "put" ? new Promise((resolve) => (goOn = resolve)) : undefined);
    const made = here.sessions.create(TIMEOUT_MS);
    await bench.pass(5000);
    goOn();
    const { session } = await made;
    assert.equal(session.renewedMs, 0);
  });

  test("is asked for again at the next tick when the store does not answer", async (context) => {
    const { world, pass, renewals } = await talking(context);
    world.before = (call) => {
      if (call === "leaseKeepAlive") throw new Error("no leader");
    };
    await pass(TTL_MS / 3 + 2000);
    assert.equal(renewals(), 4);
    world.before = () => undefined;
    await pass(3000);
    assert.equal(renewals(), 5);
  });

  test("is not asked for twice at a time", async (context) => {
    const { world, pass, renewals } = await talking(context);
    world.before = (call) => (call === "leaseKeepAlive" ? new Promise(() => undefined) : undefined);
    await pass(TTL_MS);
    assert.equal(renewals(), 1);
  });

  for (const weather of ["fails", "is not answered"]) {
    test(`that cannot be renewed sends the client away before it ends, when the renewal ${weather}`, async (context) => {
      const { world, here, session, pass } = await talking(context);
      const holder = hold(session);
      world.before = (call) => {
        if (call !== "leaseKeepAlive") return undefined;
        if (weather === "fails") throw new Error("no leader");
        return new Promise(() => undefined);
      };
      await pass((TTL_MS * 2) / 3);
      assert.deepEqual(holder.told, []);
      await pass(1000);
      assert.deepEqual(holder.told, ["unrenewed"]);
      assert.deepEqual([session.holder, here.sessions.size], [null, 1], "its client may come back");
    });
  }

  test("that cannot be renewed keeps the client away, until it can", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    const { session, password } = await here.sessions.create(60_000);
    const holder = hold(session);
    const ttlMs = leaseTtlSeconds(60_000, TICK_MS) * 1000;
    bench.world.before = (call) => {
      if (call === "leaseKeepAlive") throw new Error("no leader");
    };
    // Its client speaks up to the end.
    for (let left = (ttlMs * 2) / 3 + 1000; left > 0; left -= 1000) {
      await bench.pass(Math.min(left, 1000));
      here.sessions.touch(session);
    }
    assert.deepEqual(holder.told, ["unrenewed"]);
    await assert.rejects(here.sessions.attach(session.id, password, 60_000), /no leader/);
    bench.world.before = () => undefined;
    assert.equal(await here.sessions.attach(session.id, password, 60_000), session);
    const again = hold(session);
    await bench.pass(5000);
    assert.deepEqual(again.told, []);
  });

  test("that is gone from the store is no more, though its key is still seen here", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    const { session, password } = await here.sessions.create(60_000);
    const holder = hold(session);
    // The watch stands still, and the store can be asked.
    here.isLagging = true;
    await bench.world.leaseRevoke({ id: session.id });
    for (let passed = 0; passed <= (leaseTtlSeconds(60_000, TICK_MS) * 2000) / 3 + 1000; passed += 1000) {
      await bench.pass(1000);
      here.sessions.touch(session);
    }
    assert.deepEqual(holder.told, ["unrenewed"]);
    assert.equal(await here.sessions.attach(session.id, password, 60_000), null);
  });

  test("of a session that came back after a long time elsewhere is not in doubt", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    const there = bench.world.facade(2);
    const { session, password } = await here.sessions.create(TIMEOUT_MS);
    await there.sessions.attach(session.id, password, TIMEOUT_MS);
    for (let passed = 0; passed < 2 * TTL_MS; passed += 1000) {
      await bench.pass(1000);
      there.sessions.touch(there.only());
    }
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), session);
    const holder = hold(session);
    await bench.pass(2000);
    assert.deepEqual(holder.told, []);
  });

  test("is the new facade's from when the session moved", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    const there = bench.world.facade(2);
    const { session, password } = await here.sessions.create(TIMEOUT_MS);
    await there.sessions.attach(session.id, password, TIMEOUT_MS);
    here.sessions.close();
    await bench.pass(500);
    assert.deepEqual(
      bench.world.log.filter((word) => word.startsWith("renew")),
      [`renew ${session.id}`],
      "at once, since nobody there knows how old it is",
    );
    assert.equal(there.only().ttlSeconds, leaseTtlSeconds(TIMEOUT_MS, TICK_MS));
  });

  test("of every session is renewed in time, however many there are", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    const count = 1000;
    for (let made = 0; made < count; made++) await here.sessions.create(60_000);
    const ttlMs = leaseTtlSeconds(60_000, TICK_MS) * 1000;
    await bench.pass(ttlMs / 3 + 500);
    assert.equal(new Set(bench.world.log).size, count);
    assert.equal(bench.world.log.length, count);
  });

  for (const told of [true, false]) {
    test(`that ends after an etcd client took the key off it ends the session, too (told by a write: ${told})`, async (context) => {
      const { world, here, session, pass } = await talking(context);
      const holder = hold(session);
      rewrite(world, session, { lease: 0n });
      world.leases.delete(session.id);
      if (told) here.sessions.unleased(session.id);
      await pass(told ? 1000 : TTL_MS / 3 + 500);
      assert.deepEqual(holder.told, ["expired"]);
      assert.deepEqual([here.sessions.size, here.expired], [0, 1]);
      assert.equal(world.store.get(world.keys.sessionKey(session.id)), undefined);
    });
  }

  test("that a write did not find, and that is there, goes on", async (context) => {
    const { here, session, pass, renewals } = await talking(context);
    here.sessions.unleased(session.id);
    await pass(1000);
    assert.deepEqual([renewals(), here.sessions.size, session.ttlSeconds], [1, 1, TTL_MS / 1000]);
  });

  test("that ends in the store takes the session with it", async (context) => {
    const { world, here, session } = await talking(context);
    const holder = hold(session);
    await world.leaseRevoke({ id: session.id });
    assert.deepEqual(holder.told, ["expired"]);
    assert.equal(here.sessions.size, 0);
    assert.deepEqual(here.sessions.schedule(), []);
  });
});

describe("the end that a client wishes for", () => {
  async function prepared(context: TestContext) {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    here.isHeld = true;
    const { session } = await here.sessions.create(TIMEOUT_MS);
    const told: string[] = [];
    here.sessions.end(session, {
      done: (_result, revision) => told.push(`done @${revision}`),
      lost: (error) => told.push(`lost: ${error.message}`),
    });
    return { bench, world: bench.world, here, session, told };
  }

  test("is told when it is done, and the lease is given back", async (context) => {
    const { world, here, session, told } = await prepared(context);
    const holder = hold(session);
    assert.deepEqual([session.isClosing, told.length], [true, 0]);
    here.carryOut();
    assert.deepEqual(told, ["done @3"]);
    assert.deepEqual(holder.told, ["closed"]);
    assert.equal(world.leases.size, 0);
  });

  test("that is lost is told, and tried again until the session is gone", async (context) => {
    const { bench, here, session, told } = await prepared(context);
    for (let attempt = 0; attempt < 3; attempt++) {
      here.submitted.pop()!.lost(new Error("no leader"));
      await bench.pass(500);
      assert.equal(here.submitted.length, 1);
    }
    assert.deepEqual(told, ["lost: no leader"]);
    here.carryOut();
    await bench.pass(5000);
    assert.deepEqual([here.submitted.length, here.sessions.size, session.keyRevision], [0, 0, 0]);
  });

  test("is not tried again when it was done all the same", async (context) => {
    const { bench, world, here, session } = await prepared(context);
    here.submitted.pop()!.lost(new Error("the connection is gone"));
    world.keep(world.store.txn([{ type: "delete", key: world.keys.sessionKey(session.id) }]));
    await bench.pass(5000);
    assert.equal(here.submitted.length, 0);
  });

  test("is not overtaken by the client's silence, and its lease is renewed meanwhile", async (context) => {
    const { bench, world, here, session } = await prepared(context);
    await bench.pass(2 * TIMEOUT_MS);
    assert.equal(here.submitted.length, 1);
    assert.ok(world.log.includes(`renew ${session.id}`));
  });
});

describe("what the tree tells", () => {
  test("of a run before this one under the same name makes its sessions this run's", async (context) => {
    const bench = new Bench(context);
    const former = bench.world.facade(1, "here");
    const other = bench.world.facade(2, "there");
    const { session, password } = await former.sessions.create(TIMEOUT_MS);
    await other.sessions.create(TIMEOUT_MS);
    for (const facade of [former, other]) facade.sessions.close();
    const here = bench.world.facade(3, "here");
    const [own, foreign] = [...here.sessions.all()];
    assert.deepEqual([own!.isOwn, foreign!.isOwn], [true, false]);
    here.reload();
    assert.equal(own!.isOwn, true, "also when everything is told again");
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), own);
    assert.equal(ownerOf(bench.world, session), 3, "by its own word from now on");
    await bench.pass(TIMEOUT_MS + TICK_MS);
    assert.deepEqual([...here.sessions.all()], [foreign]);
  });

  test("after history was lost is all that there is: what is missing is over", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    const kept = await here.sessions.create(TIMEOUT_MS);
    const gone = await here.sessions.create(TIMEOUT_MS);
    const holders = [kept, gone].map(({ session }) => hold(session));
    here.isLagging = true;
    await bench.world.leaseRevoke({ id: gone.session.id });
    const there = bench.world.facade(2);
    const come = await there.sessions.create(TIMEOUT_MS);
    here.reload();
    assert.deepEqual(Array.from(here.sessions.all(), ({ id }) => id).sort(), [kept.session.id, come.session.id].sort());
    assert.deepEqual(
      holders.map(({ told }) => told),
      [[], ["expired"]],
    );
  });

  test("again, of what is known, is no word of a client", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    await here.sessions.create(TIMEOUT_MS);
    await bench.pass(TIMEOUT_MS - TICK_MS);
    here.reload();
    await bench.pass(2 * TICK_MS);
    assert.equal(here.sessions.size, 0);
  });

  test("of a key that holds no session any more ends the session", async (context) => {
    const bench = new Bench(context);
    const here: FacadeSessions = bench.world.facade(1);
    const { session, password } = await here.sessions.create(TIMEOUT_MS);
    const holder = hold(session);
    rewrite(bench.world, session, { value: Buffer.from("nonsense") });
    assert.deepEqual(holder.told, ["expired"]);
    assert.equal(session.keyRevision, 0);
    assert.equal(await here.sessions.attach(session.id, password, TIMEOUT_MS), null);
    await bench.pass(TIMEOUT_MS);
    assert.deepEqual(
      bench.world.log.filter((word) => word.startsWith("renew")),
      [],
    );
  });
});

describe("closing", () => {
  test("stops the clock: nothing expires, nothing is renewed, nothing is tried again", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    here.isHeld = true;
    const { session } = await here.sessions.create(TIMEOUT_MS);
    await here.sessions.create(TIMEOUT_MS);
    here.sessions.end(session, { done: () => undefined, lost: () => undefined });
    here.submitted.pop()!.lost(new Error("stopped"));
    here.sessions.close();
    here.sessions.close();
    await bench.pass(5 * TIMEOUT_MS);
    assert.deepEqual([here.submitted, bench.world.log, here.sessions.size], [[], [], 2]);
  });
});

describe("while clients cannot be heard", () => {
  test("no session expires, and then each has its whole timeout", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    const { session } = await here.sessions.create(TIMEOUT_MS);
    const holder = hold(session);
    await bench.pass(TIMEOUT_MS - 1000);
    here.sessions.stopTime();
    await bench.pass(5 * TIMEOUT_MS);
    here.sessions.startTime();
    await bench.pass(TIMEOUT_MS);
    assert.deepEqual([holder.told, here.expired], [[], 0]);
    await bench.pass(TICK_MS);
    assert.deepEqual([holder.told, here.expired], [["expired"], 1]);
  });

  test("leases are renewed as ever", async (context) => {
    const bench = new Bench(context);
    const here = bench.world.facade(1);
    await here.sessions.create(TIMEOUT_MS);
    here.sessions.stopTime();
    bench.world.log.length = 0;
    await bench.pass(5 * TIMEOUT_MS);
    assert.ok(bench.world.log.filter((call) => call.startsWith("renew")).length >= 5);
  });
});

describe("an id", () => {
  test("that is given to another kind of session is none of the store's, and is known here", async (context) => {
    const { world } = new Bench(context);
    const here = world.facade(1);
    const { session } = await here.sessions.create(TIMEOUT_MS);
    const id = here.sessions.newId();
    const next = await here.sessions.create(TIMEOUT_MS);
    assert.equal(new Set([session.id, id, next.session.id]).size, 3);
    for (const given of [session.id, id, next.session.id]) assert.equal(here.sessions.hasGiven(given), true);
    assert.equal(here.sessions.hasGiven(next.session.id + 1n), false);
    assert.equal(here.sessions.get(id), undefined);
  });
});

describe("where a session stands", () => {
  test("is seen by whoever held it", async (context) => {
    const { world } = new Bench(context);
    const here = world.facade(1);
    const there = world.facade(2);
    const { session, password } = await here.sessions.create(TIMEOUT_MS);
    const seen = there.only();
    assert.deepEqual([session.standing, seen.standing], ["here", "elsewhere"]);
    await there.sessions.attach(session.id, password, TIMEOUT_MS);
    assert.deepEqual([session.standing, seen.standing], ["elsewhere", "here"]);
    there.isHeld = true;
    there.sessions.end(seen, { done: () => undefined, lost: () => undefined });
    assert.deepEqual([session.standing, seen.standing], ["elsewhere", "over"]);
    there.carryOut();
    assert.deepEqual([session.standing, seen.standing], ["over", "over"]);
  });
});
