import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { silentLogger } from "../../etcd/base/logger.ts";
import { encodeSessionRecord } from "../session/session-record.ts";
import type { Session } from "../store/session.ts";
import { type FacadeSessions, SessionWorld } from "../store/testing/session-world.ts";
import { ChunkPool } from "../wire/chunk-pool.ts";
import { FrameWriter } from "../wire/frame-writer.ts";
import { JuteReader } from "../wire/jute-reader.ts";
import { ReplyWriter } from "../wire/replies.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { ConnectionOpening } from "./connection-opening.ts";
import { ConnectionStats, ServerStats } from "./server-stats.ts";
import { HandClock } from "./testing/fake-status.ts";

const TIMEOUT_MS = 10_000;
/** More than lie between the store's answer and the client's. */
const TURNS_MAX = 16;

/** As much of a connection as its opening asks for, and what became of it. */
class FakeConnection {
  readonly told: string[] = [];
  readonly stats = new ConnectionStats(new ServerStats(new HandClock()));
  readonly output = {
    replies: new ReplyWriter(new FrameWriter(new ChunkPool()), { zxidOffset: 0 }),
    newBytes: () => 0,
    flushSoon: () => undefined,
  };
  readonly client = "127.0.0.1:1";
  isClosed = false;

  opened(session: Session): void {
    this.told.push(`opened, ${session.standing}`);
    session.holder = this;
  }

  sessionLost(reason: string): void {
    this.told.push(reason);
    this.isClosed = true;
  }

  finish(): void {
    this.told.push("told that it is over");
    this.isClosed = true;
  }

  refuse(reason: string, { error = reason }: { readonly error?: string } = {}): void {
    this.told.push(error);
    this.isClosed = true;
  }

  resume(): void {
    assert.equal(this.isClosed, false);
  }
}

function openingOf(here: FacadeSessions, connection: FakeConnection): ConnectionOpening {
  const host = {
    facade: { sessions: here.sessions, revision: 100, barrier: () => Promise.resolve(100) },
    readOnly: null,
    limits: { timeouts: { minMs: 1, maxMs: 100_000 } },
    stats: new ServerStats(new HandClock()),
    clock: new HandClock(),
    logger: silentLogger,
    zxidOffset: 0,
  };
  return new ConnectionOpening(host as unknown as ConnectionHost, connection as unknown as Connection);
}

function connectRequest(sessionId: bigint, password: Uint8Array, timeoutMs: number): JuteReader {
  const payload = Buffer.alloc(45);
  payload.writeInt32BE(timeoutMs, 12);
  payload.writeBigInt64BE(sessionId, 16);
  payload.writeInt32BE(16, 24);
  payload.set(password, 28);
  return new JuteReader().place(payload);
}

/** What a client is told whose session meets its fate so many turns after the facade saw that it is here. */
async function outcomeOf(context: TestContext, turns: number, fate: Fate): Promise<readonly string[]> {
  const world = new SessionWorld();
  const here = world.facade(1);
  context.after(() => here.sessions.close());
  const { session, password } = await here.sessions.create(TIMEOUT_MS);
  const connection = new FakeConnection();
  here.isLagging = true;
  // With another timeout it is written, and here once that is seen.
  openingOf(here, connection).connect(connectRequest(session.id, password, TIMEOUT_MS + 1));
  await new Promise((resolve) => setImmediate(resolve));
  here.isLagging = false;
  here.follow();
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
  fate(world, session);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(connection.isClosed, true, `${turns} turns: ${connection.told.join(", ")}`);
  return connection.told;
}

type Fate = (world: SessionWorld, session: Session) => void;

const ends: Fate = (world, { id }) => void world.leaseRevoke({ id });

const goesOnElsewhere: Fate = (world, { id, record }) => {
  const value = encodeSessionRecord({ ...record, owner: { facade: 2, name: "" } });
  world.keep(world.store.txn([{ type: "put", key: world.keys.sessionKey(id), value, lease: id }]));
};

describe("no client gets a session that", () => {
  for (const [name, fate, early, late] of [
    ["ended", ends, /^told that it is over$/, "expired"],
    ["went on somewhere else", goesOnElsewhere, /went on somewhere else$/, "moved"],
  ] as const) {
    test(`${name} while it was being attached, however late`, async (context) => {
      const outcomes: string[] = [];
      for (let turns = 0; turns < TURNS_MAX; turns++) {
        const told = await outcomeOf(context, turns, fate);
        outcomes.push(told.join(", "));
        if (told.length === 1) assert.match(told[0]!, early, `${turns} turns`);
        else assert.deepEqual(told, ["opened, here", late], `${turns} turns`);
      }
      assert.equal(outcomes.at(-1), `opened, here, ${late}`, "all turns before the answer were tried");
    });
  }
});
