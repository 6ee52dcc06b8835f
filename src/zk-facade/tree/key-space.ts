import { isUtf8 } from "node:buffer";
import { validatePath } from "./paths.ts";

/** What a key of the facade's range is. */
export type ParsedKey =
  | { readonly space: "data" | "record"; readonly path: string }
  | { readonly space: "session"; readonly id: bigint }
  | { readonly space: "events" }
  | { readonly space: "meta" };

/** Node's own short cut past `toString`, which its types leave out; it works on any view. */
interface Slicing {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
}
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as Slicing;

const SLASH = 0x2f;
const DOT = 0x2e;
const SESSION_DIGITS = 16;
const HEX = /^[0-9a-f]{16}$/;

const EVENTS: ParsedKey = { space: "events" };
const META: ParsedKey = { space: "meta" };

/** A range of keys as etcd has it: from `key`, up to `rangeEnd` and without it. */
export interface KeyRange {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

/**
 * Where a tree of znodes lies among etcd's keys. With the root /zk:
 *
 *   /zk                          data of the znode "/"
 *   /zk/app/c                    data of the znode "/app/c"
 *   /zk.events                   the events of the last folded multi (trace.ts)
 *   /zk.meta                     format version and zxid offset of the tree
 *   /zk.session/00f1…(16 hex)    a session
 *   /zk.stat                     record of the znode "/" (record.ts)
 *   /zk.stat/app/c               record of the znode "/app/c"
 *
 * All of them lie in [/zk, /zk0), and what else lies there is none of ours: `parse` answers null. Paths are UTF-8.
 */
export class KeySpace {
  /** As given: "/zk". */
  readonly root: string;
  readonly rangeStart: Uint8Array;
  readonly rangeEnd: Uint8Array;
  readonly eventsKey: Uint8Array;
  readonly metaKey: Uint8Array;
  readonly #recordRoot: string;
  readonly #sessionRoot: string;
  readonly #rootBytes: Uint8Array;

  /** Throws a RangeError for a root that does not begin with a slash, ends with one, or is one. */
  constructor(root: string) {
    if (!root.startsWith("/"))
      throw new RangeError(`the root of the znodes must begin with "/": ${JSON.stringify(root)}`);
    if (root === "/") throw new RangeError('the root of the znodes cannot be "/": their records need keys beside it');
    if (root.endsWith("/"))
      throw new RangeError(`the root of the znodes must not end with "/": ${JSON.stringify(root)}`);
    this.root = root;
    this.#recordRoot = `${root}.stat`;
    this.#sessionRoot = `${root}.session/`;
    this.#rootBytes = Buffer.from(root);
    this.rangeStart = this.#rootBytes;
    // "0" is what follows "/" among the bytes.
    this.rangeEnd = Buffer.from(`${root}0`);
    this.eventsKey = Buffer.from(`${root}.events`);
    this.metaKey = Buffer.from(`${root}.meta`);
  }

  /** The key that holds a znode's data. The path is a valid one. */
  dataKey(path: string): Uint8Array {
    return path === "/" ? this.#rootBytes : Buffer.from(this.root + path);
  }

  /** The key that holds a znode's record. */
  recordKey(path: string): Uint8Array {
    return Buffer.from(path === "/" ? this.#recordRoot : this.#recordRoot + path);
  }

  sessionKey(id: bigint): Uint8Array {
    return Buffer.from(this.#sessionRoot + BigInt.asUintN(64, id).toString(16).padStart(SESSION_DIGITS, "0"));
  }

  /** The data keys of all that lies below a znode, itself left out. */
  dataBelow(path: string): KeyRange {
    return rangeBelow(path === "/" ? this.root : this.root + path);
  }

  /** The record keys of all that lies below a znode, itself left out. */
  recordsBelow(path: string): KeyRange {
    return rangeBelow(path === "/" ? this.#recordRoot : this.#recordRoot + path);
  }

  /** Null for a key that is none of ours: outside the range, not UTF-8, not a valid path, an unknown name. */
  parse(key: Uint8Array): ParsedKey | null {
    const root = this.#rootBytes;
    const at = root.length;
    if (key.length < at) return null;
    // From the end: keys of one store often begin alike.
    for (let i = at - 1; i >= 0; i--) if (key[i] !== root[i]) return null;
    if (key.length === at) return { space: "data", path: "/" };
    if (key[at] === SLASH) return pathKey("data", key, at);
    if (key[at] === DOT) return parseBeside(key, at);
    return null;
  }
}

function rangeBelow(prefix: string): KeyRange {
  return { key: Buffer.from(`${prefix}/`), rangeEnd: Buffer.from(`${prefix}0`) };
}

const STAT = ".stat";
const SESSION = ".session/";

/** A key that continues the root's own name: /zk.stat and the like. */
function parseBeside(key: Uint8Array, at: number): ParsedKey | null {
  if (continuesWith(key, at, STAT)) {
    const pathAt = at + STAT.length;
    if (key.length === pathAt) return { space: "record", path: "/" };
    return key[pathAt] === SLASH ? pathKey("record", key, pathAt) : null;
  }
  if (continuesWith(key, at, SESSION)) {
    const digits = latin1Slice.call(key, at + SESSION.length, key.length);
    return HEX.test(digits) ? { space: "session", id: BigInt.asIntN(64, BigInt(`0x${digits}`)) } : null;
  }
  const name = latin1Slice.call(key, at, Math.min(key.length, at + 8));
  if (name === ".events") return EVENTS;
  return name === ".meta" ? META : null;
}

function continuesWith(key: Uint8Array, at: number, text: string): boolean {
  if (key.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) if (key[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function pathKey(space: "data" | "record", key: Uint8Array, at: number): ParsedKey | null {
  if (isPlainPath(key, at)) return { space, path: latin1Slice.call(key, at, key.length) };
  const path = isUtf8(key.subarray(at)) ? utf8Slice.call(key, at, key.length) : "";
  // The root's path part is empty; "/" here would be a second name for it.
  return path !== "/" && validatePath(path) ? { space, path } : null;
}

/** True only for valid paths, and for nearly all of them: in ASCII, and no name begins with a dot. */
function isPlainPath(key: Uint8Array, at: number): boolean {
  let before = 0;
  for (let i = at; i < key.length; i++) {
    const byte = key[i]!;
    if (byte < 0x20 || byte > 0x7e) return false;
    if (before === SLASH && (byte === SLASH || byte === DOT)) return false;
    before = byte;
  }
  return before !== SLASH;
}
