// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";
import {
  type LeaseTimeToLiveRequest,
  newLeaseTimeToLiveRequest,
  readLeaseTimeToLiveRequest,
  writeLeaseTimeToLiveRequest,
  type LeaseTimeToLiveResponse,
  newLeaseTimeToLiveResponse,
  readLeaseTimeToLiveResponse,
  writeLeaseTimeToLiveResponse,
} from "./etcdserverpb.ts";

/** A lease as it is stored. */
export interface Lease {
  id: bigint;
  /** Seconds it was granted for. */
  ttl: number;
  /** Seconds left at the last checkpoint; 0: no checkpoint. */
  remainingTtl: number;
}

export function newLease(init?: Partial<Lease>): Lease {
  if (init === undefined) {
    return {
      id: 0n,
      ttl: 0,
      remainingTtl: 0,
    };
  }
  return {
    id: init.id ?? 0n,
    ttl: init.ttl ?? 0,
    remainingTtl: init.remainingTtl ?? 0,
  };
}

export function encodeLease(m: Lease): Buffer {
  const w = startWriting();
  writeLease(w, m);
  return w.finish();
}

export function writeLease(w: Writer, m: Lease): void {
  if (m.remainingTtl !== 0) w.int64(24, m.remainingTtl);
  if (m.ttl !== 0) w.int64(16, m.ttl);
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeLease(bytes: Uint8Array): Lease {
  return readLease(new Reader(bytes), newLease());
}

const fieldsOfLease: FieldNames = {
  1: "ID",
  2: "TTL",
  3: "RemainingTTL",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLease(r: Reader, m: Lease): Lease {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.int64Id();
        break;
      case 16:
        m.ttl = r.int64();
        break;
      case 24:
        m.remainingTtl = r.int64();
        break;
      default:
        r.other(tag, fieldsOfLease);
    }
  }
  return m;
}

export interface LeaseInternalRequest {
  leaseTimeToLiveRequest: LeaseTimeToLiveRequest | null;
}

export function newLeaseInternalRequest(init?: Partial<LeaseInternalRequest>): LeaseInternalRequest {
  if (init === undefined) {
    return {
      leaseTimeToLiveRequest: null,
    };
  }
  return {
    leaseTimeToLiveRequest: init.leaseTimeToLiveRequest ?? null,
  };
}

export function encodeLeaseInternalRequest(m: LeaseInternalRequest): Buffer {
  const w = startWriting();
  writeLeaseInternalRequest(w, m);
  return w.finish();
}

export function writeLeaseInternalRequest(w: Writer, m: LeaseInternalRequest): void {
  if (m.leaseTimeToLiveRequest !== null) {
    const before = w.size();
    writeLeaseTimeToLiveRequest(w, m.leaseTimeToLiveRequest);
    w.nested(10, before);
  }
}

export function decodeLeaseInternalRequest(bytes: Uint8Array): LeaseInternalRequest {
  return readLeaseInternalRequest(new Reader(bytes), newLeaseInternalRequest());
}

const fieldsOfLeaseInternalRequest: FieldNames = {
  1: "LeaseTimeToLiveRequest",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseInternalRequest(r: Reader, m: LeaseInternalRequest): LeaseInternalRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.leaseTimeToLiveRequest = readLeaseTimeToLiveRequest(r, m.leaseTimeToLiveRequest ?? newLeaseTimeToLiveRequest());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfLeaseInternalRequest);
    }
  }
  return m;
}

export interface LeaseInternalResponse {
  leaseTimeToLiveResponse: LeaseTimeToLiveResponse | null;
}

export function newLeaseInternalResponse(init?: Partial<LeaseInternalResponse>): LeaseInternalResponse {
  if (init === undefined) {
    return {
      leaseTimeToLiveResponse: null,
    };
  }
  return {
    leaseTimeToLiveResponse: init.leaseTimeToLiveResponse ?? null,
  };
}

export function encodeLeaseInternalResponse(m: LeaseInternalResponse): Buffer {
  const w = startWriting();
  writeLeaseInternalResponse(w, m);
  return w.finish();
}

export function writeLeaseInternalResponse(w: Writer, m: LeaseInternalResponse): void {
  if (m.leaseTimeToLiveResponse !== null) {
    const before = w.size();
    writeLeaseTimeToLiveResponse(w, m.leaseTimeToLiveResponse);
    w.nested(10, before);
  }
}

export function decodeLeaseInternalResponse(bytes: Uint8Array): LeaseInternalResponse {
  return readLeaseInternalResponse(new Reader(bytes), newLeaseInternalResponse());
}

const fieldsOfLeaseInternalResponse: FieldNames = {
  1: "LeaseTimeToLiveResponse",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaseInternalResponse(r: Reader, m: LeaseInternalResponse): LeaseInternalResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.leaseTimeToLiveResponse = readLeaseTimeToLiveResponse(r, m.leaseTimeToLiveResponse ?? newLeaseTimeToLiveResponse());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfLeaseInternalResponse);
    }
  }
  return m;
}
