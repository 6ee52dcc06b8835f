// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { EMPTY_BYTES, type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";
import { type ResponseHeader, newResponseHeader, readResponseHeader, writeResponseHeader } from "./etcdserverpb.ts";

/** Waits until the lock is held. It is held as long as its key lives. */
export interface LockRequest {
  name: Uint8Array;
  /** The lock is lost with this lease; 0: one is made. */
  lease: bigint;
}

export function newLockRequest(init?: Partial<LockRequest>): LockRequest {
  if (init === undefined) {
    return {
      name: EMPTY_BYTES,
      lease: 0n,
    };
  }
  return {
    name: init.name ?? EMPTY_BYTES,
    lease: init.lease ?? 0n,
  };
}

export function encodeLockRequest(m: LockRequest): Buffer {
  const w = startWriting();
  writeLockRequest(w, m);
  return w.finish();
}

export function writeLockRequest(w: Writer, m: LockRequest): void {
  if (m.lease !== 0n) w.id(16, m.lease);
  if (m.name.length > 0) w.data(10, m.name);
}

export function decodeLockRequest(bytes: Uint8Array): LockRequest {
  return readLockRequest(new Reader(bytes), newLockRequest());
}

const fieldsOfLockRequest: FieldNames = {
  1: "name",
  2: "lease",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLockRequest(r: Reader, m: LockRequest): LockRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.view();
        break;
      case 16:
        m.lease = r.int64Id();
        break;
      default:
        r.other(tag, fieldsOfLockRequest);
    }
  }
  return m;
}

export interface LockResponse {
  header: ResponseHeader | null;
  /** Exists while the lock is held; a Txn may compare it. */
  key: Uint8Array;
}

export function newLockResponse(init?: Partial<LockResponse>): LockResponse {
  if (init === undefined) {
    return {
      header: null,
      key: EMPTY_BYTES,
    };
  }
  return {
    header: init.header ?? null,
    key: init.key ?? EMPTY_BYTES,
  };
}

export function encodeLockResponse(m: LockResponse): Buffer {
  const w = startWriting();
  writeLockResponse(w, m);
  return w.finish();
}

export function writeLockResponse(w: Writer, m: LockResponse): void {
  if (m.key.length > 0) w.data(18, m.key);
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeLockResponse(bytes: Uint8Array): LockResponse {
  return readLockResponse(new Reader(bytes), newLockResponse());
}

const fieldsOfLockResponse: FieldNames = {
  1: "header",
  2: "key",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLockResponse(r: Reader, m: LockResponse): LockResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18:
        m.key = r.view();
        break;
      default:
        r.other(tag, fieldsOfLockResponse);
    }
  }
  return m;
}

/** Gives back the lock that this key holds. */
export interface UnlockRequest {
  key: Uint8Array;
}

export function newUnlockRequest(init?: Partial<UnlockRequest>): UnlockRequest {
  if (init === undefined) {
    return {
      key: EMPTY_BYTES,
    };
  }
  return {
    key: init.key ?? EMPTY_BYTES,
  };
}

export function encodeUnlockRequest(m: UnlockRequest): Buffer {
  const w = startWriting();
  writeUnlockRequest(w, m);
  return w.finish();
}

export function writeUnlockRequest(w: Writer, m: UnlockRequest): void {
  if (m.key.length > 0) w.data(10, m.key);
}

export function decodeUnlockRequest(bytes: Uint8Array): UnlockRequest {
  return readUnlockRequest(new Reader(bytes), newUnlockRequest());
}

const fieldsOfUnlockRequest: FieldNames = {
  1: "key",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readUnlockRequest(r: Reader, m: UnlockRequest): UnlockRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.key = r.view();
        break;
      default:
        r.other(tag, fieldsOfUnlockRequest);
    }
  }
  return m;
}

export interface UnlockResponse {
  header: ResponseHeader | null;
}

export function newUnlockResponse(init?: Partial<UnlockResponse>): UnlockResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeUnlockResponse(m: UnlockResponse): Buffer {
  const w = startWriting();
  writeUnlockResponse(w, m);
  return w.finish();
}

export function writeUnlockResponse(w: Writer, m: UnlockResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeUnlockResponse(bytes: Uint8Array): UnlockResponse {
  return readUnlockResponse(new Reader(bytes), newUnlockResponse());
}

const fieldsOfUnlockResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readUnlockResponse(r: Reader, m: UnlockResponse): UnlockResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfUnlockResponse);
    }
  }
  return m;
}
