import { DecodeError } from "../wire/codec.ts";

/**
 * Reads of a stored mvccpb.KeyValue only what the index needs when it is rebuilt, into fields that are used again for
 * the next pair: a million pairs are read at a start, and each object that is not made counts.
 *
 *   pair := (tag value)*     tags 1 key, 2 create_revision, 3 mod_revision, 4 version, 5 value, 6 lease
 */
export class StoredPair {
  /** Where the key lies in the bytes that were read. */
  keyStart = 0;
  keyEnd = 0;
  /** Where the value lies. */
  valueStart = 0;
  valueEnd = 0;
  createRevision = 0;
  version = 0;
  lease = 0n;
  #at = 0;
  #end = 0;

  read(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.keyStart = 0;
    this.keyEnd = 0;
    this.valueStart = 0;
    this.valueEnd = 0;
    this.createRevision = 0;
    this.version = 0;
    this.lease = 0n;
    this.#at = start;
    this.#end = end;
    while (this.#at < end) this.#readField(bytes, this.#varint(bytes));
    if (this.#at > end) throw new DecodeError("a stored pair is cut short");
  }

  #readField(bytes: Uint8Array, tag: number): void {
    switch (tag) {
      case 0x0a: {
        const length = this.#varint(bytes);
        this.keyStart = this.#at;
        this.keyEnd = this.#at + length;
        this.#at = this.keyEnd;
        return;
      }
      case 0x10:
        this.createRevision = this.#varint(bytes);
        return;
      case 0x18:
        this.#varint(bytes);
        return;
      case 0x20:
        this.version = this.#varint(bytes);
        return;
      case 0x2a: {
        const length = this.#varint(bytes);
        this.valueStart = this.#at;
        this.valueEnd = this.#at + length;
        this.#at = this.valueEnd;
        return;
      }
      case 0x30:
        this.lease = this.#int64(bytes);
        return;
      default:
        throw new DecodeError(`a stored pair has a field of tag ${tag}`);
    }
  }

  #varint(bytes: Uint8Array): number {
    let byte = this.#byte(bytes);
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let weight = 128;
    do {
      byte = this.#byte(bytes);
      value += (byte & 0x7f) * weight;
      weight *= 128;
    } while (byte >= 0x80);
    return value;
  }

  #int64(bytes: Uint8Array): bigint {
    let value = 0n;
    let byte: number;
    let shift = 0n;
    do {
      byte = this.#byte(bytes);
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
    } while (byte >= 0x80);
    return BigInt.asIntN(64, value);
  }

  #byte(bytes: Uint8Array): number {
    if (this.#at >= this.#end) throw new DecodeError("a stored pair is cut short");
    return bytes[this.#at++]!;
  }
}
