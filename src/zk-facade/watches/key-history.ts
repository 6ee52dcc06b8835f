import { Event_EventType, type Event, type KeyValue } from "../../etcd/wire/mvccpb.ts";
import type { KeySpace } from "../tree/key-space.ts";
import { decodeRecord, OPEN_ACL } from "../tree/record.ts";
import { decodeTrace, type TraceEvent } from "../tree/trace.ts";
import type { Acl } from "../wire/messages.ts";

/** What one revision did to the keys of znodes, by ZooKeeper's paths. */
export interface RevisionKeys {
  readonly revision: number;
  /** Data keys in the order of the transaction; null for one that was deleted. */
  readonly data: readonly { readonly path: string; readonly kv: KeyValue | null }[];
  /** The lists that records put in force; null: the record is gone, or is none, and the default holds. */
  readonly acls: ReadonlyMap<string, readonly Acl[] | null>;
  readonly trace: readonly TraceEvent[] | null;
}

/** How a path stood before a history; a field is there if the history touches the key that tells it. */
export interface Beginning {
  /** create_revision of the data key; 0: there was none. */
  createRevision?: number;
  /** Null: no record key, or bytes that are none. */
  record?: RecordBefore | null;
}

export interface RecordBefore {
  readonly acl: readonly Acl[];
  readonly modRevision: number;
}

/** Stands for a list that nothing tells any more. It lets nobody read, so that no event goes to who must not see it. */
export const UNKNOWN_ACL: readonly Acl[] = [{ perms: 0, scheme: "world", id: "anyone" }];

/** Etcd's events of some keys of a root, sorted by revision and by what they mean. */
export interface KeyHistory {
  readonly revisions: readonly RevisionKeys[];
  readonly beginnings: ReadonlyMap<string, Beginning>;
  /** Paths whose data key did not exist at some time in the history. */
  readonly gaps: ReadonlySet<string>;
}

/**
 * Reads events of any ranges below a root: of each range in its order, one range behind another, no key in two of them.
 * Between two ranges the order within one revision is lost.
 */
export function readHistory(events: readonly Event[], keys: KeySpace): KeyHistory {
  const beginnings = new Map<string, Beginning>();
  const gaps = new Set<string>();
  const revisions: RevisionKeys[] = [];
  for (const ofRevision of byRevision(events)) {
    const data: RevisionKeys["data"][number][] = [];
    const acls = new Map<string, readonly Acl[] | null>();
    let trace: readonly TraceEvent[] | null = null;
    for (const { type, kv, prevKv } of ofRevision) {
      if (kv === null) continue;
      const key = keys.parse(kv.key);
      const isPut = type === Event_EventType.PUT;
      switch (key?.space) {
        case "data": {
          const isCreate = isPut && kv.createRevision === kv.modRevision;
          beginning(beginnings, key.path).createRevision ??= isCreate
            ? 0
            : ((isPut ? kv : prevKv)?.createRevision ?? 1);
          if (isCreate || !isPut) gaps.add(key.path);
          data.push({ path: key.path, kv: isPut ? kv : null });
          break;
        }
        case "record": {
          const known = beginning(beginnings, key.path);
          if (known.record === undefined) known.record = recordBefore(isPut, kv, prevKv);
          acls.set(key.path, isPut ? aclOf(kv) : null);
          break;
        }
        case "events":
          if (isPut) trace = decodeTrace(kv.value);
          break;
        case "session":
        case "meta":
        case undefined:
          break;
      }
    }
    revisions.push({ revision: ofRevision[0]!.kv!.modRevision, data, acls, trace });
  }
  return { revisions, beginnings, gaps };
}

function byRevision(events: readonly Event[]): readonly Event[][] {
  const groups = new Map<number, Event[]>();
  for (const event of events) {
    const revision = event.kv?.modRevision ?? 0;
    const group = groups.get(revision);
    if (group === undefined) groups.set(revision, [event]);
    else group.push(event);
  }
  groups.delete(0);
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function recordBefore(isPut: boolean, kv: KeyValue, prevKv: KeyValue | null): RecordBefore | null {
  if (prevKv !== null) {
    const acl = aclOf(prevKv);
    return acl === null ? null : { acl, modRevision: prevKv.modRevision };
  }
  if (isPut && kv.createRevision === kv.modRevision) return null;
  return { acl: UNKNOWN_ACL, modRevision: Number.MAX_SAFE_INTEGER };
}

function aclOf(kv: KeyValue): readonly Acl[] | null {
  const record = decodeRecord(kv.value);
  return record === null ? null : (record.acl ?? OPEN_ACL);
}

function beginning(beginnings: Map<string, Beginning>, path: string): Beginning {
  let known = beginnings.get(path);
  if (known === undefined) beginnings.set(path, (known = {}));
  return known;
}
