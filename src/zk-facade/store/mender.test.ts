import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { silentLogger } from "../../etcd/base/logger.ts";
import { EtcdError } from "../../etcd/errors.ts";
import { newResponseHeader, newTxnResponse, type TxnRequest, type TxnResponse } from "../../etcd/wire/etcdserverpb.ts";
import type { Mend } from "../tree/faults.ts";
import { decodeRecord } from "../tree/record.ts";
import { keys, put, TreeRun } from "../tree/testing/tree-run.ts";
import { Mender } from "./mender.ts";

const RUN = 3;

/** A mender over a store whose tree follows at once. */
class Bench {
  readonly run = new TreeRun();
  readonly mender: Mender;
  /** Jobs that wait for the pipeline to come home. */
  readonly jobs: (() => Promise<void>)[] = [];
  readonly requests: TxnRequest[] = [];
  readonly warnings: string[] = [];
  /** Happens before a transaction is carried out; what it throws is the answer. */
  before: () => void = () => undefined;

  constructor(context: TestContext) {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    this.mender = new Mender(
      { run: RUN },
      keys,
      {
        tree: () => this.run.tree,
        txn: (request) => this.#txn(request),
        reached: () => Promise.resolve(),
        exclusive: (job) => void this.jobs.push(job),
      },
      { ...silentLogger, warn: (_message, fields) => void this.warnings.push(String(fields?.["error"])) },
    );
    context.after(() => this.mender.close());
  }

  /** What an etcd client makes. */
  foreign(...paths: readonly string[]): readonly Mend[] {
    return this.run.etcd(...paths.map((path) => put(`/zk${path}`))).mends;
  }

  async runJobs(): Promise<void> {
    for (const job of this.jobs.splice(0)) await job();
  }

  tagOf(path: string): unknown {
    return decodeRecord(this.run.store.get(keys.recordKey(path))!.value)!.tag;
  }

  async #txn(request: TxnRequest): Promise<TxnResponse> {
    this.requests.push(request);
    await Promise.resolve();
    this.before();
    const events = this.run.store.guarded(request.compare, request.success);
    const { revision } = this.run.store;
    if (events !== null) this.run.tree.apply(revision, events, 0);
    return newTxnResponse({ header: newResponseHeader({ revision }), succeeded: events !== null });
  }
}

describe("a mender", () => {
  test("mends together what was found shortly after each other, and not before its time", async (context) => {
    const bench = new Bench(context);
    bench.mender.later(bench.foreign("/a"));
    context.mock.timers.tick(19);
    bench.mender.later(bench.foreign("/b"));
    assert.equal(bench.jobs.length, 0);
    context.mock.timers.tick(1);
    assert.equal(bench.jobs.length, 1);
    assert.notDeepEqual(bench.run.tree.mends(), []);
    await bench.runJobs();
    assert.deepEqual(bench.run.tree.mends(), []);
    context.mock.timers.tick(1000);
    assert.equal(bench.jobs.length, 0);
  });

  test("begins anew for what is found while it mends", async (context) => {
    const bench = new Bench(context);
    bench.mender.later(bench.foreign("/a"));
    context.mock.timers.tick(20);
    bench.mender.later(bench.foreign("/b"));
    await bench.runJobs();
    assert.equal(bench.jobs.length, 0);
    context.mock.timers.tick(20);
    await bench.runJobs();
    assert.deepEqual(bench.run.tree.mends(), []);
  });

  test("asks nothing of the store when there is nothing to mend", async (context) => {
    const bench = new Bench(context);
    bench.mender.later([]);
    context.mock.timers.tick(1000);
    assert.equal(bench.jobs.length, 0);
    // By the time, another facade has done it.
    bench.mender.later(bench.foreign("/a"));
    context.mock.timers.tick(20);
    bench.run.mend();
    await bench.runJobs();
    assert.deepEqual(bench.requests, []);
  });

  test("tags its records with its run, from the far end of the numbers that requests take", async (context) => {
    const bench = new Bench(context);
    bench.mender.later(bench.foreign("/a"));
    context.mock.timers.tick(20);
    await bench.runJobs();
    const tags = [bench.tagOf("/a"), bench.tagOf("/")];
    const expected = [0xffff_ffff, 0xffff_fffe].map((sequence) => ({ facade: RUN, sequence }));
    assert.equal(bench.requests.length, 2);
    for (const tag of expected) assert.ok(tags.some((found) => JSON.stringify(found) === JSON.stringify(tag)));
  });

  test("goes on with the others when one cannot be done, and speaks of it unless a lease ended", async (context) => {
    for (const [error, warnings] of [
      [new EtcdError("leaseNotFound"), 0],
      [new EtcdError("noSpace"), 1],
    ] as const) {
      await context.test(error.code, async (each) => {
        const bench = new Bench(each);
        bench.mender.later(bench.foreign("/a", "/b"));
        bench.before = () => {
          if (bench.requests.length === 1) throw error;
        };
        each.mock.timers.tick(20);
        await bench.runJobs();
        assert.equal(bench.requests.length, 3);
        assert.equal(bench.run.tree.mends().length, 1, "only what failed is left");
        assert.equal(bench.warnings.length, warnings);
      });
    }
  });

  test("does nothing any more once it is closed", async (context) => {
    const bench = new Bench(context);
    bench.mender.later(bench.foreign("/a"));
    context.mock.timers.tick(20);
    bench.mender.later(bench.foreign("/b"));
    bench.mender.close();
    bench.mender.later(bench.foreign("/c"));
    context.mock.timers.tick(1000);
    assert.equal(bench.jobs.length, 1, "the one that was on its way");
    await bench.runJobs();
    assert.deepEqual(bench.requests, []);
  });
});
