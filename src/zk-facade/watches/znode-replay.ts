import { childOf, parentOf } from "../tree/paths.ts";
import { OPEN_ACL } from "../tree/record.ts";
import { isReserved, reservedZnodes } from "../tree/reserved.ts";
import type { TraceEvent } from "../tree/trace.ts";
import { resolveZxid, type TreeView, type ZnodeChange } from "../tree/znode.ts";
import type { Acl } from "../wire/messages.ts";
import { UNKNOWN_ACL, type Beginning, type KeyHistory, type RevisionKeys } from "./key-history.ts";

/** The tree at the end of a history, just there and no further. */
export interface HistoryEnd extends Pick<TreeView, "get" | "hasOrphansBelow"> {
  /** Names. */
  children(path: string): Iterable<string>;
  /** Paths that have data keys but are no znodes. */
  orphans(): Iterable<string>;
}

/**
 * Finds out what a history of keys was in terms of znodes, with no tree of the time when it began: what the history touches
 * tells itself how it stood before, and what it does not touch stood as it stands at the end.
 *
 * A path is real when its data key exists, and a znode when all paths above it are real, too. Changes come out as the tree
 * tells them: a create under a missing parent is nothing, that of the parent shows all that waited below it, and the
 * delete of an inner key takes all below it along.
 */
export class ZnodeReplay {
  readonly #history: KeyHistory;
  readonly #end: HistoryEnd;
  readonly #real = new Map<string, boolean>();
  readonly #acls = new Map<string, readonly Acl[]>();
  /** The real ones below each path that was ever missing. */
  readonly #children = new Map<string, Set<string>>();
  #changes: ZnodeChange[] = [];

  constructor(history: KeyHistory, end: HistoryEnd) {
    this.#history = history;
    this.#end = end;
    for (const [path, beginning] of history.beginnings) {
      if (beginning.createRevision !== undefined) this.#setReal(path, beginning.createRevision > 0);
      const acl = this.#aclAtBeginning(path, beginning);
      if (acl !== undefined) this.#acls.set(path, acl);
    }
    if (history.gaps.size > 0) this.#findUntouched();
  }

  /** In order; revisions that changed no znode come with no changes. */
  *changes(): Generator<{ readonly revision: number; readonly changes: readonly ZnodeChange[] }, void> {
    for (const keys of this.#history.revisions) {
      const traced = keys.trace === null ? [] : this.#changesOfTrace(keys.trace);
      this.#changes = [];
      for (const { path, kv } of keys.data) {
        if (kv === null) this.#deleted(path);
        else this.#put(path, keys);
      }
      for (const [path, acl] of keys.acls) this.#acls.set(path, acl ?? defaultAcl(path));
      const named = new Set(traced.map(({ path }) => path));
      const derived = named.size === 0 ? this.#changes : this.#changes.filter(({ path }) => !named.has(path));
      yield { revision: keys.revision, changes: [...traced, ...derived] };
    }
  }

  /** Undefined: that of the end. */
  #aclAtBeginning(path: string, { createRevision, record }: Beginning): readonly Acl[] | undefined {
    if (record === undefined) {
      const hasOtherLife = createRevision !== undefined && createRevision > 0 && this.#history.gaps.has(path);
      return hasOtherLife ? UNKNOWN_ACL : undefined;
    }
    if (record === null) return defaultAcl(path);
    // A record that an etcd client left when it deleted the data says nothing of the next life.
    const since = createRevision ?? resolveZxid(this.#end.get(path)?.createRevision ?? 0);
    return record.modRevision < since && !isReserved(path) ? OPEN_ACL : record.acl;
  }

  #put(path: string, { acls }: RevisionKeys): void {
    if (this.#isReal(path)) {
      this.#tell("dataChanged", path);
      return;
    }
    this.#setReal(path, true);
    this.#acls.set(path, acls.get(path) ?? OPEN_ACL);
    if (this.#isVisible(parentOf(path))) for (const shown of this.#below(path)) this.#push("created", shown);
  }

  #deleted(path: string): void {
    if (isReserved(path)) {
      this.#tell("dataChanged", path);
      return;
    }
    if (this.#isVisible(path)) for (const hidden of this.#below(path).reverse()) this.#push("deleted", hidden);
    this.#setReal(path, false);
  }

  /** A trace as changes: the lists are those of the creates in it, and of the time before it. */
  #changesOfTrace(trace: readonly TraceEvent[]): ZnodeChange[] {
    const created = new Map<string, readonly Acl[]>();
    const aclOf = (path: string): readonly Acl[] => created.get(path) ?? this.#aclOf(path);
    return trace.map(({ type, path, acl }) => {
      if (type === "created") created.set(path, acl ?? OPEN_ACL);
      return { type, path, acl: aclOf(path), parentAcl: aclOf(parentOf(path)) };
    });
  }

  #tell(type: ZnodeChange["type"], path: string): void {
    if (this.#isVisible(path)) this.#push(type, path);
  }

  #push(type: ZnodeChange["type"], path: string): void {
    this.#changes.push({ type, path, acl: this.#aclOf(path), parentAcl: this.#aclOf(parentOf(path)) });
  }

  #aclOf(path: string): readonly Acl[] {
    return this.#acls.get(path) ?? this.#end.get(path)?.acl ?? UNKNOWN_ACL;
  }

  #isVisible(path: string): boolean {
    for (let at = path; at !== "/"; at = parentOf(at)) if (!this.#isReal(at)) return false;
    return true;
  }

  #isReal(path: string): boolean {
    return isReserved(path) || (this.#real.get(path) ?? this.#end.get(path) !== undefined);
  }

  #setReal(path: string, isReal: boolean): void {
    this.#real.set(path, isReal);
    const parent = parentOf(path);
    const siblings = this.#children.get(parent);
    if (!isReal) siblings?.delete(path);
    else if (siblings === undefined) this.#children.set(parent, new Set([path]));
    else siblings.add(path);
  }

  /** The path and all that is real below it, parents first. */
  #below(top: string): string[] {
    const paths = [top];
    for (const path of paths) for (const child of this.#children.get(path) ?? []) paths.push(child);
    return paths;
  }

  /** What the history does not touch, but goes and comes with a path above it. */
  #findUntouched(): void {
    for (const path of this.#end.hasOrphansBelow("/") ? this.#end.orphans() : []) this.#addUntouched(path);
    const walked = new Set<string>();
    for (const gap of this.#history.gaps) {
      const paths = [gap];
      for (const path of paths) {
        if (walked.has(path)) continue;
        walked.add(path);
        for (const name of this.#end.children(path)) {
          const child = childOf(path, name);
          this.#addUntouched(child);
          paths.push(child);
        }
      }
    }
  }

  #addUntouched(path: string): void {
    if (!this.#real.has(path)) this.#setReal(path, true);
  }
}

/** The list of a znode that has no record. */
function defaultAcl(path: string): readonly Acl[] {
  return reservedZnodes.find((reserved) => reserved.path === path)?.acl ?? OPEN_ACL;
}
