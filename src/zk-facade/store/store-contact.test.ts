import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { CallOptions } from "../../etcd/port.ts";
import { newRangeResponse, type RangeRequest, type RangeResponse } from "../../etcd/wire/etcdserverpb.ts";
import { StoreContact } from "./store-contact.ts";

const GRACE_MS = 4000;
const STEP_MS = 100;

/** A store that answers, refuses or keeps silent as the test says, and what is thought of it. */
class Bench {
  mood: "answers" | "refuses" | "keeps silent" = "answers";
  nowMs = 0;
  readonly told: string[] = [];
  readonly requests: RangeRequest[] = [];
  readonly signals: AbortSignal[] = [];
  readonly late: ((response: RangeResponse) => void)[] = [];
  readonly contact: StoreContact;
  readonly #context: TestContext;

  constructor(context: TestContext) {
    context.mock.timers.enable({ apis: ["setInterval"] });
    this.#context = context;
    this.contact = new StoreContact(
      { graceMs: GRACE_MS, key: Buffer.from("key") },
      {
        port: { range: (request, options) => this.#range(request, options) },
        clock: { nowMs: () => this.nowMs },
        lost: () => this.told.push(`lost at ${this.nowMs}`),
        found: () => this.told.push(`found at ${this.nowMs}`),
      },
    );
    context.after(() => this.contact.close());
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.nowMs += STEP_MS;
      this.#context.mock.timers.tick(STEP_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #range(request: RangeRequest, options: CallOptions | undefined): Promise<RangeResponse> {
    this.requests.push(request);
    this.signals.push(options!.signal!);
    if (this.mood === "answers") return Promise.resolve(newRangeResponse());
    if (this.mood === "refuses") return Promise.reject(new Error("no leader"));
    return new Promise((resolve) => this.late.push(resolve));
  }
}

describe("a store", () => {
  test("that answers is found, and asked for nothing that a member could answer alone", async (context) => {
    const bench = new Bench(context);
    await bench.pass(20_000);
    assert.deepEqual([bench.told, bench.contact.isLost], [[], false]);
    assert.equal(bench.requests.length, 40);
    assert.ok(bench.requests.every(({ serializable, countOnly }) => !serializable && countOnly));
  });

  for (const mood of ["refuses", "keeps silent"] as const) {
    test(`that ${mood} is lost after the grace, not before, and found by its first answer`, async (context) => {
      const bench = new Bench(context);
      await bench.pass(5000);
      bench.mood = mood;
      await bench.pass(GRACE_MS);
      assert.deepEqual(bench.told, []);
      await bench.pass(1000);
      assert.deepEqual([bench.told, bench.contact.isLost], [["lost at 9500"], true]);
      await bench.pass(30_000);
      bench.mood = "answers";
      await bench.pass(2500);
      assert.equal(bench.told.length, 2);
      assert.match(bench.told[1]!, /^found at 4[0-2]\d00$/);
      assert.equal(bench.contact.isLost, false);
    });
  }

  test("that keeps silent is asked anew, one question at a time", async (context) => {
    const bench = new Bench(context);
    bench.mood = "keeps silent";
    await bench.pass(10_000);
    assert.equal(bench.requests.length, 4);
    assert.deepEqual(
      bench.signals.map(({ aborted }) => aborted),
      [true, true, true, false],
    );
  });

  test("is not found by an answer to what was asked long ago", async (context) => {
    const bench = new Bench(context);
    bench.mood = "keeps silent";
    await bench.pass(10_000);
    bench.late[0]!(newRangeResponse());
    await bench.pass(100);
    assert.equal(bench.contact.isLost, true);
    bench.late.at(-1)!(newRangeResponse());
    await bench.pass(100);
    assert.equal(bench.contact.isLost, false);
  });

  test("is not lost because the process stood still", async (context) => {
    const bench = new Bench(context);
    await bench.pass(5000);
    bench.nowMs += 600_000;
    await bench.pass(5000);
    bench.mood = "keeps silent";
    await bench.pass(1000);
    bench.nowMs += 600_000;
    await bench.pass(1000);
    assert.deepEqual(bench.told, []);
    await bench.pass(GRACE_MS);
    assert.equal(bench.contact.isLost, true);
  });

  test("of which nobody wants to know any more is neither asked nor talked about", async (context) => {
    const bench = new Bench(context);
    bench.mood = "keeps silent";
    await bench.pass(1000);
    bench.contact.close();
    assert.deepEqual(
      bench.signals.map(({ aborted }) => aborted),
      [true],
    );
    await bench.pass(20_000);
    bench.late[0]!(newRangeResponse());
    await bench.pass(100);
    assert.deepEqual([bench.told, bench.requests.length], [[], 1]);
  });
});
