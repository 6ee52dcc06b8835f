import type { Acl } from "../wire/messages.ts";
import type { PackedReader, PackedWriter } from "./packed-bytes.ts";

// acl := count (perms:integer scheme:text id:text)*        in the words of packed-bytes.ts

export function writeAcl(writer: PackedWriter, acl: readonly Acl[]): void {
  writer.count(acl.length);
  for (const entry of acl) {
    writer.integer(entry.perms);
    writer.text(entry.scheme);
    writer.text(entry.id);
  }
}

/** An unsound reader afterwards means that the list is none. */
export function readAcl(reader: PackedReader): readonly Acl[] {
  const acl: Acl[] = [];
  // The count is not believed: the bytes end before a wrong one costs anything.
  for (let left = reader.count(); left > 0 && reader.isSound; left--) {
    acl.push({ perms: reader.integer(), scheme: reader.text(), id: reader.text() });
  }
  return acl;
}
