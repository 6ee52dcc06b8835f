import type { Compare } from "../../etcd/wire/etcdserverpb.ts";
import type { KeySpace } from "../tree/key-space.ts";
import type { Znode } from "../tree/znode.ts";
import {
  createRevisionIs,
  isAbsent,
  isEmpty,
  isPresent,
  leaseIs,
  modRevisionIs,
  valueIs,
  versionIs,
} from "./compares.ts";
import type { DraftZnode } from "./draft-znode.ts";
import { knownZxid } from "./known-zxid.ts";

/** What a plan assumes of a znode as the tree has it: bits. */
export const Guard = {
  /** It does not exist. */
  absent: 1,
  /** It exists, and is the same one. */
  presence: 2,
  /** Its data key was not put since. */
  data: 4,
  /** Its record was not put since. */
  record: 8,
  /** Its data key has the lease of its owner. */
  owner: 16,
  /** There are no keys below it. */
  childless: 32,
} as const;

/** One znode of a draft: as the tree has it, as the steps so far leave it, and what was assumed of it. */
export class DraftEntry {
  readonly path: string;
  readonly before: Znode | undefined;
  now: Znode | undefined;
  guards = 0;
  /** Its record is to be written, or both its keys are to be deleted. */
  isTouched = false;
  /** Its data key is to be put. */
  isPut = false;
  data: Uint8Array | null = null;
  /** Deleted and created anew: what is known of `now` does not rest on `before`. */
  isReborn = false;
  /** Somebody holds `now` and must not see it change. */
  isShared = false;
  events = 0;
  /** Its operations are among those of the plan. */
  isWritten = false;
  #dataKey: Uint8Array | null = null;
  #recordKey: Uint8Array | null = null;

  constructor(path: string, before: Znode | undefined) {
    this.path = path;
    this.before = before;
    this.now = before;
  }

  set(znode: DraftZnode): void {
    this.now = znode;
    this.isTouched = true;
    this.isShared = false;
  }

  put(data: Uint8Array | null): void {
    this.isPut = true;
    this.data = data;
  }

  clear(): void {
    this.now = undefined;
    this.isTouched = true;
    this.isPut = false;
    this.data = null;
  }

  /** The znode for an answer: it stays as it is. */
  share(): Znode {
    this.isShared = true;
    return this.now!;
  }

  /** What the draft itself made needs no guard. */
  assume(guards: number): void {
    if (this.before !== undefined && !this.isReborn) this.guards |= guards;
  }

  dataKey(keys: KeySpace): Uint8Array {
    return (this.#dataKey ??= keys.dataKey(this.path));
  }

  recordKey(keys: KeySpace): Uint8Array {
    return (this.#recordKey ??= keys.recordKey(this.path));
  }

  addCompares(compares: Compare[], keys: KeySpace): void {
    const { before, guards } = this;
    if (guards === 0) return;
    if (before === undefined) {
      compares.push(isAbsent(this.dataKey(keys)));
      return;
    }
    const isDataPending = this.#addDataCompare(compares, before, keys);
    // A version alone does not prove that the transaction on its way did it.
    if ((guards & Guard.record) !== 0 || isDataPending) this.#addRecordCompare(compares, before, keys);
    if ((guards & Guard.owner) !== 0) compares.push(leaseIs(this.dataKey(keys), before.owner));
    if ((guards & Guard.childless) !== 0) compares.push(isEmpty(keys.dataBelow(this.path)));
  }

  /** True when the compare rests on a transaction that is on its way. */
  #addDataCompare(compares: Compare[], before: Znode, keys: KeySpace): boolean {
    if ((this.guards & Guard.data) !== 0) {
      const revision = knownZxid(before.mzxid);
      const key = this.dataKey(keys);
      compares.push(revision === null ? versionIs(key, before.keyVersion) : modRevisionIs(key, revision));
      return revision === null;
    }
    // Reserved znodes exist without a key.
    if ((this.guards & Guard.presence) === 0 || before.keyVersion === 0) return false;
    const revision = knownZxid(before.createRevision);
    const key = this.dataKey(keys);
    compares.push(revision === null ? isPresent(key) : createRevisionIs(key, revision));
    return revision === null;
  }

  #addRecordCompare(compares: Compare[], before: Znode, keys: KeySpace): void {
    const revision = knownZxid(before.recordRevision);
    const key = this.recordKey(keys);
    compares.push(revision === null ? valueIs(key, before.record!) : modRevisionIs(key, revision));
  }
}
