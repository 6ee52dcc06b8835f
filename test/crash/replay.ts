import { MemoryBackend } from "../../src/etcd/mvcc/memory-backend.ts";
import type { LeaseAttachments } from "../../src/etcd/mvcc/leases.ts";
import { MvccStore } from "../../src/etcd/mvcc/store.ts";
import { type Event, Event_EventType } from "../../src/etcd/wire/mvccpb.ts";

/** Leases as the history mentions them: every one exists, and nobody asks more. */
class AnyLease implements LeaseAttachments {
  readonly #leases = new Map<string, bigint>();

  has(): boolean {
    return true;
  }

  attach(leaseId: bigint, key: string): void {
    this.#leases.set(key, leaseId);
  }

  detach(_leaseId: bigint, key: string): void {
    this.#leases.delete(key);
  }

  leaseOf(key: string): bigint {
    return this.#leases.get(key) ?? 0n;
  }
}

/** HashKV of a fresh store to which the events of a whole history were applied, and which was then compacted. */
export function hashOfReplay(history: readonly Event[], compactRevision: number): number {
  const store = new MvccStore({ leases: new AnyLease() }, new MemoryBackend());
  let next = 0;
  while (next < history.length) {
    const revision = history[next]!.kv!.modRevision;
    const txn = store.write();
    for (; history[next]?.kv?.modRevision === revision; next++) {
      const { type, kv } = history[next]!;
      if (type === Event_EventType.DELETE) txn.deleteRange(kv!.key, new Uint8Array());
      else txn.put(kv!.key, kv!.value, kv!.lease);
    }
    if (txn.end().revision !== revision) throw new Error(`the history lacks what came before revision ${revision}`);
  }
  const compaction = store.scheduleCompaction(compactRevision);
  while (!compaction.step(1000));
  const hash = store.hashKv(0);
  while (!hash.step(1000));
  return hash.result.hash;
}
