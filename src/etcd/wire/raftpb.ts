// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";

export const EntryType = {
  EntryNormal: 0,
  EntryConfChange: 1,
  EntryConfChangeV2: 2,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type EntryType = number;

export const MessageType = {
  MsgHup: 0,
  MsgBeat: 1,
  MsgProp: 2,
  MsgApp: 3,
  MsgAppResp: 4,
  MsgVote: 5,
  MsgVoteResp: 6,
  MsgSnap: 7,
  MsgHeartbeat: 8,
  MsgHeartbeatResp: 9,
  MsgUnreachable: 10,
  MsgSnapStatus: 11,
  MsgCheckQuorum: 12,
  MsgTransferLeader: 13,
  MsgTimeoutNow: 14,
  MsgReadIndex: 15,
  MsgReadIndexResp: 16,
  MsgPreVote: 17,
  MsgPreVoteResp: 18,
  MsgStorageAppend: 19,
  MsgStorageAppendResp: 20,
  MsgStorageApply: 21,
  MsgStorageApplyResp: 22,
  MsgForgetLeader: 23,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type MessageType = number;

export const ConfChangeTransition = {
  ConfChangeTransitionAuto: 0,
  ConfChangeTransitionJointImplicit: 1,
  ConfChangeTransitionJointExplicit: 2,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type ConfChangeTransition = number;

export const ConfChangeType = {
  ConfChangeAddNode: 0,
  ConfChangeRemoveNode: 1,
  ConfChangeUpdateNode: 2,
  ConfChangeAddLearnerNode: 3,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type ConfChangeType = number;

/** A place in the log. Data is an InternalRaftRequest, a ConfChange or, for the entry a new leader begins with, nothing. */
export interface Entry {
  term: number;
  index: number;
  type: EntryType;
  data: Uint8Array | null;
}

export function newEntry(init?: Partial<Entry>): Entry {
  if (init === undefined) {
    return {
      term: 0,
      index: 0,
      type: 0,
      data: null,
    };
  }
  return {
    term: init.term ?? 0,
    index: init.index ?? 0,
    type: init.type ?? 0,
    data: init.data ?? null,
  };
}

export function encodeEntry(m: Entry): Buffer {
  const w = startWriting();
  writeEntry(w, m);
  return w.finish();
}

export function writeEntry(w: Writer, m: Entry): void {
  if (m.data !== null) w.data(34, m.data);
  w.int64(24, m.index);
  w.int64(16, m.term);
  w.int32(8, m.type);
}

export function decodeEntry(bytes: Uint8Array): Entry {
  return readEntry(new Reader(bytes), newEntry());
}

const fieldsOfEntry: FieldNames = {
  2: "Term",
  3: "Index",
  1: "Type",
  4: "Data",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readEntry(r: Reader, m: Entry): Entry {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 16:
        m.term = r.uint64();
        break;
      case 24:
        m.index = r.uint64();
        break;
      case 8:
        m.type = r.int32();
        break;
      case 34:
        m.data = r.view();
        break;
      default:
        r.other(tag, fieldsOfEntry);
    }
  }
  return m;
}

/** Where in the log a snapshot stands, and the configuration there. */
export interface SnapshotMetadata {
  confState: ConfState | null;
  index: number;
  term: number;
}

export function newSnapshotMetadata(init?: Partial<SnapshotMetadata>): SnapshotMetadata {
  if (init === undefined) {
    return {
      confState: null,
      index: 0,
      term: 0,
    };
  }
  return {
    confState: init.confState ?? null,
    index: init.index ?? 0,
    term: init.term ?? 0,
  };
}

export function encodeSnapshotMetadata(m: SnapshotMetadata): Buffer {
  const w = startWriting();
  writeSnapshotMetadata(w, m);
  return w.finish();
}

export function writeSnapshotMetadata(w: Writer, m: SnapshotMetadata): void {
  w.int64(24, m.term);
  w.int64(16, m.index);
  {
    const before = w.size();
    writeConfState(w, m.confState ?? newConfState());
    w.nested(10, before);
  }
}

export function decodeSnapshotMetadata(bytes: Uint8Array): SnapshotMetadata {
  return readSnapshotMetadata(new Reader(bytes), newSnapshotMetadata());
}

const fieldsOfSnapshotMetadata: FieldNames = {
  1: "conf_state",
  2: "index",
  3: "term",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readSnapshotMetadata(r: Reader, m: SnapshotMetadata): SnapshotMetadata {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        m.confState = readConfState(r, m.confState ?? newConfState());
        r.leave(outer);
        break;
      }
      case 16:
        m.index = r.uint64();
        break;
      case 24:
        m.term = r.uint64();
        break;
      default:
        r.other(tag, fieldsOfSnapshotMetadata);
    }
  }
  return m;
}

/** The state up to an index. */
export interface Snapshot {
  data: Uint8Array | null;
  metadata: SnapshotMetadata | null;
}

export function newSnapshot(init?: Partial<Snapshot>): Snapshot {
  if (init === undefined) {
    return {
      data: null,
      metadata: null,
    };
  }
  return {
    data: init.data ?? null,
    metadata: init.metadata ?? null,
  };
}

export function encodeSnapshot(m: Snapshot): Buffer {
  const w = startWriting();
  writeSnapshot(w, m);
  return w.finish();
}

export function writeSnapshot(w: Writer, m: Snapshot): void {
  {
    const before = w.size();
    writeSnapshotMetadata(w, m.metadata ?? newSnapshotMetadata());
    w.nested(18, before);
  }
  if (m.data !== null) w.data(10, m.data);
}

export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  return readSnapshot(new Reader(bytes), newSnapshot());
}

const fieldsOfSnapshot: FieldNames = {
  1: "data",
  2: "metadata",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readSnapshot(r: Reader, m: Snapshot): Snapshot {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.data = r.view();
        break;
      case 18: {
        const outer = r.enter();
        m.metadata = readSnapshotMetadata(r, m.metadata ?? newSnapshotMetadata());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfSnapshot);
    }
  }
  return m;
}

/** What one member tells another, or a part of a member its own core. */
export interface Message {
  type: MessageType;
  to: bigint;
  from: bigint;
  term: number;
  logTerm: number;
  index: number;
  entries: Entry[];
  commit: number;
  vote: bigint;
  snapshot: Snapshot | null;
  reject: boolean;
  /** Of a refused append: the last index that the follower has. */
  rejectHint: number;
  /** Of ReadIndex: which request it is. Of a vote: why an election is forced. */
  context: Uint8Array | null;
  /** What to send once this storage work is done. */
  responses: Message[];
}

export function newMessage(init?: Partial<Message>): Message {
  if (init === undefined) {
    return {
      type: 0,
      to: 0n,
      from: 0n,
      term: 0,
      logTerm: 0,
      index: 0,
      entries: [],
      commit: 0,
      vote: 0n,
      snapshot: null,
      reject: false,
      rejectHint: 0,
      context: null,
      responses: [],
    };
  }
  return {
    type: init.type ?? 0,
    to: init.to ?? 0n,
    from: init.from ?? 0n,
    term: init.term ?? 0,
    logTerm: init.logTerm ?? 0,
    index: init.index ?? 0,
    entries: init.entries ?? [],
    commit: init.commit ?? 0,
    vote: init.vote ?? 0n,
    snapshot: init.snapshot ?? null,
    reject: init.reject ?? false,
    rejectHint: init.rejectHint ?? 0,
    context: init.context ?? null,
    responses: init.responses ?? [],
  };
}

export function encodeMessage(m: Message): Buffer {
  const w = startWriting();
  writeMessage(w, m);
  return w.finish();
}

export function writeMessage(w: Writer, m: Message): void {
  for (let i = m.responses.length - 1; i >= 0; i--) {
    const before = w.size();
    writeMessage(w, m.responses[i]!);
    w.nested(114, before);
  }
  w.id(104, m.vote);
  if (m.context !== null) w.data(98, m.context);
  w.int64(88, m.rejectHint);
  w.bool(80, m.reject);
  if (m.snapshot !== null) {
    const before = w.size();
    writeSnapshot(w, m.snapshot);
    w.nested(74, before);
  }
  w.int64(64, m.commit);
  for (let i = m.entries.length - 1; i >= 0; i--) {
    const before = w.size();
    writeEntry(w, m.entries[i]!);
    w.nested(58, before);
  }
  w.int64(48, m.index);
  w.int64(40, m.logTerm);
  w.int64(32, m.term);
  w.id(24, m.from);
  w.id(16, m.to);
  w.int32(8, m.type);
}

export function decodeMessage(bytes: Uint8Array): Message {
  return readMessage(new Reader(bytes), newMessage());
}

const fieldsOfMessage: FieldNames = {
  1: "type",
  2: "to",
  3: "from",
  4: "term",
  5: "logTerm",
  6: "index",
  7: "entries",
  8: "commit",
  13: "vote",
  9: "snapshot",
  10: "reject",
  11: "rejectHint",
  12: "context",
  14: "responses",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readMessage(r: Reader, m: Message): Message {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.int32();
        break;
      case 16:
        m.to = r.uint64Id();
        break;
      case 24:
        m.from = r.uint64Id();
        break;
      case 32:
        m.term = r.uint64();
        break;
      case 40:
        m.logTerm = r.uint64();
        break;
      case 48:
        m.index = r.uint64();
        break;
      case 58: {
        const outer = r.enter();
        m.entries.push(readEntry(r, newEntry()));
        r.leave(outer);
        break;
      }
      case 64:
        m.commit = r.uint64();
        break;
      case 104:
        m.vote = r.uint64Id();
        break;
      case 74: {
        const outer = r.enter();
        m.snapshot = readSnapshot(r, m.snapshot ?? newSnapshot());
        r.leave(outer);
        break;
      }
      case 80:
        m.reject = r.bool();
        break;
      case 88:
        m.rejectHint = r.uint64();
        break;
      case 98:
        m.context = r.view();
        break;
      case 114: {
        const outer = r.enter();
        m.responses.push(readMessage(r, newMessage()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfMessage);
    }
  }
  return m;
}

/** What must be on disk before anybody is told of it. */
export interface HardState {
  term: number;
  vote: bigint;
  commit: number;
}

export function newHardState(init?: Partial<HardState>): HardState {
  if (init === undefined) {
    return {
      term: 0,
      vote: 0n,
      commit: 0,
    };
  }
  return {
    term: init.term ?? 0,
    vote: init.vote ?? 0n,
    commit: init.commit ?? 0,
  };
}

export function encodeHardState(m: HardState): Buffer {
  const w = startWriting();
  writeHardState(w, m);
  return w.finish();
}

export function writeHardState(w: Writer, m: HardState): void {
  w.int64(24, m.commit);
  w.id(16, m.vote);
  w.int64(8, m.term);
}

export function decodeHardState(bytes: Uint8Array): HardState {
  return readHardState(new Reader(bytes), newHardState());
}

const fieldsOfHardState: FieldNames = {
  1: "term",
  2: "vote",
  3: "commit",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readHardState(r: Reader, m: HardState): HardState {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.term = r.uint64();
        break;
      case 16:
        m.vote = r.uint64Id();
        break;
      case 24:
        m.commit = r.uint64();
        break;
      default:
        r.other(tag, fieldsOfHardState);
    }
  }
  return m;
}

/** The configuration: who votes, who learns. The two lists in the middle are filled during a joint change only. */
export interface ConfState {
  voters: bigint[];
  learners: bigint[];
  /** The voters of the configuration that is being left. */
  votersOutgoing: bigint[];
  /** Voters that become learners once it is left. */
  learnersNext: bigint[];
  /** The joint configuration ends by itself. */
  autoLeave: boolean;
}

export function newConfState(init?: Partial<ConfState>): ConfState {
  if (init === undefined) {
    return {
      voters: [],
      learners: [],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    };
  }
  return {
    voters: init.voters ?? [],
    learners: init.learners ?? [],
    votersOutgoing: init.votersOutgoing ?? [],
    learnersNext: init.learnersNext ?? [],
    autoLeave: init.autoLeave ?? false,
  };
}

export function encodeConfState(m: ConfState): Buffer {
  const w = startWriting();
  writeConfState(w, m);
  return w.finish();
}

export function writeConfState(w: Writer, m: ConfState): void {
  w.bool(40, m.autoLeave);
  for (let i = m.learnersNext.length - 1; i >= 0; i--) w.id(32, m.learnersNext[i]!);
  for (let i = m.votersOutgoing.length - 1; i >= 0; i--) w.id(24, m.votersOutgoing[i]!);
  for (let i = m.learners.length - 1; i >= 0; i--) w.id(16, m.learners[i]!);
  for (let i = m.voters.length - 1; i >= 0; i--) w.id(8, m.voters[i]!);
}

export function decodeConfState(bytes: Uint8Array): ConfState {
  return readConfState(new Reader(bytes), newConfState());
}

const fieldsOfConfState: FieldNames = {
  1: "voters",
  2: "learners",
  3: "voters_outgoing",
  4: "learners_next",
  5: "auto_leave",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readConfState(r: Reader, m: ConfState): ConfState {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.voters.push(r.uint64Id());
        break;
      case 10: {
        const end = r.packedEnd();
        while (r.pos < end) m.voters.push(r.uint64Id());
        r.checkPacked(end);
        break;
      }
      case 16:
        m.learners.push(r.uint64Id());
        break;
      case 18: {
        const end = r.packedEnd();
        while (r.pos < end) m.learners.push(r.uint64Id());
        r.checkPacked(end);
        break;
      }
      case 24:
        m.votersOutgoing.push(r.uint64Id());
        break;
      case 26: {
        const end = r.packedEnd();
        while (r.pos < end) m.votersOutgoing.push(r.uint64Id());
        r.checkPacked(end);
        break;
      }
      case 32:
        m.learnersNext.push(r.uint64Id());
        break;
      case 34: {
        const end = r.packedEnd();
        while (r.pos < end) m.learnersNext.push(r.uint64Id());
        r.checkPacked(end);
        break;
      }
      case 40:
        m.autoLeave = r.bool();
        break;
      default:
        r.other(tag, fieldsOfConfState);
    }
  }
  return m;
}

/** One change of the configuration, in etcd's first form, which it still proposes. */
export interface ConfChange {
  type: ConfChangeType;
  nodeId: bigint;
  context: Uint8Array | null;
  /** Tells the proposer which of its proposals this is. */
  id: bigint;
}

export function newConfChange(init?: Partial<ConfChange>): ConfChange {
  if (init === undefined) {
    return {
      type: 0,
      nodeId: 0n,
      context: null,
      id: 0n,
    };
  }
  return {
    type: init.type ?? 0,
    nodeId: init.nodeId ?? 0n,
    context: init.context ?? null,
    id: init.id ?? 0n,
  };
}

export function encodeConfChange(m: ConfChange): Buffer {
  const w = startWriting();
  writeConfChange(w, m);
  return w.finish();
}

export function writeConfChange(w: Writer, m: ConfChange): void {
  if (m.context !== null) w.data(34, m.context);
  w.id(24, m.nodeId);
  w.int32(16, m.type);
  w.id(8, m.id);
}

export function decodeConfChange(bytes: Uint8Array): ConfChange {
  return readConfChange(new Reader(bytes), newConfChange());
}

const fieldsOfConfChange: FieldNames = {
  2: "type",
  3: "node_id",
  4: "context",
  1: "id",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readConfChange(r: Reader, m: ConfChange): ConfChange {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 16:
        m.type = r.int32();
        break;
      case 24:
        m.nodeId = r.uint64Id();
        break;
      case 34:
        m.context = r.view();
        break;
      case 8:
        m.id = r.uint64Id();
        break;
      default:
        r.other(tag, fieldsOfConfChange);
    }
  }
  return m;
}

/** One step of a ConfChangeV2. */
export interface ConfChangeSingle {
  type: ConfChangeType;
  nodeId: bigint;
}

export function newConfChangeSingle(init?: Partial<ConfChangeSingle>): ConfChangeSingle {
  if (init === undefined) {
    return {
      type: 0,
      nodeId: 0n,
    };
  }
  return {
    type: init.type ?? 0,
    nodeId: init.nodeId ?? 0n,
  };
}

export function encodeConfChangeSingle(m: ConfChangeSingle): Buffer {
  const w = startWriting();
  writeConfChangeSingle(w, m);
  return w.finish();
}

export function writeConfChangeSingle(w: Writer, m: ConfChangeSingle): void {
  w.id(16, m.nodeId);
  w.int32(8, m.type);
}

export function decodeConfChangeSingle(bytes: Uint8Array): ConfChangeSingle {
  return readConfChangeSingle(new Reader(bytes), newConfChangeSingle());
}

const fieldsOfConfChangeSingle: FieldNames = {
  1: "type",
  2: "node_id",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readConfChangeSingle(r: Reader, m: ConfChangeSingle): ConfChangeSingle {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.type = r.int32();
        break;
      case 16:
        m.nodeId = r.uint64Id();
        break;
      default:
        r.other(tag, fieldsOfConfChangeSingle);
    }
  }
  return m;
}

/** Several changes at once, by joint consensus where needed. */
export interface ConfChangeV2 {
  transition: ConfChangeTransition;
  changes: ConfChangeSingle[];
  context: Uint8Array | null;
}

export function newConfChangeV2(init?: Partial<ConfChangeV2>): ConfChangeV2 {
  if (init === undefined) {
    return {
      transition: 0,
      changes: [],
      context: null,
    };
  }
  return {
    transition: init.transition ?? 0,
    changes: init.changes ?? [],
    context: init.context ?? null,
  };
}

export function encodeConfChangeV2(m: ConfChangeV2): Buffer {
  const w = startWriting();
  writeConfChangeV2(w, m);
  return w.finish();
}

export function writeConfChangeV2(w: Writer, m: ConfChangeV2): void {
  if (m.context !== null) w.data(26, m.context);
  for (let i = m.changes.length - 1; i >= 0; i--) {
    const before = w.size();
    writeConfChangeSingle(w, m.changes[i]!);
    w.nested(18, before);
  }
  w.int32(8, m.transition);
}

export function decodeConfChangeV2(bytes: Uint8Array): ConfChangeV2 {
  return readConfChangeV2(new Reader(bytes), newConfChangeV2());
}

const fieldsOfConfChangeV2: FieldNames = {
  1: "transition",
  2: "changes",
  3: "context",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readConfChangeV2(r: Reader, m: ConfChangeV2): ConfChangeV2 {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.transition = r.int32();
        break;
      case 18: {
        const outer = r.enter();
        m.changes.push(readConfChangeSingle(r, newConfChangeSingle()));
        r.leave(outer);
        break;
      }
      case 26:
        m.context = r.view();
        break;
      default:
        r.other(tag, fieldsOfConfChangeV2);
    }
  }
  return m;
}
