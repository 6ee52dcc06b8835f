import { EMPTY_BYTES } from "../../etcd/wire/codec.ts";
import type { Compare, RequestOp } from "../../etcd/wire/etcdserverpb.ts";
import type { KeySpace } from "../tree/key-space.ts";
import { encodeTrace, type TraceEvent } from "../tree/trace.ts";
import { PendingZxid, type TreeView, type Znode } from "../tree/znode.ts";
import type { Acl } from "../wire/messages.ts";
import { type Birth, bornZnode, copyOf, type DraftZnode, recordOf } from "./draft-znode.ts";
import { DraftEntry, Guard } from "./draft-entry.ts";
import { deleteKey, putKey } from "./operations.ts";
import type { Blocked, Plan, PlanContext, WriteResult } from "./plan.ts";

/** More entries than this are looked up by a map. */
const LINEAR_MAX = 8;
/** A zxid counter's limit in ZooKeeper is an int32; so is the count of children ever created. */
export const CREATES_MAX = 0x7fff_ffff;

interface DraftEvent {
  readonly type: TraceEvent["type"];
  readonly entry: DraftEntry;
  /** Of a created znode. */
  readonly acl: readonly Acl[] | null;
}

/**
 * A transaction in the making. Its steps are what the members of a multi do one after the other, or the one thing that any
 * other request does; each sees the tree as the ones before left it. In the end each key is put or deleted once at most:
 *
 *   delete + create    one put; czxid "own" and a base in the record make a new znode of the old key
 *   create + set…      one put with the last data
 *   set + set…         one put; the base makes up for the versions between
 *   create + delete    nothing, while the parent's counters move
 *
 * When a znode is touched more than once its events cannot be told from its keys, so then all events go into the trace.
 */
export class Draft {
  readonly zxid = new PendingZxid();
  readonly view: TreeView;
  readonly #keys: KeySpace;
  readonly #context: PlanContext;
  /** In the order in which they were asked for. */
  readonly #entries: DraftEntry[] = [];
  #index: Map<string, DraftEntry> | null = null;
  /** What the steps did, each event with its entry. */
  readonly #events: DraftEvent[] = [];
  #isFolded = false;
  #dropped: Uint8Array | null = null;

  constructor(view: TreeView, keys: KeySpace, context: PlanContext) {
    this.view = view;
    this.#keys = keys;
    this.#context = context;
  }

  /** The path is one that keys can be made of, or one of an absent znode that will not be written. "" is the root. */
  at(path: string): DraftEntry {
    const found = this.#find(path);
    if (found !== undefined) return found;
    const entry = new DraftEntry(path === "" ? "/" : path, this.view.get(path));
    this.#entries.push(entry);
    if (this.#index !== null) this.#index.set(entry.path, entry);
    else if (this.#entries.length > LINEAR_MAX) this.#index = new Map(this.#entries.map((each) => [each.path, each]));
    return entry;
  }

  /** True when no step has touched anything. */
  get isUntouched(): boolean {
    return this.#entries.every(({ isTouched }) => !isTouched);
  }

  /** The znode must not exist, its parent must. */
  create(entry: DraftEntry, parent: DraftEntry, birth: Birth): Znode {
    const { before } = entry;
    if (before === undefined) entry.guards |= Guard.absent;
    else {
      // Its key lives on, so its version must be the one that the base corrects.
      entry.guards |= Guard.data;
      entry.isReborn = true;
    }
    entry.set(bornZnode(birth, this.zxid, before));
    entry.put(birth.data);
    const changed = this.#edit(parent);
    // ZooKeeper's counter stays at its greatest value, and the next sequential name is the same again.
    if (changed.creates < CREATES_MAX) changed.creates++;
    changed.numChildren++;
    changed.pzxid = this.zxid;
    this.#note("created", entry);
    return entry.share();
  }

  /** The znode must exist and have no children. */
  delete(entry: DraftEntry, parent: DraftEntry): void {
    if (entry.before !== undefined && !entry.isReborn) this.#guardDelete(entry, entry.before);
    this.#remove(entry, parent);
  }

  /**
   * Deletes an ephemeral whose session is over, whatever became of it meanwhile, as long as it is that session's. Only etcd
   * clients can have put anything below it, and that becomes orphans. For the same reason its parent may be gone.
   */
  expire(entry: DraftEntry, parent: DraftEntry): void {
    entry.assume(Guard.owner);
    this.#remove(entry, parent);
  }

  setData(entry: DraftEntry, data: Uint8Array | null): Znode {
    const isFirstPut = !entry.isPut;
    const changed = this.#edit(entry);
    changed.mzxid = this.zxid;
    changed.mtime = this.#context.nowMs;
    changed.version = (changed.version + 1) | 0;
    changed.dataLength = data?.length ?? 0;
    changed.isNull = data === null;
    if (isFirstPut) {
      if (changed.keyVersion === 0) changed.createRevision = this.zxid;
      changed.keyVersion++;
    }
    entry.put(data);
    this.#note("dataChanged", entry);
    return entry.share();
  }

  setAcl(entry: DraftEntry, acl: readonly Acl[]): Znode {
    const changed = this.#edit(entry);
    changed.acl = acl;
    changed.aversion = (changed.aversion + 1) | 0;
    return entry.share();
  }

  /** Deletes another key of the facade along with all that. */
  drop(key: Uint8Array): void {
    this.#dropped = key;
  }

  finish(result: WriteResult): Plan | Blocked {
    const blockedOn = this.#encodeRecords();
    if (blockedOn !== null) return { kind: "blocked", on: blockedOn };
    const compares: Compare[] = [];
    for (const entry of this.#entries) entry.addCompares(compares, this.#keys);
    const changes = new Map<string, Znode | null>();
    for (const entry of this.#entries) {
      if (entry.now !== undefined) {
        if (entry.isTouched) changes.set(entry.path, entry.now);
      } else if (entry.before !== undefined && entry.isTouched) changes.set(entry.path, null);
    }
    return {
      kind: "plan",
      compares,
      operations: this.#operations(),
      changes,
      witness: this.#witness(),
      zxid: this.zxid,
      result,
    };
  }

  #find(path: string): DraftEntry | undefined {
    const sought = path === "" ? "/" : path;
    if (this.#index !== null) return this.#index.get(sought);
    for (const entry of this.#entries) if (entry.path === sought) return entry;
    return undefined;
  }

  /** A znode of this draft's own that nobody else refers to, to be changed. Its record will be written anew as a whole. */
  #edit(entry: DraftEntry): DraftZnode {
    // A record repeats what it does not change and describes the data (length, time), so both must be as they were.
    entry.assume(Guard.data | Guard.record);
    if (entry.now!.recordRevision === this.zxid && !entry.isShared) return entry.now as DraftZnode;
    const copy = copyOf(entry.now!);
    copy.recordRevision = this.zxid;
    copy.record = null;
    entry.set(copy);
    return copy;
  }

  /**
   * Children that came since would become orphans. The keys below are compared where the store holds none. Where it does,
   * orphans or children that this very multi deletes, the record is, for each child's create writes it.
   */
  #guardDelete(entry: DraftEntry, before: Znode): void {
    const hasKeysBelow = before.numChildren > 0 || this.view.hasOrphansBelow(entry.path);
    entry.assume(Guard.presence | (hasKeysBelow ? Guard.record : Guard.childless));
  }

  #remove(entry: DraftEntry, parent: DraftEntry): void {
    entry.clear();
    if (parent.now !== undefined) {
      const changed = this.#edit(parent);
      changed.numChildren--;
      changed.pzxid = this.zxid;
    }
    this.#note("deleted", entry);
  }

  #note(type: TraceEvent["type"], entry: DraftEntry): void {
    entry.events++;
    if (entry.events > 1) this.#isFolded = true;
    this.#events.push({ type, entry, acl: type === "created" ? entry.now!.acl : null });
  }

  /** Null, or the zxid that a record must wait for. */
  #encodeRecords(): PendingZxid | null {
    for (const { now, isTouched } of this.#entries) {
      if (now === undefined || !isTouched) continue;
      const record = recordOf(now, this.zxid, this.#context.tag);
      if (record instanceof PendingZxid) return record;
      (now as DraftZnode).record = record;
    }
    return null;
  }

  /** Znodes with events first, in the order of their events: the watch shows the keys in the order of the operations. */
  #operations(): RequestOp[] {
    const operations: RequestOp[] = [];
    for (const { entry } of this.#events) this.#write(entry, operations);
    for (const entry of this.#entries) this.#write(entry, operations);
    if (this.#isFolded) {
      const trace = encodeTrace(this.#events.map(({ type, entry, acl }) => ({ type, path: entry.path, acl })));
      operations.push(putKey(this.#keys.eventsKey, trace, 0n));
    }
    if (this.#dropped !== null) operations.push(deleteKey(this.#dropped));
    return operations;
  }

  #write(entry: DraftEntry, operations: RequestOp[]): void {
    if (!entry.isTouched || entry.isWritten) return;
    entry.isWritten = true;
    const { now } = entry;
    if (now !== undefined) {
      if (entry.isPut) operations.push(putKey(entry.dataKey(this.#keys), entry.data ?? EMPTY_BYTES, now.owner));
      operations.push(putKey(entry.recordKey(this.#keys), now.record!, now.owner));
    } else if (entry.before !== undefined) {
      operations.push(deleteKey(entry.dataKey(this.#keys)), deleteKey(entry.recordKey(this.#keys)));
    }
  }

  /** A znode that was itself written rather than a parent, which many write. */
  #witness(): string | null {
    for (const { entry } of this.#events) if (entry.now !== undefined) return entry.path;
    for (const { now, path, isTouched } of this.#entries) if (now !== undefined && isTouched) return path;
    return null;
  }
}
