import { PackedReader, PackedWriter } from "../tree/packed-bytes.ts";
import { PROOF_BYTES } from "./password.ts";

/** What the store knows of a session: the value of its key, which lives as long as the session's lease. */
export interface SessionRecord {
  /** As negotiated with the client, last time it connected. */
  readonly timeoutMs: number;
  /** SHA-256 of the password. */
  readonly proof: Uint8Array;
  /** Who holds the connection and expires the session. */
  readonly owner: SessionOwner;
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly createdMs: number;
}

export interface SessionOwner {
  /** One run of one facade, a uint32. */
  readonly facade: number;
  /** For people. */
  readonly name: string;
}

/**
 * A file format: what is written today must be readable for ever. Version 1, in the words of packed-bytes.ts:
 *
 *   session := format timeout created facade name proof
 *   format  := byte                    1
 *   timeout, created := count          milliseconds
 *   facade  := uint32
 *   name    := text
 *   proof   := byte[32]
 */
export function encodeSessionRecord(record: SessionRecord): Uint8Array {
  const writer = new PackedWriter();
  writer.byte(FORMAT);
  writer.count(record.timeoutMs);
  writer.count(record.createdMs);
  writer.uint32(record.owner.facade);
  writer.text(record.owner.name);
  for (let i = 0; i < PROOF_BYTES; i++) writer.byte(record.proof[i] ?? 0);
  return writer.take();
}

/** Null for bytes that are no session of a version known here: an etcd client may have written anything. Never throws. */
export function decodeSessionRecord(bytes: Uint8Array): SessionRecord | null {
  const reader = new PackedReader(bytes);
  if (reader.byte() !== FORMAT) return null;
  const record: SessionRecord = {
    timeoutMs: reader.count(),
    createdMs: reader.count(),
    owner: { facade: reader.uint32(), name: reader.text() },
    proof: Uint8Array.from({ length: PROOF_BYTES }, () => reader.byte()),
  };
  return reader.isComplete ? record : null;
}

const FORMAT = 1;
