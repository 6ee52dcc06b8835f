import { crc32c } from "../../base/crc32c.ts";
import type { EtcdErrorCode } from "../../errors.ts";
import {
  type Compare,
  type DeleteRangeRequest,
  newResponseHeader,
  newTxnRequest,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  type ResponseOp_Response,
  type TxnRequest,
  type TxnResponse,
} from "../../wire/etcdserverpb.ts";
import { encodeKeyValue, type KeyValue, newKeyValue } from "../../wire/mvccpb.ts";
import { revisionKey } from "../revision.ts";

/** A write as it stands on disk, for ever: this store never forgets, it only knows what should be forgotten. */
interface LogEntry {
  readonly main: number;
  readonly sub: number;
  readonly key: string;
  readonly tombstone: boolean;
  readonly bytes: Uint8Array;
}

type Pairs = Map<string, KeyValue>;

export type NaiveResult<Answer> = { readonly answer: Answer } | { readonly error: EtcdErrorCode };

/**
 * The store, too simple to be wrong: a whole copy of all pairs for every revision, and a log of all writes. Written from
 * the rules alone. Takes requests that passed their checks.
 */
export class NaiveStore {
  /** Index: revision. Revisions 0 and 1 have no pairs. */
  readonly #snapshots: Pairs[] = [new Map<string, KeyValue>(), new Map<string, KeyValue>()];
  readonly #log: LogEntry[] = [];
  readonly leases = new Set<bigint>();
  compactRevision = -1;

  get revision(): number {
    return this.#snapshots.length - 1;
  }

  range(request: RangeRequest): NaiveResult<{ kvs: KeyValue[]; more: boolean; count: number; revision: number }> {
    if (request.revision > this.revision) return { error: "futureRevision" };
    const at = request.revision <= 0 ? this.revision : request.revision;
    if (at < this.compactRevision) return { error: "compacted" };
    return { answer: { ...select(this.#snapshots[at]!, request), revision: this.revision } };
  }

  /** Alone, a put asks for its lease first; within a transaction it asks for the key. */
  put(request: PutRequest): NaiveResult<TxnResponse> {
    if (request.lease !== 0n && !this.leases.has(request.lease)) return { error: "leaseNotFound" };
    return this.txn(newTxnRequest({ success: [{ request: { case: "requestPut", value: request } }] }));
  }

  deleteRange(request: DeleteRangeRequest): NaiveResult<TxnResponse> {
    return this.txn(newTxnRequest({ success: [{ request: { case: "requestDeleteRange", value: request } }] }));
  }

  txn(request: TxnRequest): NaiveResult<TxnResponse> {
    const before = this.#snapshots.at(-1)!;
    const path: boolean[] = [];
    decide(before, request, path);
    const error = this.#refusal(request, [...path], []);
    if (error !== null) return { error };
    const pairs = new Map(before);
    const writes: LogEntry[] = [];
    const response = this.#run(request, path, pairs, writes);
    if (writes.length > 0) {
      this.#snapshots.push(pairs);
      this.#log.push(...writes);
    }
    response.header = newResponseHeader({ revision: this.revision });
    return { answer: response };
  }

  compact(revision: number): NaiveResult<null> {
    if (revision <= this.compactRevision) return { error: "compacted" };
    if (revision > this.revision) return { error: "futureRevision" };
    this.compactRevision = revision;
    return { answer: null };
  }

  /** The pairs on disk, once every compaction is done: `main.sub` with `t` for a tombstone. */
  disk(): string[] {
    const kept = this.#newestPerKey(this.compactRevision);
    return this.#log
      .filter((entry) => entry.main > this.compactRevision || kept.has(entry))
      .filter((entry) => !(entry.tombstone && entry.main < this.compactRevision))
      .map(({ main, sub, tombstone }) => `${main}.${sub}${tombstone ? "t" : ""}`);
  }

  /** Whether the keep set at a revision is empty. Then a hash depends on how far a compaction has come. */
  keepsNothing(revision: number): boolean {
    return this.#hashed(revision).length === 0;
  }

  /** HashKV, by the rules: the keep set at the revision, the compact revision as it is now. */
  hash(revision: number): number {
    const kept = this.#hashed(revision);
    const isKept = new Set(kept);
    let hash = crc32c(Buffer.from("key"));
    for (const entry of this.#log) {
      if (entry.main > revision) continue;
      if (entry.main <= this.compactRevision && kept.length > 0 && !isKept.has(entry)) continue;
      if (entry.main <= this.compactRevision && !this.#isOnDisk(entry)) continue;
      if (entry.main === this.compactRevision && entry.tombstone) continue;
      hash = crc32c(entry.bytes, crc32c(revisionKey(entry.main, entry.sub, entry.tombstone), hash));
    }
    return hash;
  }

  /** The keys that hang on each lease now. */
  attachments(): Map<bigint, string[]> {
    const keys = new Map<bigint, string[]>([...this.leases].map((id) => [id, []]));
    for (const [key, { lease }] of this.#snapshots.at(-1)!) if (lease !== 0n) keys.get(lease)!.push(key);
    for (const list of keys.values()) list.sort();
    return keys;
  }

  /** Every write with its key, in order, that a watcher from `revision` on must see. */
  since(revision: number): string[] {
    return this.#log
      .filter((entry) => entry.main >= revision)
      .map(
        ({ main, sub, tombstone, bytes }) =>
          `${main}.${sub}${tombstone ? "t" : ""} ${Buffer.from(bytes).toString("hex")}`,
      );
  }

  /** For each key its newest write up to a revision. */
  #newestPerKey(revision: number): Set<LogEntry> {
    const newest = new Map<string, LogEntry>();
    for (const entry of this.#log) if (entry.main <= revision) newest.set(entry.key, entry);
    return new Set(newest.values());
  }

  /** What a hash at a revision keeps: the living, but for a key that was deleted and put again in that revision. */
  #hashed(revision: number): LogEntry[] {
    const isReborn = ({ key }: LogEntry): boolean =>
      revision > this.compactRevision &&
      this.#log.some((entry) => entry.main === revision && entry.tombstone && entry.key === key);
    return [...this.#newestPerKey(revision)].filter((entry) => !entry.tombstone && !isReborn(entry));
  }

  #isOnDisk(entry: LogEntry): boolean {
    const isNewest = this.#newestPerKey(this.compactRevision).has(entry);
    return isNewest && !(entry.tombstone && entry.main < this.compactRevision);
  }

  #refusal(request: TxnRequest, path: boolean[], deletes: DeleteRangeRequest[]): EtcdErrorCode | null {
    const before = this.#snapshots.at(-1)!;
    for (const { request: op } of path.shift() ? request.success : request.failure) {
      if (op?.case === "requestRange") {
        const { revision } = op.value;
        if (revision > this.revision) return "futureRevision";
        if (revision !== 0 && revision < this.compactRevision) return "compacted";
      } else if (op?.case === "requestPut") {
        const { key, ignoreLease, ignoreValue, lease } = op.value;
        const isThere = before.has(text(key)) && !deletes.some((range) => isIn(text(key), range));
        if ((ignoreLease || ignoreValue) && !isThere) return "keyNotFound";
        if (lease !== 0n && !this.leases.has(lease)) return "leaseNotFound";
      } else if (op?.case === "requestDeleteRange") {
        deletes.push(op.value);
      } else if (op?.case === "requestTxn") {
        const error = this.#refusal(op.value, path, deletes);
        if (error !== null) return error;
      }
    }
    return null;
  }

  #run(request: TxnRequest, path: boolean[], pairs: Pairs, writes: LogEntry[]): TxnResponse {
    const succeeded = path.shift()!;
    const branch = succeeded ? request.success : request.failure;
    const responses = branch.map(({ request: op }) => ({ response: this.#runOp(op, path, pairs, writes) }));
    return { header: newResponseHeader(), succeeded, responses };
  }

  #runOp(op: RequestOp["request"], path: boolean[], pairs: Pairs, writes: LogEntry[]): ResponseOp_Response | null {
    const seen = (): number => this.revision + (writes.length > 0 ? 1 : 0);
    switch (op?.case) {
      case "requestRange": {
        const { revision } = op.value;
        const from = revision <= 0 || revision === seen() ? pairs : this.#snapshots[revision]!;
        const header = newResponseHeader({ revision: seen() });
        return { case: "responseRange", value: { header, ...select(from, op.value) } };
      }
      case "requestPut": {
        const prevKv = this.#put(op.value, pairs, writes);
        return { case: "responsePut", value: { header: newResponseHeader({ revision: seen() }), prevKv } };
      }
      case "requestDeleteRange": {
        const gone = [...pairs.keys()].filter((key) => isIn(key, op.value)).sort(byText);
        const prevKvs = op.value.prevKv ? gone.map((key) => pairs.get(key)!) : [];
        for (const key of gone) {
          pairs.delete(key);
          writes.push(this.#entry(key, newKeyValue({ key: bytes(key) }), true, writes.length));
        }
        const header = newResponseHeader({ revision: seen() });
        return { case: "responseDeleteRange", value: { header, deleted: gone.length, prevKvs } };
      }
      case "requestTxn":
        return { case: "responseTxn", value: this.#run(op.value, path, pairs, writes) };
      case undefined:
        return null;
    }
  }

  #put(request: PutRequest, pairs: Pairs, writes: LogEntry[]): KeyValue | null {
    const key = text(request.key);
    const old = pairs.get(key);
    const main = this.revision + 1;
    const kv = newKeyValue({
      key: request.key,
      value: request.ignoreValue ? old!.value : request.value,
      lease: request.ignoreLease ? old!.lease : request.lease,
      createRevision: old?.createRevision ?? main,
      modRevision: main,
      version: (old?.version ?? 0) + 1,
    });
    pairs.set(key, kv);
    writes.push(this.#entry(key, kv, false, writes.length));
    return request.prevKv ? (old ?? null) : null;
  }

  #entry(key: string, kv: KeyValue, tombstone: boolean, sub: number): LogEntry {
    return { main: this.revision + 1, sub, key, tombstone, bytes: encodeKeyValue(kv) };
  }
}

function select(pairs: Pairs, request: RangeRequest): { kvs: KeyValue[]; more: boolean; count: number } {
  const all = [...pairs.keys()]
    .filter((key) => isIn(key, request))
    .sort(byText)
    .map((key) => pairs.get(key)!);
  const count = all.length;
  if (request.countOnly) return { kvs: [], more: false, count };
  const { limit, sortOrder, sortTarget, minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } =
    request;
  const filters = [minModRevision, maxModRevision, minCreateRevision, maxCreateRevision];
  let kvs = all;
  if (limit > 0 && sortOrder === 0 && filters.every((filter) => filter === 0)) kvs = kvs.slice(0, limit + 1);
  if (minModRevision !== 0) kvs = kvs.filter((kv) => kv.modRevision >= minModRevision);
  if (maxModRevision !== 0) kvs = kvs.filter((kv) => kv.modRevision <= maxModRevision);
  if (minCreateRevision !== 0) kvs = kvs.filter((kv) => kv.createRevision >= minCreateRevision);
  if (maxCreateRevision !== 0) kvs = kvs.filter((kv) => kv.createRevision <= maxCreateRevision);
  const sortKeys: ((kv: KeyValue) => number | string)[] = [
    (kv) => text(kv.key),
    (kv) => kv.version,
    (kv) => kv.createRevision,
    (kv) => kv.modRevision,
    (kv) => text(kv.value),
  ];
  const sortKey = sortKeys[sortTarget]!;
  const sign = sortOrder === 2 ? -1 : 1;
  kvs = kvs.toSorted((a, b) => {
    const [left, right] = [sortKey(a), sortKey(b)];
    return left < right ? -sign : left > right ? sign : 0;
  });
  const more = limit > 0 && kvs.length > limit;
  if (more) kvs = kvs.slice(0, limit);
  if (request.keysOnly) kvs = kvs.map((kv) => ({ ...kv, value: bytes("") }));
  return { kvs, more, count };
}

function decide(pairs: Pairs, request: TxnRequest, path: boolean[]): void {
  const succeeded = request.compare.every((compare) => holds(pairs, compare));
  path.push(succeeded);
  for (const { request: op } of succeeded ? request.success : request.failure) {
    if (op?.case === "requestTxn") decide(pairs, op.value, path);
  }
}

function holds(pairs: Pairs, compare: Compare): boolean {
  const { target, result, targetUnion } = compare;
  const found = [...pairs.keys()].filter((key) => isIn(key, compare)).map((key) => pairs.get(key)!);
  if (found.length === 0 && target === 3) return false;
  const cases = ["version", "createRevision", "modRevision", "value", "lease"] as const;
  const name = cases[target];
  return (found.length === 0 ? [newKeyValue()] : found).every((kv) => {
    if (name === undefined) return [true, false, false, true][result === 3 ? 1 : result] ?? true;
    const given = targetUnion?.case === name ? targetUnion.value : { value: bytes(""), lease: 0n }[name as string];
    const [stored, wanted] = [comparable(kv[name]), comparable(given ?? 0)];
    return [stored === wanted, stored > wanted, stored < wanted, stored !== wanted][result] ?? true;
  });
}

function comparable(value: number | bigint | Uint8Array): number | bigint | string {
  return value instanceof Uint8Array ? text(value) : value;
}

function isIn(key: string, range: { key: Uint8Array; rangeEnd: Uint8Array }): boolean {
  const begin = text(range.key);
  const end = text(range.rangeEnd);
  if (end === "") return key === begin;
  return key >= begin && (end === "\0" || key < end);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function text(key: Uint8Array): string {
  return Buffer.from(key).toString("latin1");
}

function bytes(key: string): Uint8Array {
  return Buffer.from(key, "latin1");
}
