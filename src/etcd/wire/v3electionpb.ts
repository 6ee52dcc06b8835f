// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { EMPTY_BYTES, type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";
import { type ResponseHeader, newResponseHeader, readResponseHeader, writeResponseHeader } from "./etcdserverpb.ts";
import { type KeyValue, newKeyValue, readKeyValue, writeKeyValue } from "./mvccpb.ts";

/** Waits until elected. */
export interface CampaignRequest {
  name: Uint8Array;
  lease: bigint;
  value: Uint8Array;
}

export function newCampaignRequest(init?: Partial<CampaignRequest>): CampaignRequest {
  if (init === undefined) {
    return {
      name: EMPTY_BYTES,
      lease: 0n,
      value: EMPTY_BYTES,
    };
  }
  return {
    name: init.name ?? EMPTY_BYTES,
    lease: init.lease ?? 0n,
    value: init.value ?? EMPTY_BYTES,
  };
}

export function encodeCampaignRequest(m: CampaignRequest): Buffer {
  const w = startWriting();
  writeCampaignRequest(w, m);
  return w.finish();
}

export function writeCampaignRequest(w: Writer, m: CampaignRequest): void {
  if (m.value.length > 0) w.data(26, m.value);
  if (m.lease !== 0n) w.id(16, m.lease);
  if (m.name.length > 0) w.data(10, m.name);
}

export function decodeCampaignRequest(bytes: Uint8Array): CampaignRequest {
  return readCampaignRequest(new Reader(bytes), newCampaignRequest());
}

const fieldsOfCampaignRequest: FieldNames = {
  1: "name",
  2: "lease",
  3: "value",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readCampaignRequest(r: Reader, m: CampaignRequest): CampaignRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.view();
        break;
      case 16:
        m.lease = r.int64Id();
        break;
      case 26:
        m.value = r.view();
        break;
      default:
        r.other(tag, fieldsOfCampaignRequest);
    }
  }
  return m;
}

export interface CampaignResponse {
  header: ResponseHeader | null;
  leader: LeaderKey | null;
}

export function newCampaignResponse(init?: Partial<CampaignResponse>): CampaignResponse {
  if (init === undefined) {
    return {
      header: null,
      leader: null,
    };
  }
  return {
    header: init.header ?? null,
    leader: init.leader ?? null,
  };
}

export function encodeCampaignResponse(m: CampaignResponse): Buffer {
  const w = startWriting();
  writeCampaignResponse(w, m);
  return w.finish();
}

export function writeCampaignResponse(w: Writer, m: CampaignResponse): void {
  if (m.leader !== null) {
    const before = w.size();
    writeLeaderKey(w, m.leader);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeCampaignResponse(bytes: Uint8Array): CampaignResponse {
  return readCampaignResponse(new Reader(bytes), newCampaignResponse());
}

const fieldsOfCampaignResponse: FieldNames = {
  1: "header",
  2: "leader",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readCampaignResponse(r: Reader, m: CampaignResponse): CampaignResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.leader = readLeaderKey(r, m.leader ?? newLeaderKey());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfCampaignResponse);
    }
  }
  return m;
}

/** A leadership: what proves it, and what gives it up. */
export interface LeaderKey {
  name: Uint8Array;
  key: Uint8Array;
  /** The create_revision of the key: a later leader has a higher one. */
  rev: number;
  lease: bigint;
}

export function newLeaderKey(init?: Partial<LeaderKey>): LeaderKey {
  if (init === undefined) {
    return {
      name: EMPTY_BYTES,
      key: EMPTY_BYTES,
      rev: 0,
      lease: 0n,
    };
  }
  return {
    name: init.name ?? EMPTY_BYTES,
    key: init.key ?? EMPTY_BYTES,
    rev: init.rev ?? 0,
    lease: init.lease ?? 0n,
  };
}

export function encodeLeaderKey(m: LeaderKey): Buffer {
  const w = startWriting();
  writeLeaderKey(w, m);
  return w.finish();
}

export function writeLeaderKey(w: Writer, m: LeaderKey): void {
  if (m.lease !== 0n) w.id(32, m.lease);
  if (m.rev !== 0) w.int64(24, m.rev);
  if (m.key.length > 0) w.data(18, m.key);
  if (m.name.length > 0) w.data(10, m.name);
}

export function decodeLeaderKey(bytes: Uint8Array): LeaderKey {
  return readLeaderKey(new Reader(bytes), newLeaderKey());
}

const fieldsOfLeaderKey: FieldNames = {
  1: "name",
  2: "key",
  3: "rev",
  4: "lease",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaderKey(r: Reader, m: LeaderKey): LeaderKey {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.view();
        break;
      case 18:
        m.key = r.view();
        break;
      case 24:
        m.rev = r.int64();
        break;
      case 32:
        m.lease = r.int64Id();
        break;
      default:
        r.other(tag, fieldsOfLeaderKey);
    }
  }
  return m;
}

/** Who leads now, or from now on. */
export interface LeaderRequest {
  name: Uint8Array;
}

export function newLeaderRequest(init?: Partial<LeaderRequest>): LeaderRequest {
  if (init === undefined) {
    return {
      name: EMPTY_BYTES,
    };
  }
  return {
    name: init.name ?? EMPTY_BYTES,
  };
}

export function encodeLeaderRequest(m: LeaderRequest): Buffer {
  const w = startWriting();
  writeLeaderRequest(w, m);
  return w.finish();
}

export function writeLeaderRequest(w: Writer, m: LeaderRequest): void {
  if (m.name.length > 0) w.data(10, m.name);
}

export function decodeLeaderRequest(bytes: Uint8Array): LeaderRequest {
  return readLeaderRequest(new Reader(bytes), newLeaderRequest());
}

const fieldsOfLeaderRequest: FieldNames = {
  1: "name",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaderRequest(r: Reader, m: LeaderRequest): LeaderRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.view();
        break;
      default:
        r.other(tag, fieldsOfLeaderRequest);
    }
  }
  return m;
}

export interface LeaderResponse {
  header: ResponseHeader | null;
  kv: KeyValue | null;
}

export function newLeaderResponse(init?: Partial<LeaderResponse>): LeaderResponse {
  if (init === undefined) {
    return {
      header: null,
      kv: null,
    };
  }
  return {
    header: init.header ?? null,
    kv: init.kv ?? null,
  };
}

export function encodeLeaderResponse(m: LeaderResponse): Buffer {
  const w = startWriting();
  writeLeaderResponse(w, m);
  return w.finish();
}

export function writeLeaderResponse(w: Writer, m: LeaderResponse): void {
  if (m.kv !== null) {
    const before = w.size();
    writeKeyValue(w, m.kv);
    w.nested(18, before);
  }
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeLeaderResponse(bytes: Uint8Array): LeaderResponse {
  return readLeaderResponse(new Reader(bytes), newLeaderResponse());
}

const fieldsOfLeaderResponse: FieldNames = {
  1: "header",
  2: "kv",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readLeaderResponse(r: Reader, m: LeaderResponse): LeaderResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.header = readResponseHeader(r, m.header ?? newResponseHeader());
        r.leave(outer);
        break;
      }
      case 18: {
        const outer = r.enter();
        m.kv = readKeyValue(r, m.kv ?? newKeyValue());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfLeaderResponse);
    }
  }
  return m;
}

/** Gives up the leadership. */
export interface ResignRequest {
  leader: LeaderKey | null;
}

export function newResignRequest(init?: Partial<ResignRequest>): ResignRequest {
  if (init === undefined) {
    return {
      leader: null,
    };
  }
  return {
    leader: init.leader ?? null,
  };
}

export function encodeResignRequest(m: ResignRequest): Buffer {
  const w = startWriting();
  writeResignRequest(w, m);
  return w.finish();
}

export function writeResignRequest(w: Writer, m: ResignRequest): void {
  if (m.leader !== null) {
    const before = w.size();
    writeLeaderKey(w, m.leader);
    w.nested(10, before);
  }
}

export function decodeResignRequest(bytes: Uint8Array): ResignRequest {
  return readResignRequest(new Reader(bytes), newResignRequest());
}

const fieldsOfResignRequest: FieldNames = {
  1: "leader",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readResignRequest(r: Reader, m: ResignRequest): ResignRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.leader = readLeaderKey(r, m.leader ?? newLeaderKey());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfResignRequest);
    }
  }
  return m;
}

export interface ResignResponse {
  header: ResponseHeader | null;
}

export function newResignResponse(init?: Partial<ResignResponse>): ResignResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeResignResponse(m: ResignResponse): Buffer {
  const w = startWriting();
  writeResignResponse(w, m);
  return w.finish();
}

export function writeResignResponse(w: Writer, m: ResignResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeResignResponse(bytes: Uint8Array): ResignResponse {
  return readResignResponse(new Reader(bytes), newResignResponse());
}

const fieldsOfResignResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readResignResponse(r: Reader, m: ResignResponse): ResignResponse {
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
        r.other(tag, fieldsOfResignResponse);
    }
  }
  return m;
}

/** Puts a new value without a new election. */
export interface ProclaimRequest {
  leader: LeaderKey | null;
  value: Uint8Array;
}

export function newProclaimRequest(init?: Partial<ProclaimRequest>): ProclaimRequest {
  if (init === undefined) {
    return {
      leader: null,
      value: EMPTY_BYTES,
    };
  }
  return {
    leader: init.leader ?? null,
    value: init.value ?? EMPTY_BYTES,
  };
}

export function encodeProclaimRequest(m: ProclaimRequest): Buffer {
  const w = startWriting();
  writeProclaimRequest(w, m);
  return w.finish();
}

export function writeProclaimRequest(w: Writer, m: ProclaimRequest): void {
  if (m.value.length > 0) w.data(18, m.value);
  if (m.leader !== null) {
    const before = w.size();
    writeLeaderKey(w, m.leader);
    w.nested(10, before);
  }
}

export function decodeProclaimRequest(bytes: Uint8Array): ProclaimRequest {
  return readProclaimRequest(new Reader(bytes), newProclaimRequest());
}

const fieldsOfProclaimRequest: FieldNames = {
  1: "leader",
  2: "value",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readProclaimRequest(r: Reader, m: ProclaimRequest): ProclaimRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.leader = readLeaderKey(r, m.leader ?? newLeaderKey());
        r.leave(outer);
        break;
      }
      case 18:
        m.value = r.view();
        break;
      default:
        r.other(tag, fieldsOfProclaimRequest);
    }
  }
  return m;
}

export interface ProclaimResponse {
  header: ResponseHeader | null;
}

export function newProclaimResponse(init?: Partial<ProclaimResponse>): ProclaimResponse {
  if (init === undefined) {
    return {
      header: null,
    };
  }
  return {
    header: init.header ?? null,
  };
}

export function encodeProclaimResponse(m: ProclaimResponse): Buffer {
  const w = startWriting();
  writeProclaimResponse(w, m);
  return w.finish();
}

export function writeProclaimResponse(w: Writer, m: ProclaimResponse): void {
  if (m.header !== null) {
    const before = w.size();
    writeResponseHeader(w, m.header);
    w.nested(10, before);
  }
}

export function decodeProclaimResponse(bytes: Uint8Array): ProclaimResponse {
  return readProclaimResponse(new Reader(bytes), newProclaimResponse());
}

const fieldsOfProclaimResponse: FieldNames = {
  1: "header",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readProclaimResponse(r: Reader, m: ProclaimResponse): ProclaimResponse {
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
        r.other(tag, fieldsOfProclaimResponse);
    }
  }
  return m;
}
