import { PackedReader, PackedWriter } from "./packed-bytes.ts";
import type { ZnodeChange } from "./znode.ts";

/** One thing that a member of a multi did. */
export type TraceEvent = Pick<ZnodeChange, "type" | "path">;

/**
 * The value of the events key. An etcd transaction puts a key once, so a multi that touches a znode more than once is
 * folded into the net change of each key, and what its members did one by one is written here, by the same transaction.
 *
 * The meaning: a trace is the complete list of events of its revision, in the order of the members. Nothing is derived
 * from the other keys of that revision, so a multi that needs a trace writes all of its events into it, also those of
 * znodes it touched once. The key is overwritten by the next folded multi and tells nothing about other revisions.
 *
 * A file format, as records are. Version 1, in the words of packed-bytes.ts:
 *
 *   trace  := format event*      up to the end of the value
 *   format := byte               1
 *   event  := type path:text
 *   type   := byte               1 created, 2 deleted, 3 data changed: ZooKeeper's own event numbers
 */
export function encodeTrace(events: readonly TraceEvent[]): Uint8Array {
  const writer = new PackedWriter(64 * events.length + 1);
  writer.byte(FORMAT);
  for (const event of events) {
    writer.byte(types.indexOf(event.type));
    writer.text(event.path);
  }
  return writer.take();
}

/** Null for bytes that are no trace of a version known here. Never throws; the paths are not checked. */
export function decodeTrace(bytes: Uint8Array): TraceEvent[] | null {
  const reader = new PackedReader(bytes);
  if (reader.byte() !== FORMAT) return null;
  const events: TraceEvent[] = [];
  while (reader.isSound && !reader.isComplete) {
    const type = types[reader.byte()];
    const path = reader.text();
    if (type === undefined || type === null) return null;
    events.push({ type, path });
  }
  return reader.isComplete ? events : null;
}

const FORMAT = 1;
const types: readonly (TraceEvent["type"] | null)[] = [null, "created", "deleted", "dataChanged"];
