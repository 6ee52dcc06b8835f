import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { silentLogger } from "../../etcd/base/logger.ts";
import { planRules } from "../ops/testing/planned-world.ts";
import { keys, TreeRun } from "../tree/testing/tree-run.ts";
import { Reaper, type ReaperOptions } from "./reaper.ts";
import type { WriteOrder } from "./write-pipeline.ts";

const CHECK_MS = 1000;

/** A reaper whose orders wait until they are carried out. */
class Bench {
  readonly run = new TreeRun();
  readonly reaper: Reaper;
  orders: WriteOrder[] = [];
  wallMs = 0;
  readonly #context: TestContext;

  constructor(context: TestContext, options: Partial<ReaperOptions> = {}) {
    this.#context = context;
    context.mock.timers.enable({ apis: ["setTimeout"] });
    this.reaper = new Reaper(
      { checkIntervalMs: CHECK_MS, maxPerMinute: 60_001, maxNeverUsedIntervalMs: 0, ...options },
      keys,
      {
        tree: () => this.run.tree,
        submit: (order) => void this.orders.push(order),
        context: (tag) => ({ sessionId: 0n, identities: [], nowMs: this.wallMs, tag, rules: planRules }),
      },
      { nowMs: () => this.wallMs, wallMs: () => this.wallMs },
      silentLogger,
    );
    context.after(() => this.reaper.close());
  }

  containers(...paths: readonly string[]): this {
    for (const path of paths) this.run.facade((writer) => writer.create(path, null, "container", 0n));
    return this;
  }

  /** Containers that had a child. */
  emptied(...paths: readonly string[]): this {
    this.containers(...paths);
    for (const path of paths) {
      this.run.facade((writer) => writer.create(`${path}/child`, null, "persistent", 0n));
      this.run.facade((writer) => writer.delete(`${path}/child`));
    }
    return this;
  }

  /** Carries out what was ordered; what each order came to. */
  async carryOut(): Promise<string[]> {
    const outcomes = this.orders.splice(0).map((order) => {
      const outcome = order.plan(this.run.tree, { facade: 1, sequence: 1 });
      if (outcome.kind === "blocked") return "blocked";
      if (outcome.kind === "plan") {
        const events = this.run.store.guarded([], outcome.operations);
        this.run.tree.apply(this.run.store.revision, events!, this.wallMs);
      }
      order.done(outcome.result, this.run.store.revision);
      return outcome.result.type === "error" ? outcome.result.code : "removed";
    });
    await settled();
    return outcomes;
  }

  async pass(ms: number): Promise<void> {
    this.wallMs += ms;
    this.#context.mock.timers.tick(ms);
    await settled();
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a reaper", () => {
  test("looks when its interval is over, again and again", async (context) => {
    const bench = new Bench(context).emptied("/first");
    bench.reaper.start();
    await bench.pass(CHECK_MS - 1);
    assert.deepEqual(await bench.carryOut(), []);
    await bench.pass(1);
    assert.deepEqual(await bench.carryOut(), ["removed"]);
    bench.emptied("/second");
    await bench.pass(CHECK_MS);
    assert.deepEqual(await bench.carryOut(), ["removed"]);
    assert.deepEqual(
      ["/first", "/second"].map((path) => bench.run.tree.get(path)),
      [undefined, undefined],
    );
  });

  test("leaves a container that was never used, or only for as long as it was told to", async (context) => {
    for (const [maxNeverUsedIntervalMs, expected] of [
      [0, []],
      [3 * CHECK_MS, []],
      [CHECK_MS / 2, ["removed"]],
    ] as const) {
      await context.test(`${maxNeverUsedIntervalMs} ms`, async (each) => {
        const bench = new Bench(each, { maxNeverUsedIntervalMs }).containers("/new");
        bench.reaper.start();
        await bench.pass(CHECK_MS);
        assert.deepEqual(await bench.carryOut(), expected);
      });
    }
  });

  test("asks once more when the turn of a znode has come", async (context) => {
    const bench = new Bench(context).emptied("/used");
    bench.reaper.start();
    await bench.pass(CHECK_MS);
    bench.run.facade((writer) => writer.create("/used/child", null, "persistent", 0n));
    assert.deepEqual(await bench.carryOut(), ["notEmpty"]);
    assert.notEqual(bench.run.tree.get("/used"), undefined);
  });

  for (const maxPerMinute of [600, 10]) {
    test(`removes one after the other, no more than ${maxPerMinute} in a minute`, async (context) => {
      const bench = new Bench(context, { maxPerMinute }).emptied("/a", "/b", "/c");
      const intervalMs = 60_000 / maxPerMinute;
      bench.reaper.start();
      await bench.pass(CHECK_MS);
      await bench.pass(intervalMs / 2);
      assert.deepEqual(await bench.carryOut(), ["removed"], "the second waits for the first");
      await bench.pass(intervalMs / 2 - 1);
      assert.deepEqual(await bench.carryOut(), []);
      await bench.pass(1);
      await bench.pass(2 * intervalMs);
      assert.deepEqual(await bench.carryOut(), ["removed"]);
      assert.deepEqual(await bench.carryOut(), ["removed"], "which took long enough by itself");
    });
  }

  test("ends its pause when it is closed", async (context) => {
    const bench = new Bench(context, { maxPerMinute: 1 }).emptied("/a", "/b");
    bench.reaper.start();
    await bench.pass(CHECK_MS);
    assert.deepEqual(await bench.carryOut(), ["removed"]);
    bench.reaper.close();
    await bench.pass(60_000);
    assert.deepEqual(bench.orders, []);
  });

  test("goes on behind a write of which nobody knows what became of it", async (context) => {
    const bench = new Bench(context).emptied("/a", "/b");
    bench.reaper.start();
    await bench.pass(CHECK_MS);
    bench.orders.shift()!.lost(new Error("the store is gone"));
    await bench.pass(0);
    assert.deepEqual(await bench.carryOut(), ["removed"]);
  });

  test("orders nothing any more once it is closed", async (context) => {
    const bench = new Bench(context).emptied("/a", "/b");
    bench.reaper.start();
    await bench.pass(CHECK_MS);
    bench.reaper.close();
    assert.deepEqual(await bench.carryOut(), ["removed"], "what was ordered before");
    await bench.pass(10 * CHECK_MS);
    assert.deepEqual(bench.orders, []);
  });
});
