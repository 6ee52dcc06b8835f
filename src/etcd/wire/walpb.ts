// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";
import { type ConfState, newConfState, readConfState, writeConfState } from "./raftpb.ts";

/** One record; type: 1 metadata, 2 entry, 3 hard state, 4 crc, 5 snapshot. */
export interface Record {
  type: number;
  /** CRC-32C over the data of all records since the last crc record, begun with that one's value. */
  crc: number;
  data: Uint8Array | null;
}

export function newRecord(init?: Partial<Record>): Record {
  if (init === undefined) {
    return {
      type: 0,
      crc: 0,
      data: null,
    };
  }
  return {
    type: init.type ?? 0,
    crc: init.crc ?? 0,
    data: init.data ?? null,
  };
}

export function encodeRecord(m: Record): Buffer {
  const w = startWriting();
  writeRecord(w, m);
  return w.finish();
}

export function writeRecord(w: Writer, m: Record): void {
  if (m.data !== null) w.data(26, m.data);
  w.uint32(16, m.crc);
  w.int64(8, m.type);
}

export function decodeRecord(bytes: Uint8Array): Record {
  return readRecord(new Reader(bytes), newRecord());
}

const fieldsOfRecord: FieldNames = {
  1: "type",
  2: "crc",
  3: "data",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readRecord(r: Reader, m: Record): Record {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.int64();
        break;
      case 16:
        m.crc = r.uint32();
        break;
      case 26:
        m.data = r.view();
        break;
      default:
        r.other(tag, fieldsOfRecord);
    }
  }
  return m;
}

/** There is a snapshot at this index. */
export interface Snapshot {
  index: number;
  term: number;
  confState: ConfState | null;
}

export function newSnapshot(init?: Partial<Snapshot>): Snapshot {
  if (init === undefined) {
    return {
      index: 0,
      term: 0,
      confState: null,
    };
  }
  return {
    index: init.index ?? 0,
    term: init.term ?? 0,
    confState: init.confState ?? null,
  };
}

export function encodeSnapshot(m: Snapshot): Buffer {
  const w = startWriting();
  writeSnapshot(w, m);
  return w.finish();
}

export function writeSnapshot(w: Writer, m: Snapshot): void {
  if (m.confState !== null) {
    const before = w.size();
    writeConfState(w, m.confState);
    w.nested(26, before);
  }
  w.int64(16, m.term);
  w.int64(8, m.index);
}

export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  return readSnapshot(new Reader(bytes), newSnapshot());
}

const fieldsOfSnapshot: FieldNames = {
  1: "index",
  2: "term",
  3: "conf_state",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readSnapshot(r: Reader, m: Snapshot): Snapshot {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.index = r.uint64();
        break;
      case 16:
        m.term = r.uint64();
        break;
      case 26: {
        const outer = r.enter();
        m.confState = readConfState(r, m.confState ?? newConfState());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfSnapshot);
    }
  }
  return m;
}
