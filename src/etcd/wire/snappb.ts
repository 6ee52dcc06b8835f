// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";

/** A raftpb.Snapshot, encoded, and its CRC-32C. */
export interface Snapshot {
  crc: number;
  data: Uint8Array | null;
}

export function newSnapshot(init?: Partial<Snapshot>): Snapshot {
  if (init === undefined) {
    return {
      crc: 0,
      data: null,
    };
  }
  return {
    crc: init.crc ?? 0,
    data: init.data ?? null,
  };
}

export function encodeSnapshot(m: Snapshot): Buffer {
  const w = startWriting();
  writeSnapshot(w, m);
  return w.finish();
}

export function writeSnapshot(w: Writer, m: Snapshot): void {
  if (m.data !== null) w.data(18, m.data);
  w.uint32(8, m.crc);
}

export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  return readSnapshot(new Reader(bytes), newSnapshot());
}

const fieldsOfSnapshot: FieldNames = {
  1: "crc",
  2: "data",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readSnapshot(r: Reader, m: Snapshot): Snapshot {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.crc = r.uint32();
        break;
      case 18:
        m.data = r.view();
        break;
      default:
        r.other(tag, fieldsOfSnapshot);
    }
  }
  return m;
}
