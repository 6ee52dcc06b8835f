import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EtcdError } from "../errors.ts";
import {
  type Compare,
  newCompare,
  newDeleteRangeRequest,
  newPutRequest,
  newRangeRequest,
  newTxnRequest,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  type TxnRequest,
  type TxnResponse,
} from "../wire/etcdserverpb.ts";
import { decodeKeyValue, encodeKeyValue } from "../wire/mvccpb.ts";
import { checkTxn } from "./check.ts";
import type { HashJob } from "./hash-job.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { MemoryLeases } from "./memory-leases.ts";
import { applyDeleteRange, applyPut } from "./operations.ts";
import { executeRange, executeRangeEncoded } from "./range.ts";
import { formatRevision, isTombstone, mainOf, subOf } from "./revision.ts";
import { MvccStore } from "./store.ts";
import { type NaiveResult, NaiveStore } from "./testing/naive-store.ts";
import { executeTxn } from "./txn.ts";

const leaseIds = [5n, -6n, 2n ** 62n];

// Few keys, so that operations meet; some share a prefix, some hold bytes that are not text.
const key = fc.constantFrom("a", "aa", "ab", "b", "c", "\0", "c\0", "\xff").map(latin1);
const rangeEnd = fc.constantFrom("", "", "", "\0", "\0", "b", "c\0", "a", "\xff\xff").map(latin1);
const value = fc.constantFrom("", "1", "2", "22", "\xff").map(latin1);
const small = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: -2, max: 40 }) },
);
const rare = fc.integer({ min: 0, max: 5 }).map((n) => n === 0);

const rangeRequest: fc.Arbitrary<RangeRequest> = fc
  .record({
    key,
    rangeEnd,
    limit: fc.constantFrom(0, 0, 1, 2, 3, -1),
    revision: small,
    sortOrder: fc.constantFrom(0, 0, 1, 2),
    sortTarget: fc.constantFrom(0, 0, 1, 2, 3, 4),
    keysOnly: rare,
    countOnly: rare,
    filters: fc.option(
      fc.record({ minModRevision: small, maxModRevision: small, minCreateRevision: small, maxCreateRevision: small }),
    ),
  })
  .map(({ filters, ...request }) => newRangeRequest({ ...request, ...filters }));

const putRequest = fc
  .record({
    key,
    value,
    lease: fc.constantFrom(0n, 0n, 0n, ...leaseIds, 99n),
    prevKv: fc.boolean(),
    ignoreValue: rare,
    ignoreLease: rare,
  })
  .map((put) =>
    newPutRequest({
      ...put,
      value: put.ignoreValue ? latin1("") : put.value,
      lease: put.ignoreLease ? 0n : put.lease,
    }),
  );

const deleteRequest = fc.record({ key, rangeEnd, prevKv: fc.boolean() }).map(newDeleteRangeRequest);

const targets = ["version", "createRevision", "modRevision", "value", "lease"] as const;
const compare: fc.Arbitrary<Compare> = fc
  .record({
    key,
    rangeEnd,
    result: fc.integer({ min: 0, max: 4 }),
    target: fc.integer({ min: 0, max: 5 }),
    given: fc.integer({ min: 0, max: 12 }),
    value,
    lease: fc.constantFrom(0n, ...leaseIds),
    mismatch: fc.integer({ min: 0, max: 9 }),
  })
  .map((parts) => {
    // Now and then another kind of value than the target has, or none at all.
    const name = parts.mismatch === 0 ? undefined : targets[parts.mismatch === 1 ? 0 : parts.target];
    const base = { key: parts.key, rangeEnd: parts.rangeEnd, result: parts.result, target: parts.target };
    if (name === undefined) return newCompare(base);
    if (name === "value") return newCompare({ ...base, targetUnion: { case: name, value: parts.value } });
    if (name === "lease") return newCompare({ ...base, targetUnion: { case: name, value: parts.lease } });
    return newCompare({ ...base, targetUnion: { case: name, value: parts.given } });
  });

const { txn: txnRequest } = fc.letrec<{ txn: TxnRequest; op: RequestOp }>((tie) => ({
  op: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    putRequest.map((put): RequestOp => ({ request: { case: "requestPut", value: put } })),
    rangeRequest.map((range): RequestOp => ({ request: { case: "requestRange", value: range } })),
    deleteRequest.map((range): RequestOp => ({ request: { case: "requestDeleteRange", value: range } })),
    tie("txn").map((txn): RequestOp => ({ request: { case: "requestTxn", value: txn } })),
  ),
  txn: fc
    .record({
      compare: fc.array(compare, { maxLength: 2 }),
      success: fc.array(tie("op"), { maxLength: 4 }),
      failure: fc.array(tie("op"), { maxLength: 3 }),
    })
    .map(newTxnRequest),
}));

type Operation =
  | { readonly op: "range"; readonly request: RangeRequest }
  | { readonly op: "put"; readonly request: ReturnType<typeof newPutRequest> }
  | { readonly op: "delete"; readonly request: ReturnType<typeof newDeleteRangeRequest> }
  | { readonly op: "txn"; readonly request: TxnRequest }
  | { readonly op: "compact"; readonly back: number }
  | { readonly op: "step" | "hashStep"; readonly budget: number }
  | { readonly op: "hash"; readonly back: number }
  | { readonly op: "reopen" };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: rangeRequest.map((request) => ({ op: "range" as const, request })) },
  { weight: 10, arbitrary: putRequest.map((request) => ({ op: "put" as const, request })) },
  { weight: 4, arbitrary: deleteRequest.map((request) => ({ op: "delete" as const, request })) },
  { weight: 8, arbitrary: txnRequest.map((request) => ({ op: "txn" as const, request })) },
  { weight: 2, arbitrary: fc.integer({ min: -1, max: 8 }).map((back) => ({ op: "compact" as const, back })) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }).map((budget) => ({ op: "step" as const, budget })) },
  { weight: 2, arbitrary: fc.integer({ min: -1, max: 8 }).map((back) => ({ op: "hash" as const, back })) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }).map((budget) => ({ op: "hashStep" as const, budget })) },
  { weight: 1, arbitrary: fc.constant({ op: "reopen" as const }) },
);

test("the store agrees with the model", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      const pair = new Pair();
      for (const step of operations) pair.run(step);
      pair.settle();
    }),
    { numRuns: 300 },
  );
});

test("the same operations give the same hash, however compactions are cut and wherever the store is reopened", () => {
  const writes = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: putRequest.map((request) => ({ op: "put" as const, request })) },
      { weight: 2, arbitrary: deleteRequest.map((request) => ({ op: "delete" as const, request })) },
      { weight: 3, arbitrary: txnRequest.map((request) => ({ op: "txn" as const, request: inThePresent(request) })) },
    ),
    { minLength: 5, maxLength: 60 },
  );
  const noise = fc.array(fc.constantFrom("compact", "step", "reopen", "nothing"), { minLength: 60, maxLength: 60 });
  fc.assert(
    fc.property(writes, noise, (operations, noises) => {
      const quiet = new Pair();
      const noisy = new Pair();
      operations.forEach((step, i) => {
        quiet.run(step);
        noisy.run(step);
        if (noises[i] === "compact") noisy.run({ op: "compact", back: 3 });
        if (noises[i] === "step") noisy.run({ op: "step", budget: 2 });
        if (noises[i] === "reopen") noisy.run({ op: "reopen" });
      });
      // Members compact by the same entry of the log, so they have the same compact revision when they are compared.
      for (const each of [quiet, noisy]) {
        each.settle();
        each.run({ op: "compact", back: 0 });
        each.settle();
      }
      assert.equal(quiet.hashNow(), noisy.hashNow());
    }),
    { numRuns: 100 },
  );
});

test("a key that one transaction deletes and puts again outlives a compaction to that very revision", () => {
  // Found by the property above: etcd keeps the tombstone of such a revision and forgets the put.
  const put = (more: Partial<PutRequest> = {}) => newPutRequest({ key: latin1("a"), ...more });
  const putOp: RequestOp = { request: { case: "requestPut", value: put() } };
  const range = newDeleteRangeRequest({ key: latin1("a"), rangeEnd: latin1("\0") });
  const deleteOp: RequestOp = { request: { case: "requestDeleteRange", value: range } };
  const nested = newTxnRequest({ success: [deleteOp] });
  const request = newTxnRequest({ success: [{ request: { case: "requestTxn", value: nested } }, putOp] });
  const again: Operation = { op: "put", request: put({ ignoreValue: true, ignoreLease: true }) };
  const history: Operation[] = [
    { op: "put", request: put() },
    { op: "txn", request },
    again,
    { op: "reopen" },
    again,
    { op: "delete", request: newDeleteRangeRequest({ key: latin1("a") }) },
  ];
  for (let reborn = 1; reborn < history.length; reborn++) {
    for (let back = 0; back < reborn; back++) {
      const pair = new Pair();
      for (const [i, step] of history.entries()) {
        pair.run(step);
        if (i === reborn) pair.run({ op: "compact", back });
        if (i > reborn) pair.run({ op: "step", budget: 1 });
      }
      pair.settle();
      pair.run({ op: "hash", back: 0 });
      pair.run({ op: "reopen" });
      pair.settle();
    }
  }
});

/** The store and the model, fed with the same operations; every answer is compared. */
class Pair {
  #backend = new MemoryBackend();
  #leases = newLeases();
  #store = new MvccStore({ leases: this.#leases }, this.#backend);
  readonly #model = new NaiveStore();
  #hashing: { job: HashJob; asked: number } | null = null;

  constructor() {
    for (const id of leaseIds) this.#model.leases.add(id);
  }

  run(step: Operation): void {
    switch (step.op) {
      case "range":
        this.#range(step.request);
        break;
      case "put":
        this.#write(this.#model.put(step.request), () => {
          const { response } = applyPut(this.#store, step.request);
          return { case: "responsePut", value: response };
        });
        break;
      case "delete":
        this.#write(this.#model.deleteRange(step.request), () => {
          const { response } = applyDeleteRange(this.#store, step.request);
          return { case: "responseDeleteRange", value: response };
        });
        break;
      case "txn":
        if (passesCheck(step.request)) this.#txn(step.request);
        break;
      case "compact": {
        const revision = this.#store.currentRevision - step.back;
        const actual = answerOf(() => {
          this.#store.scheduleCompaction(revision);
          return null;
        });
        assert.deepEqual(actual, this.#model.compact(revision));
        break;
      }
      case "step":
        this.#store.pendingCompaction?.step(step.budget);
        break;
      case "hash": {
        const asked = this.#store.currentRevision - step.back;
        const begun = answerOf(() => this.#store.hashKv(asked));
        if ("answer" in begun) this.#hashing = { job: begun.answer, asked };
        else assert.equal(begun.error, asked > this.#store.currentRevision ? "futureRevision" : "compacted");
        break;
      }
      case "hashStep":
        this.#hashStep(step.budget);
        break;
      case "reopen":
        this.#reopen();
    }
    assert.equal(this.#store.currentRevision, this.#model.revision);
    assert.equal(this.#store.compactRevision, this.#model.compactRevision);
  }

  /** Ends what is under way, and compares what is stored. */
  settle(): void {
    while (this.#store.pendingCompaction !== null) this.#store.pendingCompaction.step(3);
    while (this.#hashing !== null) this.#hashStep(10);
    const disk: string[] = [];
    this.#backend.scan("key", new Uint8Array(0), null, (stored) => {
      disk.push(formatRevision(mainOf(stored), subOf(stored), isTombstone(stored)));
      return true;
    });
    assert.deepEqual(disk, this.#model.disk());
    for (const id of leaseIds) assert.deepEqual(this.#leases.keysOf(id), this.#model.attachments().get(id));
    const from = Math.max(this.#model.compactRevision + 1, 0);
    assert.deepEqual(this.#since(from), this.#model.since(from));
    for (let revision = Math.max(this.#model.compactRevision, 1); revision <= this.#model.revision; revision++) {
      this.#range(newRangeRequest({ key: latin1("\0"), rangeEnd: latin1("\0"), revision }));
    }
  }

  /** The hash at the newest revision, with no hash left over from a compaction. */
  hashNow(): number {
    this.#reopen();
    const job = this.#store.hashKv(0);
    while (!job.step(4));
    return job.result.hash;
  }

  #range(request: RangeRequest): void {
    const expected = plain(this.#model.range(request));
    assert.deepEqual(plain(answerOf(() => executeRange(this.#store, request))), expected);
    const encoded = answerOf(() => {
      const { kvs, ...rest } = executeRangeEncoded(this.#store, request);
      return { kvs: kvs.map((bytes) => decodeKeyValue(bytes)), ...rest };
    });
    assert.deepEqual(plain(encoded), expected);
  }

  #write(model: NaiveResult<TxnResponse>, run: () => unknown): void {
    const expected = "error" in model ? model : { answer: model.answer.responses[0]!.response };
    assert.deepEqual(plain(answerOf(run)), plain(expected));
  }

  #txn(request: TxnRequest): void {
    const before = this.#store.currentRevision;
    const actual = answerOf(() => executeTxn(this.#store, request));
    const expected = this.#model.txn(request);
    if (!("answer" in actual)) {
      assert.deepEqual(actual, expected);
      return;
    }
    assert.deepEqual(plain({ answer: actual.answer.response }), plain(expected));
    // What is told to watchers is what is stored, but that a delete says when it was.
    const told = actual.answer.changes.map(({ type, kv }, sub) => {
      const stored = type === 0 ? kv : { ...kv, modRevision: 0 };
      return `${formatRevision(kv.modRevision, sub, type !== 0)} ${encodeKeyValue(stored).toString("hex")}`;
    });
    assert.deepEqual(told, this.#model.since(before + 1));
  }

  #hashStep(budget: number): void {
    if (this.#hashing === null) return;
    const { job, asked } = this.#hashing;
    try {
      if (!job.step(budget)) return;
    } catch (error) {
      assert.ok(error instanceof EtcdError && error.code === "compacted" && asked < this.#model.compactRevision);
      this.#hashing = null;
      return;
    }
    this.#hashing = null;
    const { hash, compactRevision, revision } = job.result;
    assert.equal(revision, asked === 0 ? revision : asked);
    if (this.#model.keepsNothing(revision)) return;
    // A hash that was cached, or computed before the last compaction began, is of an older compact revision.
    if (compactRevision === this.#model.compactRevision) assert.equal(hash, this.#model.hash(revision));
    else assert.ok(compactRevision < this.#model.compactRevision);
  }

  #reopen(): void {
    this.#hashing = null;
    // A compaction to 0 forgets nothing, and etcd forgets it if it is interrupted.
    if (this.#store.compactRevision === 0 && this.#store.pendingCompaction !== null) this.#model.compactRevision = -1;
    void this.#backend.commit();
    this.#backend = this.#backend.crash();
    this.#leases = newLeases();
    this.#store = new MvccStore({ leases: this.#leases }, this.#backend);
  }

  #since(revision: number): string[] {
    const seen: string[] = [];
    this.#store.scanRevisions(revision, this.#store.currentRevision + 1, (main, sub, tombstone, bytes) => {
      seen.push(`${formatRevision(main, sub, tombstone)} ${Buffer.from(bytes).toString("hex")}`);
      return true;
    });
    return seen;
  }
}

function newLeases(): MemoryLeases {
  const leases = new MemoryLeases();
  for (const id of leaseIds) leases.grant(id);
  return leases;
}

function passesCheck(request: TxnRequest): boolean {
  const checked = answerOf(() => {
    checkTxn(request, 128);
    return null;
  });
  return "answer" in checked;
}

function answerOf<Answer>(run: () => Answer): { answer: Answer } | { error: string } {
  try {
    return { answer: run() };
  } catch (error) {
    if (error instanceof EtcdError) return { error: error.code };
    throw error;
  }
}

/** The same, but that nothing in it reads the past: that is refused where a compaction has been, and the rest with it. */
function inThePresent({ compare, success, failure }: TxnRequest): TxnRequest {
  const future = 1000;
  const present = ({ request }: RequestOp): RequestOp => {
    if (request?.case === "requestTxn") return { request: { ...request, value: inThePresent(request.value) } };
    if (request?.case !== "requestRange") return { request };
    const revision = request.value.revision > 0 && request.value.revision % 8 === 0 ? future : 0;
    return { request: { ...request, value: { ...request.value, revision } } };
  };
  return newTxnRequest({ compare, success: success.map(present), failure: failure.map(present) });
}

/** Bytes as text, whatever class of array holds them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
