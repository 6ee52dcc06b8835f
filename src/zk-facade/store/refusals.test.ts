import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { silentLogger } from "../../etcd/base/logger.ts";
import { newRequestOp, newResponseHeader, newTxnResponse, type TxnResponse } from "../../etcd/wire/etcdserverpb.ts";
import type { Blocked, Plan, RecordTag, Refusal } from "../ops/plan.ts";
import { KeySpace } from "../tree/key-space.ts";
import { PendingZxid, type TreeView } from "../tree/znode.ts";
import { WritePipeline, type WritingSession } from "./write-pipeline.ts";

const FACADE = 1;
const emptyTree: TreeView = {
  get: () => undefined,
  ephemeralOwnerOf: () => 0n,
  ephemeralsOf: () => [],
  hasOrphansBelow: () => false,
  quotaOver: () => null,
};

interface Sent {
  readonly name: string;
  readonly sequence: number;
  readonly resolve: (response: TxnResponse) => void;
}

type Outcome = (view: TreeView) => Plan | Refusal | Blocked;

/** A plan that takes the znode away. */
function removes(path: string): Plan {
  return {
    kind: "plan",
    compares: [],
    operations: [newRequestOp()],
    changes: new Map([[path, null]]),
    witness: path,
    zxid: new PendingZxid(),
    result: { type: "none" },
  };
}

const refused: Refusal = { kind: "refusal", result: { type: "error", code: "noNode" } };

/** Looks at these znodes, which may be on their way. */
function refusedSeeing(...paths: readonly string[]): Outcome {
  return (view) => {
    for (const path of paths) view.get(path);
    return refused;
  };
}

/** A pipeline over a store that answers when it is told to. */
class Bench {
  readonly told: string[] = [];
  readonly sent: Sent[] = [];
  revision = 10;
  readonly #pipeline: WritePipeline;
  #planned = { name: "", sequence: 0 };
  #barriers: (() => void)[] = [];

  constructor(isOrdered: boolean) {
    const host = {
      tree: () => emptyTree,
      revision: () => this.revision,
      txn: () => new Promise<TxnResponse>((resolve) => this.sent.push({ ...this.#planned, resolve })),
      barrier: () => new Promise<number>((resolve) => this.#barriers.push(() => resolve(this.revision))),
      unleased: () => undefined,
    };
    const options = { facade: FACADE, isOrdered, txnOpsMax: 128 };
    this.#pipeline = new WritePipeline(options, new KeySpace("/zk"), host, silentLogger);
  }

  submit(name: string, session: WritingSession, ...outcomes: readonly [Outcome, ...Outcome[]]): void {
    const left = [...outcomes];
    this.#pipeline.submit({
      session,
      plan: (view: TreeView, { sequence }: RecordTag) => {
        this.#planned = { name, sequence };
        return (left.length > 1 ? left.shift()! : left[0]!)(view);
      },
      done: (_result, revision) => {
        this.told.push(`${name}@${revision}`);
      },
      lost(error) {
        throw error;
      },
    });
  }

  /** The barriers that were begun are behind us. */
  async passBarriers(): Promise<void> {
    for (const pass of this.#barriers.splice(0)) pass();
    await settled();
  }

  get names(): string[] {
    return this.sent.map(({ name }) => name);
  }

  /** The watch shows the record that a transaction left. */
  seen(name: string): void {
    this.#pipeline.seen(this.#find(name).sequence, ++this.revision);
  }

  /** All revisions that came together are in the tree. */
  advanced(): void {
    this.#pipeline.advanced(this.revision);
  }

  /** A transaction is answered that leaves no record of ours, or was not done. */
  async answered(name: string, outcome: { readonly succeeded: boolean; readonly revision: number }): Promise<void> {
    const header = newResponseHeader({ revision: outcome.revision });
    this.#find(name).resolve(newTxnResponse({ succeeded: outcome.succeeded, header }));
    await settled();
  }

  #find(name: string): Sent {
    return this.sent.findLast((sent) => sent.name === name)!;
  }
}

function settled(): Promise<void> {
  return new Promise(setImmediate);
}

const alice = newSession(1n, 5);
const bob = newSession(2n, 6);

function newSession(id: bigint, keyRevision: number): WritingSession {
  return { id, key: new KeySpace("/zk").sessionKey(id), keyRevision, needsFence: false, writesUnderWay: 0 };
}

describe("a refusal", () => {
  test("that rests on a write on its way is told before a later write of its session is sent", async () => {
    const bench = new Bench(true);
    bench.submit("bob removes /a", bob, () => removes("/a"));
    bench.submit("alice is refused", alice, refusedSeeing("/a"));
    bench.submit("alice removes /b", alice, () => removes("/b"));
    assert.deepEqual(bench.names, ["bob removes /a"]);
    await bench.passBarriers();
    assert.equal(bench.told.length, 0);
    // A watch that was begun anew does not show it, so it is complete only when the tree is past it.
    await bench.answered("bob removes /a", { succeeded: true, revision: 11 });
    bench.revision = 13;
    bench.advanced();
    assert.deepEqual(bench.told, ["bob removes /a@13", "alice is refused@13"]);
    assert.deepEqual(bench.names, ["bob removes /a", "alice removes /b"]);
    bench.seen("alice removes /b");
    assert.equal(bench.told.at(-1), "alice removes /b@14");
  });

  test("is planned again, before what comes behind it, when the write that it rests on was not done", async () => {
    const bench = new Bench(true);
    bench.submit("bob removes /a", bob, () => removes("/a"));
    bench.submit("alice sets /a", alice, refusedSeeing("/a"), () => removes("/a/set"));
    bench.submit("alice removes /b", alice, () => removes("/b"));
    await bench.answered("bob removes /a", { succeeded: false, revision: 11 });
    await bench.passBarriers();
    assert.deepEqual(bench.names, ["bob removes /a", "bob removes /a", "alice sets /a", "alice removes /b"]);
    for (const name of bench.names.slice(1)) bench.seen(name);
    assert.deepEqual(bench.told, ["bob removes /a@11", "alice sets /a@12", "alice removes /b@13"]);
  });

  test("that rests on nothing that is on its way waits for a barrier only", async () => {
    const bench = new Bench(true);
    bench.submit("bob removes /a", bob, () => removes("/a"));
    bench.submit("alice is refused", alice, refusedSeeing("/b"));
    await settled();
    assert.equal(bench.told.length, 0);
    bench.revision = 12;
    await bench.passBarriers();
    assert.deepEqual(bench.told, ["alice is refused@12"]);
  });

  test("that came after a barrier began waits for the next one", async () => {
    const bench = new Bench(true);
    bench.submit("alice is refused", alice, refusedSeeing("/a"));
    bench.submit("alice is refused again", alice, refusedSeeing("/a"));
    bench.submit("bob is refused", bob, refusedSeeing("/b"));
    await bench.passBarriers();
    assert.deepEqual(bench.told, ["alice is refused@10"]);
    bench.submit("bob is refused again", bob, refusedSeeing("/b"));
    await bench.passBarriers();
    assert.deepEqual(bench.told.slice(1), ["alice is refused again@10", "bob is refused@10"]);
    await bench.passBarriers();
    assert.deepEqual(bench.told.slice(3), ["bob is refused again@10"]);
  });

  test("becomes a write, before the session's later ones, when the barrier brings what it needs", async () => {
    const bench = new Bench(true);
    const setsOnce = [refusedSeeing("/a"), () => removes("/a/set")] as const;
    bench.submit("alice sets /a", alice, ...setsOnce);
    bench.submit("alice is refused", alice, refusedSeeing("/c"));
    bench.submit("alice removes /b", alice, () => removes("/b"));
    // Somebody else's write of /a arrives with the barrier.
    await bench.passBarriers();
    assert.deepEqual(bench.told, []);
    await bench.passBarriers();
    assert.deepEqual(bench.names, ["alice sets /a"]);
    bench.seen("alice sets /a");
    await bench.passBarriers();
    assert.deepEqual(bench.told, ["alice sets /a@11", "alice is refused@11"]);
    assert.deepEqual(bench.names, ["alice sets /a", "alice removes /b"]);
  });

  test("is told behind its session's own writes, and waits for no others", async () => {
    const bench = new Bench(true);
    bench.submit("alice removes /a", alice, () => removes("/a"));
    bench.submit("bob removes /b", bob, () => removes("/b"));
    bench.submit("alice is refused", alice, refusedSeeing("/c"));
    await bench.passBarriers();
    assert.equal(bench.told.length, 0);
    bench.seen("alice removes /a");
    assert.deepEqual(bench.told, ["alice removes /a@11", "alice is refused@11"]);
  });

  for (const isOrdered of [true, false]) {
    test(`does not overtake a write before it that waits again (ordered: ${isOrdered})`, async () => {
      const bench = new Bench(isOrdered);
      bench.submit("bob removes /a", bob, () => removes("/a"));
      bench.submit("alice is refused", alice, refusedSeeing("/a"));
      // Of the two that wait behind the refusal the first cannot be written down yet, so the other waits too.
      bench.submit("bob removes /z", bob, () => removes("/z"));
      bench.submit(
        "alice sets /p",
        alice,
        () => ({ kind: "blocked", on: new PendingZxid() }),
        () => removes("/p"),
      );
      bench.submit("alice is refused again", alice, refusedSeeing("/y"));
      bench.seen("bob removes /a");
      await bench.passBarriers();
      bench.advanced();
      assert.ok(!bench.told.includes("alice is refused again@11"));
      if (bench.names.includes("bob removes /z")) bench.seen("bob removes /z");
      bench.advanced();
      await bench.passBarriers();
      await bench.passBarriers();
      for (const name of ["bob removes /z", "alice sets /p"]) {
        if (!bench.told.some((told) => told.startsWith(name))) bench.seen(name);
      }
      bench.advanced();
      await bench.passBarriers();
      const ofAlice = bench.told.filter((told) => told.startsWith("alice")).map((told) => told.replace(/@.*/, ""));
      assert.deepEqual(ofAlice, ["alice is refused", "alice sets /p", "alice is refused again"]);
    });
  }
});
