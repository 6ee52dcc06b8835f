import type { Acl } from "../wire/messages.ts";
import { readAcl, writeAcl } from "./packed-acl.ts";
import { PackedReader, PackedWriter } from "./packed-bytes.ts";
import { isOpen } from "./record.ts";
import type { ZnodeChange } from "./znode.ts";

/** One thing that a member of a multi did. */
export interface TraceEvent {
  readonly type: ZnodeChange["type"];
  readonly path: string;
  /**
   * The list of a created znode, null for the open one. It decides who hears of the znode up to its next create, and is
   * nowhere else when the same multi deletes the znode again. Not written for the other types: null.
   */
  readonly acl: readonly Acl[] | null;
}

const FORMAT = 1;
const WITH_ACL = 0x80;
const types: readonly (TraceEvent["type"] | null)[] = [null, "created", "deleted", "dataChanged"];

/**
 * The value of the events key. An etcd transaction puts a key once, so a multi that touches a znode more than once is
 * folded into the net change of each key, and what its members did one by one is written here, by the same transaction.
 *
 * The meaning: a trace is the list of events of its revision, in the order of the members, and it is complete for every
 * path that it names. So a multi that needs a trace writes all of its events into it, also those of znodes it touched once.
 * Of paths that it does not name, events are derived as ever and come last: orphans that the multi made visible. The key
 * is overwritten by the next folded multi and tells nothing about other revisions.
 *
 * A file format, as records are. Version 1, in the words of packed-bytes.ts:
 *
 *   trace  := format event*      up to the end of the value
 *   format := byte               1
 *   event  := type path:text [count (perms:integer scheme:text id:text)*]
 *   type   := byte               1 created with an open list, 2 deleted, 3 data changed: ZooKeeper's own event numbers;
 *                                0x81 created with the list that follows
 */
export function encodeTrace(events: readonly TraceEvent[]): Uint8Array {
  const writer = new PackedWriter(64 * events.length + 1);
  writer.byte(FORMAT);
  for (const event of events) writeEvent(writer, event);
  return writer.take();
}

function writeEvent(writer: PackedWriter, event: TraceEvent): void {
  const acl = event.type !== "created" || event.acl === null || isOpen(event.acl) ? null : event.acl;
  writer.byte(types.indexOf(event.type) | (acl === null ? 0 : WITH_ACL));
  writer.text(event.path);
  if (acl !== null) writeAcl(writer, acl);
}

/** Null for bytes that are no trace of a version known here. Never throws; the paths are not checked. */
export function decodeTrace(bytes: Uint8Array): TraceEvent[] | null {
  const reader = new PackedReader(bytes);
  if (reader.byte() !== FORMAT) return null;
  const events: TraceEvent[] = [];
  while (reader.isSound && !reader.isComplete) {
    const event = readEvent(reader);
    if (event === null) return null;
    events.push(event);
  }
  return reader.isComplete ? events : null;
}

function readEvent(reader: PackedReader): TraceEvent | null {
  const byte = reader.byte();
  const type = types[byte & ~WITH_ACL];
  if (type === undefined || type === null) return null;
  const hasAcl = (byte & WITH_ACL) !== 0;
  if (hasAcl && type !== "created") return null;
  return { type, path: reader.text(), acl: hasAcl ? readAcl(reader) : null };
}
