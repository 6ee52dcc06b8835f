import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { silentLogger } from "../../etcd/base/logger.ts";
import type { SessionHolder } from "../store/session.ts";
import { type LocalSession, LocalSessions } from "./local-sessions.ts";
import { HandClock } from "./testing/fake-status.ts";

const TICK_MS = 1000;
const TIMEOUT_MS = 4000;

class Holder implements SessionHolder {
  readonly told: string[] = [];

  sessionLost(reason: string): void {
    this.told.push(reason);
  }
}

class Bench {
  readonly clock = new HandClock();
  readonly sessions: LocalSessions;
  expired = 0;
  readonly #context: TestContext;
  #ids = 0n;

  constructor(context: TestContext) {
    context.mock.timers.enable({ apis: ["setInterval"] });
    this.#context = context;
    this.sessions = new LocalSessions(
      { tickMs: TICK_MS },
      {
        clock: this.clock,
        logger: silentLogger,
        newId: () => ++this.#ids,
        newPassword: () => Buffer.alloc(16, Number(this.#ids) + 1),
        expired: () => this.expired++,
      },
    );
    context.after(() => this.sessions.clear());
  }

  held(timeoutMs = TIMEOUT_MS): { session: LocalSession; password: Uint8Array; holder: Holder } {
    const made = this.sessions.create(timeoutMs);
    const holder = new Holder();
    made.session.holder = holder;
    return { ...made, holder };
  }

  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 100) {
      this.clock.now += 100;
      this.#context.mock.timers.tick(100);
    }
  }
}

describe("a local session", () => {
  test("has an id and a password of its own, and is found by its id", (context) => {
    const { sessions } = new Bench(context);
    const [one, other] = [sessions.create(TIMEOUT_MS), sessions.create(TIMEOUT_MS)];
    assert.notEqual(one.session.id, other.session.id);
    assert.notDeepEqual(one.password, other.password);
    assert.equal(sessions.get(one.session.id), one.session);
    assert.equal(sessions.get(77n), undefined);
    assert.equal(sessions.size, 2);
    assert.equal(sessions.schedule().flatMap(({ items }) => items).length, 2);
  });

  test("ends by the silence of its client, not early, and at most a tick late", (context) => {
    const bench = new Bench(context);
    const { session, holder } = bench.held();
    bench.pass(TIMEOUT_MS - 100);
    bench.sessions.touch(session);
    bench.pass(TIMEOUT_MS);
    assert.deepEqual([holder.told, bench.expired, bench.sessions.size], [[], 0, 1]);
    bench.pass(TICK_MS);
    assert.deepEqual([holder.told, bench.expired, bench.sessions.size], [["expired"], 1, 0]);
    assert.equal(session.holder, null);
  });

  test("goes to another connection by its password, and the one before is told", (context) => {
    const bench = new Bench(context);
    const { session, password, holder } = bench.held();
    bench.pass(TIMEOUT_MS - 100);
    assert.equal(bench.sessions.attach(session, password, 2 * TIMEOUT_MS), true);
    assert.deepEqual([holder.told, session.holder, session.timeoutMs], [["moved"], null, 2 * TIMEOUT_MS]);
    bench.pass(2 * TIMEOUT_MS);
    assert.equal(bench.sessions.size, 1);
    bench.pass(TICK_MS);
    assert.equal(bench.sessions.size, 0);
  });

  test("goes nowhere by a wrong password, but is lost to the connection before", (context) => {
    const bench = new Bench(context);
    for (const wrong of [null, Buffer.alloc(16), Buffer.alloc(3)]) {
      const { session, holder } = bench.held();
      assert.equal(bench.sessions.attach(session, wrong, 2 * TIMEOUT_MS), false);
      assert.deepEqual([holder.told, session.timeoutMs], [["moved"], TIMEOUT_MS]);
      assert.equal(bench.sessions.get(session.id), session);
    }
  });

  test("ends by its client's wish, once", (context) => {
    const bench = new Bench(context);
    const { session, holder } = bench.held();
    bench.sessions.end(session);
    assert.deepEqual([holder.told, bench.sessions.size], [["closed"], 0]);
    bench.pass(3 * TIMEOUT_MS);
    assert.deepEqual([holder.told, bench.expired], [["closed"], 0]);
  });

  test("ends with all others when there are none any more, and new ones may come", (context) => {
    const bench = new Bench(context);
    const { holder } = bench.held();
    bench.sessions.clear();
    assert.deepEqual([bench.sessions.size, bench.sessions.schedule()], [0, []]);
    bench.pass(3 * TIMEOUT_MS);
    assert.deepEqual([holder.told, bench.expired], [[], 0]);
    const later = bench.held();
    bench.pass(TIMEOUT_MS + TICK_MS);
    assert.deepEqual([later.holder.told, bench.expired], [["expired"], 1]);
  });
});
