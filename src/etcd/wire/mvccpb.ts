// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { EMPTY_BYTES, type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";

export const Event_EventType = {
  PUT: 0,
  DELETE: 1,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type Event_EventType = number;

/** One key at one revision. */
export interface KeyValue {
  key: Uint8Array;
  /** The revision of the put that created the key. */
  createRevision: number;
  /** The revision of the last put. */
  modRevision: number;
  /** How often the key was put since it was created; 1 at creation. */
  version: number;
  value: Uint8Array;
  /** The lease that the key dies with; 0: none. */
  lease: bigint;
}

export function newKeyValue(init?: Partial<KeyValue>): KeyValue {
  if (init === undefined) {
    return {
      key: EMPTY_BYTES,
      createRevision: 0,
      modRevision: 0,
      version: 0,
      value: EMPTY_BYTES,
      lease: 0n,
    };
  }
  return {
    key: init.key ?? EMPTY_BYTES,
    createRevision: init.createRevision ?? 0,
    modRevision: init.modRevision ?? 0,
    version: init.version ?? 0,
    value: init.value ?? EMPTY_BYTES,
    lease: init.lease ?? 0n,
  };
}

export function encodeKeyValue(m: KeyValue): Buffer {
  const w = startWriting();
  writeKeyValue(w, m);
  return w.finish();
}

export function writeKeyValue(w: Writer, m: KeyValue): void {
  if (m.lease !== 0n) w.id(48, m.lease);
  if (m.value.length > 0) w.data(42, m.value);
  if (m.version !== 0) w.int64(32, m.version);
  if (m.modRevision !== 0) w.int64(24, m.modRevision);
  if (m.createRevision !== 0) w.int64(16, m.createRevision);
  if (m.key.length > 0) w.data(10, m.key);
}

export function decodeKeyValue(bytes: Uint8Array): KeyValue {
  return readKeyValue(new Reader(bytes), newKeyValue());
}

const fieldsOfKeyValue: FieldNames = {
  1: "key",
  2: "create_revision",
  3: "mod_revision",
  4: "version",
  5: "value",
  6: "lease",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readKeyValue(r: Reader, m: KeyValue): KeyValue {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.view();
        break;
      case 16:
        m.createRevision = r.int64();
        break;
      case 24:
        m.modRevision = r.int64();
        break;
      case 32:
        m.version = r.int64();
        break;
      case 42:
        m.value = r.view();
        break;
      case 48:
        m.lease = r.int64Id();
        break;
      default:
        r.other(tag, fieldsOfKeyValue);
    }
  }
  return m;
}

/** A change of one key. */
export interface Event {
  type: Event_EventType;
  /** The key as it is now. After a delete: key and mod_revision only. */
  kv: KeyValue | null;
  /** The key as it was before, where the watcher asked for it and it is not compacted. */
  prevKv: KeyValue | null;
}

export function newEvent(init?: Partial<Event>): Event {
  if (init === undefined) {
    return {
      type: 0,
      kv: null,
      prevKv: null,
    };
  }
  return {
    type: init.type ?? 0,
    kv: init.kv ?? null,
    prevKv: init.prevKv ?? null,
  };
}

export function encodeEvent(m: Event): Buffer {
  const w = startWriting();
  writeEvent(w, m);
  return w.finish();
}

export function writeEvent(w: Writer, m: Event): void {
  if (m.prevKv !== null) {
    const before = w.size();
    writeKeyValue(w, m.prevKv);
    w.nested(26, before);
  }
  if (m.kv !== null) {
    const before = w.size();
    writeKeyValue(w, m.kv);
    w.nested(18, before);
  }
  if (m.type !== 0) w.int32(8, m.type);
}

export function decodeEvent(bytes: Uint8Array): Event {
  return readEvent(new Reader(bytes), newEvent());
}

const fieldsOfEvent: FieldNames = {
  1: "type",
  2: "kv",
  3: "prev_kv",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readEvent(r: Reader, m: Event): Event {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.int32();
        break;
      case 18: {
        const outer = r.enter();
        m.kv = readKeyValue(r, m.kv ?? newKeyValue());
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.prevKv = readKeyValue(r, m.prevKv ?? newKeyValue());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfEvent);
    }
  }
  return m;
}
