import { Event_EventType, type Event, type KeyValue } from "../../etcd/wire/mvccpb.ts";
import type { KeySpace } from "./key-space.ts";
import { decodeRecord, type ZnodeRecord } from "./record.ts";
import type { SessionChange } from "./tree-applier.ts";
import { decodeTrace, type TraceEvent } from "./trace.ts";

export interface DataEvent {
  readonly path: string;
  /** Null: the key was deleted. */
  readonly kv: KeyValue | null;
}

export interface RecordEvent {
  readonly path: string;
  /** Null: the key was deleted, or put with bytes that are no record. */
  readonly record: ZnodeRecord | null;
  /** mod_revision of the key from now on; 0 when it was deleted. */
  readonly revision: number;
  readonly lease: bigint;
  /** The slot that was created with it in mind; 0 for none. */
  slot: number;
  /** See StatRules.takeRecord. */
  startsLife: boolean;
}

/** From so many records on they are looked up and not looked through. */
const INDEXED_FROM = 16;

/** The events of one revision by what they are about, each kind in its order. */
export class SortedEvents {
  readonly revision: number;
  readonly data: DataEvent[] = [];
  readonly records: RecordEvent[] = [];
  readonly sessions: SessionChange[] = [];
  trace: readonly TraceEvent[] | null = null;
  hasMeta = false;
  readonly #keys: KeySpace;
  #byPath: Map<string, RecordEvent> | null = null;

  constructor(keys: KeySpace, revision: number, events: readonly Event[]) {
    this.#keys = keys;
    this.revision = revision;
    for (const { type, kv } of events) if (kv !== null) this.#add(type === Event_EventType.PUT, kv);
  }

  /** What happened to the record of a path. */
  recordOf(path: string): RecordEvent | undefined {
    if (this.records.length < INDEXED_FROM) return this.records.find((event) => event.path === path);
    this.#byPath ??= new Map(this.records.map((event) => [event.path, event]));
    return this.#byPath.get(path);
  }

  #add(isPut: boolean, kv: KeyValue): void {
    const key = this.#keys.parse(kv.key);
    if (key === null) return;
    const revision = isPut ? this.revision : 0;
    switch (key.space) {
      case "data":
        this.data.push({ path: key.path, kv: isPut ? kv : null });
        return;
      case "record":
        this.records.push({
          path: key.path,
          record: isPut ? decodeRecord(kv.value) : null,
          revision,
          lease: kv.lease,
          slot: 0,
          startsLife: false,
        });
        return;
      case "session":
        // The events are borrowed, and sessions are kept.
        this.sessions.push({
          id: key.id,
          value: isPut ? new Uint8Array(kv.value) : null,
          modRevision: this.revision,
          lease: kv.lease,
        });
        return;
      case "events":
        if (isPut) this.trace = decodeTrace(kv.value);
        return;
      case "meta":
        this.hasMeta = true;
    }
  }
}
