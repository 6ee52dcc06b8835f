import { encodeKeyValue, Event_EventType, newKeyValue, type KeyValue } from "../wire/mvccpb.ts";
import { keyBytes } from "./key-text.ts";
import type { WatchChange, WatchSource } from "./watch-source.ts";

/** One operation of a write, for tests. */
export type NaiveOp =
  { readonly put: string; readonly value: string; readonly lease?: bigint } | { readonly delete: string };

/**
 * A store for tests of watches, too simple to be wrong: a list of all changes, searched from end to end. Bytes that it
 * lends are overwritten as soon as the loan is over, so whoever keeps them is found out.
 */
export class NaiveSource implements WatchSource {
  currentRevision = 1;
  compactRevision = -1;
  readonly #history: { main: number; sub: number; type: number; kv: KeyValue }[] = [];

  /** Applies one write. Returns what the store would hand to the hub; nothing happened if nothing changed. */
  write(ops: readonly NaiveOp[]): { revision: number; changes: WatchChange[] } {
    const main = this.currentRevision + 1;
    const changes: WatchChange[] = [];
    for (const op of ops) {
      const sub = changes.length;
      if ("put" in op) {
        const before = this.#newest(op.put, main);
        const kv = newKeyValue({
          key: keyBytes(op.put),
          value: keyBytes(op.value),
          createRevision: before?.createRevision ?? main,
          modRevision: main,
          version: (before?.version ?? 0) + 1,
          lease: op.lease ?? 0n,
        });
        this.#history.push({ main, sub, type: Event_EventType.PUT, kv });
        changes.push({ type: Event_EventType.PUT, kv });
      } else if (this.#newest(op.delete, main)) {
        const kv = newKeyValue({ key: keyBytes(op.delete), modRevision: main });
        this.#history.push({ main, sub, type: Event_EventType.DELETE, kv });
        changes.push({ type: Event_EventType.DELETE, kv });
      }
    }
    if (changes.length > 0) this.currentRevision = main;
    return { revision: this.currentRevision, changes };
  }

  compact(revision: number): void {
    this.compactRevision = revision;
    const kept = this.#history.filter((change) => {
      if (change.main > revision) return true;
      const newest = this.#history.findLast((other) => other.main <= revision && sameKey(other.kv, change.kv));
      return newest === change && (change.type === Event_EventType.PUT || change.main === revision);
    });
    this.#history.splice(0, this.#history.length, ...kept);
  }

  scanRevisions(
    fromMain: number,
    toMainExclusive: number,
    visit: (main: number, sub: number, tombstone: boolean, kvBytes: Uint8Array) => boolean,
  ): void {
    for (const { main, sub, type, kv } of this.#history) {
      if (main < fromMain || main >= toMainExclusive) continue;
      const tombstone = type === Event_EventType.DELETE;
      const lent = encodeKeyValue(tombstone ? newKeyValue({ key: kv.key }) : kv);
      const goOn = visit(main, sub, tombstone, lent);
      lent.fill(0xee);
      if (!goOn) return;
    }
  }

  valueAt(key: Uint8Array, revision: number): KeyValue | null {
    if (revision < this.compactRevision) return null;
    const text = Buffer.from(key).toString("latin1");
    return this.#newest(text, revision);
  }

  /** Every change of a revision, in order. */
  changesOf(revision: number): { type: number; kv: KeyValue }[] {
    return this.#history.filter((change) => change.main === revision);
  }

  #newest(key: string, revision: number): KeyValue | null {
    const bytes = Buffer.from(key, "latin1");
    const last = this.#history.findLast((change) => change.main <= revision && bytes.equals(change.kv.key));
    return last?.type === Event_EventType.PUT ? last.kv : null;
  }
}

function sameKey(a: KeyValue, b: KeyValue): boolean {
  return Buffer.compare(a.key, b.key) === 0;
}
