import { assert } from "../../../etcd/base/assert.ts";
import {
  type Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  type RequestOp,
} from "../../../etcd/wire/etcdserverpb.ts";
import { type KeyValue, newKeyValue } from "../../../etcd/wire/mvccpb.ts";

/** What one operation of a transaction did to a key, as a watcher is told. */
export interface KeyEvent {
  readonly type: "put" | "delete";
  /** After a put; of a deleted key only the key. */
  readonly kv: KeyValue;
}

export interface TxnOutcome {
  readonly succeeded: boolean;
  readonly revision: number;
  readonly events: readonly KeyEvent[];
}

/** etcd's transactions on a Map: too simple to be wrong, and strict where etcd is. */
export class MemoryEtcd {
  revision = 1;
  /** By key, as latin1. */
  readonly #pairs = new Map<string, KeyValue>();

  /** Throws for what etcd refuses altogether: a key that is put twice, or put and deleted. */
  txn(compares: readonly Compare[], operations: readonly RequestOp[]): TxnOutcome {
    refuseDuplicates(operations);
    if (!compares.every((compare) => this.#holds(compare))) {
      return { succeeded: false, revision: this.revision, events: [] };
    }
    const revision = this.revision + 1;
    const events = operations.flatMap((operation) => this.#run(operation, revision));
    if (events.length > 0) this.revision = revision;
    return { succeeded: true, revision: this.revision, events };
  }

  /** What an etcd client does. */
  put(key: Uint8Array, value: Uint8Array, lease = 0n): void {
    this.revision++;
    this.#put(key, value, lease, this.revision);
  }

  delete(key: Uint8Array): void {
    if (this.#pairs.delete(textOf(key))) this.revision++;
  }

  get(key: Uint8Array): KeyValue | undefined {
    return this.#pairs.get(textOf(key));
  }

  all(): readonly KeyValue[] {
    return [...this.#pairs.values()];
  }

  #holds(compare: Compare): boolean {
    const pairs = this.all().filter(({ key }) => isWithin(key, compare.key, compare.rangeEnd));
    if (pairs.length > 0) return pairs.every((pair) => pairHolds(compare, pair));
    return compare.target !== Compare_CompareTarget.VALUE && pairHolds(compare, newKeyValue());
  }

  #run({ request }: RequestOp, revision: number): KeyEvent[] {
    assert(request !== null, "an operation without a request");
    if (request.case === "requestPut") {
      const { key, value, lease } = request.value;
      return [{ type: "put", kv: this.#put(key, value, lease, revision) }];
    }
    assert(
      request.case === "requestDeleteRange" && request.value.rangeEnd.length === 0,
      "an operation of another kind",
    );
    const { key } = request.value;
    return this.#pairs.delete(textOf(key)) ? [{ type: "delete", kv: newKeyValue({ key, modRevision: revision }) }] : [];
  }

  #put(key: Uint8Array, value: Uint8Array, lease: bigint, revision: number): KeyValue {
    const before = this.#pairs.get(textOf(key));
    const kv: KeyValue = {
      key,
      value: Uint8Array.from(value),
      lease,
      createRevision: before?.createRevision ?? revision,
      modRevision: revision,
      version: (before?.version ?? 0) + 1,
    };
    this.#pairs.set(textOf(key), kv);
    return kv;
  }
}

function refuseDuplicates(operations: readonly RequestOp[]): void {
  const puts = new Set<string>();
  const deletes = new Set<string>();
  for (const { request } of operations) {
    if (request?.case !== "requestPut" && request?.case !== "requestDeleteRange") continue;
    const key = textOf(request.value.key);
    assert(!puts.has(key), "duplicate key given in txn request");
    assert(request.case !== "requestPut" || !deletes.has(key), "duplicate key given in txn request");
    (request.case === "requestPut" ? puts : deletes).add(key);
  }
}

function pairHolds(compare: Compare, kv: KeyValue): boolean {
  const order = orderOf(compare, kv);
  switch (compare.result) {
    case Compare_CompareResult.EQUAL:
      return order === 0;
    case Compare_CompareResult.GREATER:
      return order > 0;
    default:
      throw new Error("a result that plans do not use");
  }
}

function orderOf({ targetUnion }: Compare, kv: KeyValue): number {
  assert(targetUnion !== null, "a compare with nothing");
  switch (targetUnion.case) {
    case "version":
      return kv.version - targetUnion.value;
    case "createRevision":
      return kv.createRevision - targetUnion.value;
    case "modRevision":
      return kv.modRevision - targetUnion.value;
    case "value":
      return Buffer.compare(kv.value, targetUnion.value);
    case "lease":
      return kv.lease === targetUnion.value ? 0 : 1;
  }
}

function isWithin(key: Uint8Array, start: Uint8Array, end: Uint8Array): boolean {
  if (end.length === 0) return Buffer.compare(key, start) === 0;
  return Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0;
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString("latin1");
}
