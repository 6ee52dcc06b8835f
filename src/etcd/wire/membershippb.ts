// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";

/** What consensus needs to know of a member. */
export interface RaftAttributes {
  peerUrls: string[];
  isLearner: boolean;
}

export function newRaftAttributes(init?: Partial<RaftAttributes>): RaftAttributes {
  if (init === undefined) {
    return {
      peerUrls: [],
      isLearner: false,
    };
  }
  return {
    peerUrls: init.peerUrls ?? [],
    isLearner: init.isLearner ?? false,
  };
}

export function encodeRaftAttributes(m: RaftAttributes): Buffer {
  const w = startWriting();
  writeRaftAttributes(w, m);
  return w.finish();
}

export function writeRaftAttributes(w: Writer, m: RaftAttributes): void {
  if (m.isLearner) w.bool(16, m.isLearner);
  for (let i = m.peerUrls.length - 1; i >= 0; i--) w.string(10, m.peerUrls[i]!);
}

export function decodeRaftAttributes(bytes: Uint8Array): RaftAttributes {
  return readRaftAttributes(new Reader(bytes), newRaftAttributes());
}

const fieldsOfRaftAttributes: FieldNames = {
  1: "peer_urls",
  2: "is_learner",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readRaftAttributes(r: Reader, m: RaftAttributes): RaftAttributes {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.peerUrls.push(r.string());
        break;
      case 16:
        m.isLearner = r.bool();
        break;
      default:
        r.other(tag, fieldsOfRaftAttributes);
    }
  }
  return m;
}

/** What clients need to know of a member; it publishes them itself once it has started. */
export interface Attributes {
  name: string;
  clientUrls: string[];
}

export function newAttributes(init?: Partial<Attributes>): Attributes {
  if (init === undefined) {
    return {
      name: "",
      clientUrls: [],
    };
  }
  return {
    name: init.name ?? "",
    clientUrls: init.clientUrls ?? [],
  };
}

export function encodeAttributes(m: Attributes): Buffer {
  const w = startWriting();
  writeAttributes(w, m);
  return w.finish();
}

export function writeAttributes(w: Writer, m: Attributes): void {
  for (let i = m.clientUrls.length - 1; i >= 0; i--) w.string(18, m.clientUrls[i]!);
  if (m.name !== "") w.string(10, m.name);
}

export function decodeAttributes(bytes: Uint8Array): Attributes {
  return readAttributes(new Reader(bytes), newAttributes());
}

const fieldsOfAttributes: FieldNames = {
  1: "name",
  2: "client_urls",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readAttributes(r: Reader, m: Attributes): Attributes {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.string();
        break;
      case 18:
        m.clientUrls.push(r.string());
        break;
      default:
        r.other(tag, fieldsOfAttributes);
    }
  }
  return m;
}

export interface Member {
  id: bigint;
  raftAttributes: RaftAttributes | null;
  memberAttributes: Attributes | null;
}

export function newMember(init?: Partial<Member>): Member {
  if (init === undefined) {
    return {
      id: 0n,
      raftAttributes: null,
      memberAttributes: null,
    };
  }
  return {
    id: init.id ?? 0n,
    raftAttributes: init.raftAttributes ?? null,
    memberAttributes: init.memberAttributes ?? null,
  };
}

export function encodeMember(m: Member): Buffer {
  const w = startWriting();
  writeMember(w, m);
  return w.finish();
}

export function writeMember(w: Writer, m: Member): void {
  if (m.memberAttributes !== null) {
    const before = w.size();
    writeAttributes(w, m.memberAttributes);
    w.nested(26, before);
  }
  if (m.raftAttributes !== null) {
    const before = w.size();
    writeRaftAttributes(w, m.raftAttributes);
    w.nested(18, before);
  }
  if (m.id !== 0n) w.id(8, m.id);
}

export function decodeMember(bytes: Uint8Array): Member {
  return readMember(new Reader(bytes), newMember());
}

const fieldsOfMember: FieldNames = {
  1: "ID",
  2: "raft_attributes",
  3: "member_attributes",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMember(r: Reader, m: Member): Member {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.id = r.uint64Id();
        break;
      case 18: {
        const outer = r.enter();
        m.raftAttributes = readRaftAttributes(r, m.raftAttributes ?? newRaftAttributes());
        r.leave(outer);
        break;
      }
      case 26: {
        const outer = r.enter();
        m.memberAttributes = readAttributes(r, m.memberAttributes ?? newAttributes());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfMember);
    }
  }
  return m;
}

/** The cluster's version, major.minor.patch, once all members run it. */
export interface ClusterVersionSetRequest {
  ver: string;
}

export function newClusterVersionSetRequest(init?: Partial<ClusterVersionSetRequest>): ClusterVersionSetRequest {
  if (init === undefined) {
    return {
      ver: "",
    };
  }
  return {
    ver: init.ver ?? "",
  };
}

export function encodeClusterVersionSetRequest(m: ClusterVersionSetRequest): Buffer {
  const w = startWriting();
  writeClusterVersionSetRequest(w, m);
  return w.finish();
}

export function writeClusterVersionSetRequest(w: Writer, m: ClusterVersionSetRequest): void {
  if (m.ver !== "") w.string(10, m.ver);
}

export function decodeClusterVersionSetRequest(bytes: Uint8Array): ClusterVersionSetRequest {
  return readClusterVersionSetRequest(new Reader(bytes), newClusterVersionSetRequest());
}

const fieldsOfClusterVersionSetRequest: FieldNames = {
  1: "ver",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readClusterVersionSetRequest(r: Reader, m: ClusterVersionSetRequest): ClusterVersionSetRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.ver = r.string();
        break;
      default:
        r.other(tag, fieldsOfClusterVersionSetRequest);
    }
  }
  return m;
}

/** A member publishes its name and client URLs. */
export interface ClusterMemberAttrSetRequest {
  memberId: bigint;
  memberAttributes: Attributes | null;
}

export function newClusterMemberAttrSetRequest(init?: Partial<ClusterMemberAttrSetRequest>): ClusterMemberAttrSetRequest {
  if (init === undefined) {
    return {
      memberId: 0n,
      memberAttributes: null,
    };
  }
  return {
    memberId: init.memberId ?? 0n,
    memberAttributes: init.memberAttributes ?? null,
  };
}

export function encodeClusterMemberAttrSetRequest(m: ClusterMemberAttrSetRequest): Buffer {
  const w = startWriting();
  writeClusterMemberAttrSetRequest(w, m);
  return w.finish();
}

export function writeClusterMemberAttrSetRequest(w: Writer, m: ClusterMemberAttrSetRequest): void {
  if (m.memberAttributes !== null) {
    const before = w.size();
    writeAttributes(w, m.memberAttributes);
    w.nested(18, before);
  }
  if (m.memberId !== 0n) w.id(8, m.memberId);
}

export function decodeClusterMemberAttrSetRequest(bytes: Uint8Array): ClusterMemberAttrSetRequest {
  return readClusterMemberAttrSetRequest(new Reader(bytes), newClusterMemberAttrSetRequest());
}

const fieldsOfClusterMemberAttrSetRequest: FieldNames = {
  1: "member_ID",
  2: "member_attributes",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readClusterMemberAttrSetRequest(r: Reader, m: ClusterMemberAttrSetRequest): ClusterMemberAttrSetRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.memberId = r.uint64Id();
        break;
      case 18: {
        const outer = r.enter();
        m.memberAttributes = readAttributes(r, m.memberAttributes ?? newAttributes());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfClusterMemberAttrSetRequest);
    }
  }
  return m;
}

/** A downgrade begins or ends. */
export interface DowngradeInfoSetRequest {
  enabled: boolean;
  ver: string;
}

export function newDowngradeInfoSetRequest(init?: Partial<DowngradeInfoSetRequest>): DowngradeInfoSetRequest {
  if (init === undefined) {
    return {
      enabled: false,
      ver: "",
    };
  }
  return {
    enabled: init.enabled ?? false,
    ver: init.ver ?? "",
  };
}

export function encodeDowngradeInfoSetRequest(m: DowngradeInfoSetRequest): Buffer {
  const w = startWriting();
  writeDowngradeInfoSetRequest(w, m);
  return w.finish();
}

export function writeDowngradeInfoSetRequest(w: Writer, m: DowngradeInfoSetRequest): void {
  if (m.ver !== "") w.string(18, m.ver);
  if (m.enabled) w.bool(8, m.enabled);
}

export function decodeDowngradeInfoSetRequest(bytes: Uint8Array): DowngradeInfoSetRequest {
  return readDowngradeInfoSetRequest(new Reader(bytes), newDowngradeInfoSetRequest());
}

const fieldsOfDowngradeInfoSetRequest: FieldNames = {
  1: "enabled",
  2: "ver",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readDowngradeInfoSetRequest(r: Reader, m: DowngradeInfoSetRequest): DowngradeInfoSetRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.enabled = r.bool();
        break;
      case 18:
        m.ver = r.string();
        break;
      default:
        r.other(tag, fieldsOfDowngradeInfoSetRequest);
    }
  }
  return m;
}
