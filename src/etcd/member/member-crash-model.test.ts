import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EtcdError } from "../errors.ts";
import { silentLogger } from "../base/logger.ts";
import {
  newCompactionRequest,
  newDeleteRangeRequest,
  newLeaseGrantRequest,
  newLeaseRevokeRequest,
  newPutRequest,
  newRangeRequest,
  newTxnRequest,
  type RequestOp,
  type ResponseHeader,
} from "../wire/etcdserverpb.ts";
import { decodeKeyValue } from "../wire/mvccpb.ts";
import { type ConfState, type Entry, newConfState } from "../wire/raftpb.ts";
import { Replica } from "./replica.ts";
import { LaggingBackend } from "./testing/lagging-backend.ts";
import { MemberWorld } from "./testing/member-world.ts";

/**
 * A member that crashes at any moment, against the log that survived it. The log is the truth: after a restart the state
 * must be that of a replica that executes the whole log once. And the log must hold what the member has promised: every
 * write that it acknowledged, at the revision that it said, and every revision that a reader has seen.
 */

const keys = ["a", "b", "c", "d"];
const leases = [1n, 2n, 3n];

type Command =
  | { readonly kind: "put"; readonly key: string; readonly lease: bigint }
  | { readonly kind: "delete"; readonly key: string; readonly isRange: boolean }
  | { readonly kind: "txn"; readonly keys: readonly string[] }
  | { readonly kind: "grant" | "revoke"; readonly lease: bigint }
  | { readonly kind: "compact"; readonly back: number; readonly physical: boolean }
  | { readonly kind: "read"; readonly serializable: boolean }
  | { readonly kind: "turns"; readonly count: number }
  | { readonly kind: "flushLog" }
  | { readonly kind: "flushStore"; readonly batches: number }
  | { readonly kind: "pause" }
  | { readonly kind: "crash"; readonly logRows: number; readonly batches: number };

const key = fc.constantFrom(...keys);
const lease = fc.constantFrom(...leases);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("put" as const), key, lease: fc.constantFrom(0n, 0n, ...leases) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), key, isRange: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("txn" as const), keys: fc.uniqueArray(key, { minLength: 1 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("grant" as const), lease }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("revoke" as const), lease }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("compact" as const), back: fc.nat(3), physical: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("read" as const), serializable: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("turns" as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 6, arbitrary: fc.constant({ kind: "flushLog" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("flushStore" as const), batches: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "pause" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("crash" as const), logRows: fc.nat(6), batches: fc.nat(3) }),
  },
);

/** A write that was acknowledged: this key was put, or deleted, at this revision. */
interface Promised {
  readonly revision: number;
  readonly key: string;
  /** Null: it was deleted. */
  readonly value: string | null;
}

class Model {
  readonly world = new MemberWorld({ backendBatchIntervalMs: 1, backendBatchLimit: 4 });
  readonly #promised: Promised[] = [];
  readonly #calls: Promise<unknown>[] = [];
  /** The newest revision that anybody was told of. */
  #seenRevision = 0;
  readonly #surprises: unknown[] = [];
  #nextValue = 0;
  crashes = 0;

  async start(): Promise<void> {
    await this.world.start();
    // From here on the disk is as slow as the commands want it.
    this.world.log.flushes = "manual";
    this.world.backend.isPrompt = false;
  }

  async run(step: Command): Promise<void> {
    const { member, log, backend } = this.world;
    const { currentRevision } = member.replica.store;
    switch (step.kind) {
      case "put": {
        const value = this.#newValue();
        const request = newPutRequest({ key: bytes(step.key), value: bytes(value), lease: step.lease });
        this.#expect(member.put(request), ({ header }) => this.#promise(header, [[step.key, value]]));
        break;
      }
      case "delete": {
        const rangeEnd = bytes(step.isRange ? "\0" : "");
        const request = newDeleteRangeRequest({ key: bytes(step.key), rangeEnd, prevKv: true });
        this.#expect(member.deleteRange(request), ({ header, prevKvs }) =>
          this.#promise(
            header,
            prevKvs.map((kv) => [Buffer.from(kv.key).toString(), null]),
          ),
        );
        break;
      }
      case "txn": {
        const puts = step.keys.map((each) => [each, this.#newValue()] as const);
        const success = puts.map(([each, value]) => putOp(each, value));
        this.#expect(member.txn(newTxnRequest({ success })), ({ header }) => this.#promise(header, puts));
        break;
      }
      case "grant":
        this.#expect(member.leaseGrant(newLeaseGrantRequest({ id: step.lease, ttl: 1000 })), () => undefined);
        break;
      case "revoke":
        this.#expect(member.leaseRevoke(newLeaseRevokeRequest({ id: step.lease })), ({ header }) => this.#see(header));
        break;
      case "compact": {
        // One to revision 0 that a crash interrupts is forgotten, here as in etcd.
        const revision = Math.max(currentRevision - step.back, 1);
        this.#expect(member.compact(newCompactionRequest({ revision, physical: step.physical })), ({ header }) =>
          this.#see(header),
        );
        break;
      }
      case "read":
        this.#expect(
          member.range(newRangeRequest({ key: bytes("a"), rangeEnd: bytes("\0"), serializable: step.serializable })),
          ({ header }) => this.#see(header),
        );
        break;
      case "turns":
        for (let i = 0; i < step.count; i++) await new Promise((resolve) => setImmediate(resolve));
        break;
      case "flushLog":
        log.flush();
        break;
      case "flushStore":
        backend.flush(step.batches);
        break;
      case "pause":
        // Longer than the store gathers a batch.
        await new Promise((resolve) => setTimeout(resolve, 3));
        break;
      case "crash":
        this.crashes++;
        await this.world.crash(step);
        await Promise.all(this.#calls.splice(0));
        await this.start();
        await this.check();
    }
    assert.deepEqual([this.world.failures, this.#surprises], [[], []]);
  }

  /** The state now is the log's, and the log holds what was promised. */
  async check(): Promise<void> {
    const { replica } = this.world.member;
    const { store } = replica;
    while (store.pendingCompaction !== null) await new Promise((resolve) => setTimeout(resolve, 1));
    const entries = this.world.log.entries.filter(({ index }) => index <= replica.appliedIndex);
    const truth = execute(entries);
    const history = historyOf(truth.uncompacted);
    for (const { revision, key: promisedKey, value } of this.#promised) {
      assert.equal(history.get(revision)?.get(promisedKey), value, `the write of ${promisedKey}@${revision}`);
    }
    assert.ok(store.currentRevision >= this.#seenRevision, "a revision that was seen is gone");
    assert.equal(store.currentRevision, truth.replica.store.currentRevision);
    assert.equal(store.compactRevision, truth.replica.store.compactRevision);
    assert.deepEqual(pairsOf(replica), pairsOf(truth.replica));
    // A hash at the compacted revision may be the one that the compaction left behind, which dies with the process.
    if (store.compactRevision < store.currentRevision) assert.equal(hashOf(replica), hashOf(truth.replica));
    assert.deepEqual(leasesOf(replica), leasesOf(truth.replica));
    assert.deepEqual(replica.membership.members(), truth.replica.membership.members());
  }

  async end(): Promise<void> {
    this.world.log.flushes = "auto";
    this.world.backend.isPrompt = true;
    this.world.backend.flush();
    await Promise.all(this.#calls);
    await this.check();
    await this.world.stop();
  }

  #expect<Response>(call: Promise<Response>, answered: (response: Response) => void): void {
    this.#calls.push(
      call.then(answered, (error: unknown) => {
        // Who waits for the disk of a process that dies hears of it.
        if (!(error instanceof EtcdError) && String(error) !== "Error: the process is dead")
          this.#surprises.push(error);
      }),
    );
  }

  #promise(header: ResponseHeader | null, writes: readonly (readonly [string, string | null])[]): void {
    const { revision } = this.#see(header);
    for (const [writtenKey, value] of writes) this.#promised.push({ revision, key: writtenKey, value });
  }

  #see(header: ResponseHeader | null): ResponseHeader {
    this.#seenRevision = Math.max(this.#seenRevision, header!.revision);
    return header!;
  }

  #newValue(): string {
    return `value${this.#nextValue++}`;
  }
}

/** What a replica comes to that executes these entries once: as they are, and as if nothing had ever been compacted. */
function execute(entries: readonly Entry[]): { replica: Replica; uncompacted: Replica } {
  const [replica, uncompacted] = [newReplica(), newReplica()];
  const voters: ConfState = newConfState({ voters: [1n] });
  for (const entry of entries) {
    for (const each of [replica, uncompacted]) {
      each.apply(entry, {
        requestOf: () => undefined,
        configurationChanged: () => voters,
        termBegun: () => undefined,
        applied: (_data, { compaction }) => {
          if (each === replica && compaction !== null) while (!compaction.step(1000));
        },
      });
    }
  }
  return { replica, uncompacted };
}

function newReplica(): Replica {
  return new Replica(
    { quotaBytes: Number.POSITIVE_INFINITY, lessor: { electionTimeoutMs: 1000, checkpoints: false } },
    { backend: new LaggingBackend(), clock: { nowMs: () => 0, wallMs: () => 0 }, logger: silentLogger },
  );
}

/** By revision and key: the value, null if it was deleted. Of a store whose compactions were never worked off. */
function historyOf({ store }: Replica): Map<number, Map<string, string | null>> {
  const history = new Map<number, Map<string, string | null>>();
  store.scanRevisions(0, Number.MAX_SAFE_INTEGER, (main, _sub, isTombstone, stored) => {
    const kv = decodeKeyValue(Buffer.from(stored));
    const changes = history.get(main) ?? new Map<string, string | null>();
    history.set(
      main,
      changes.set(Buffer.from(kv.key).toString(), isTombstone ? null : Buffer.from(kv.value).toString()),
    );
    return true;
  });
  // No revision is missing, and none is used twice.
  assert.deepEqual(
    [...history.keys()],
    Array.from({ length: history.size }, (_, i) => i + 2),
  );
  return history;
}

/** What is left of the history, as it stands on disk. */
function pairsOf({ store }: Replica): string[] {
  const pairs: string[] = [];
  store.scanRevisions(0, Number.MAX_SAFE_INTEGER, (main, sub, isTombstone, stored) => {
    pairs.push(`${main}.${sub}${isTombstone ? "t" : ""} ${Buffer.from(stored).toString("hex")}`);
    return true;
  });
  return pairs;
}

function hashOf({ store }: Replica): number {
  const job = store.hashKv(store.currentRevision);
  while (!job.step(1000));
  return job.result.hash;
}

function leasesOf({ lessor }: Replica): unknown {
  return leases.filter((id) => lessor.has(id)).map((id) => [id, lessor.keysOf(id)]);
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

function putOp(putKey: string, value: string): RequestOp {
  return { request: { case: "requestPut", value: newPutRequest({ key: bytes(putKey), value: bytes(value) }) } };
}

test("whatever was acknowledged or seen is there after a crash at any moment, and nothing happened twice", async () => {
  let crashes = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 120, size: "max" }), async (commands) => {
      const model = new Model();
      await model.start();
      try {
        for (const step of commands) await model.run(step);
        await model.end();
      } finally {
        // Nothing is left to stop if it ended well.
        await model.world.stop().catch(() => undefined);
      }
      crashes += model.crashes;
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
  assert.ok(crashes > 120, `only ${crashes} crashes`);
});
