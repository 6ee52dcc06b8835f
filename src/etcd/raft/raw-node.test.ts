import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../base/logger.ts";
import {
  ConfChangeType,
  decodeConfChange,
  EntryType,
  MessageType,
  newConfChange,
  newConfState,
  newMessage,
  newSnapshot,
  newSnapshotMetadata,
} from "../wire/raftpb.ts";
import type { Message } from "../wire/raftpb.ts";
import { confChangeOf } from "./conf-change.ts";
import type { RaftConfig } from "./config.ts";
import { NO_LIMIT } from "./entry-size.ts";
import { RaftError } from "./errors.ts";
import { LOCAL_APPEND_THREAD, NONE } from "./ids.ts";
import { MemoryStorage } from "./memory-storage.ts";
import { Raft } from "./raft.ts";
import { RawNode } from "./raw-node.ts";
import type { Ready } from "./ready.ts";
import { statusToJson } from "./status.ts";

const dropped = new RaftError("proposalDropped");

/** Chance that always gives the shortest election timeout. */
const noChance = { below: () => 0 };

function storageOf(...voters: bigint[]): MemoryStorage {
  const storage = new MemoryStorage();
  const metadata = newSnapshotMetadata({ index: 1, term: 1, confState: newConfState({ voters }) });
  storage.applySnapshot(newSnapshot({ metadata }));
  return storage;
}

function configOf(storage: MemoryStorage, options: Partial<RaftConfig> = {}): RaftConfig {
  return {
    id: 1n,
    electionTicks: 10,
    heartbeatTicks: 1,
    storage,
    random: noChance,
    logger: silentLogger,
    messageBytesMax: NO_LIMIT,
    inflightMessagesMax: 256,
    ...options,
  };
}

/** Does the work of one ready, and returns it. */
function work(node: RawNode, storage: MemoryStorage): Ready {
  const ready = node.ready();
  if (ready.hardState !== null) storage.setHardState(ready.hardState);
  storage.append(ready.entries);
  for (const entry of ready.committedEntries) {
    const change = confChangeOf(entry);
    if (change !== null) node.applyConfChange(change);
  }
  node.advance(ready);
  return ready;
}

function workOff(node: RawNode, storage: MemoryStorage): Ready[] {
  const done: Ready[] = [];
  while (node.hasReady()) done.push(work(node, storage));
  return done;
}

function leaderOf(voters: bigint[], options: Partial<RaftConfig> = {}): { node: RawNode; storage: MemoryStorage } {
  const storage = storageOf(...voters);
  const node = new RawNode(configOf(storage, options));
  node.campaign();
  workOff(node, storage);
  for (const from of voters.slice(1)) {
    node.step(newMessage({ type: MessageType.MsgVoteResp, from, to: 1n, term: 1 }));
  }
  workOff(node, storage);
  assert.equal(node.basicStatus().role, "leader");
  return { node, storage };
}

function data(ready: Ready): (string | undefined)[] {
  return ready.committedEntries.map((entry) => entry.data?.toString());
}

test("a thousand proposals of a single voter are one ready to save, and one to apply", () => {
  const { node, storage } = leaderOf([1n]);
  const proposals = Array.from({ length: 1000 }, (_, position) => Buffer.from(`p${position}`));
  node.proposeMany(proposals.slice(0, 600));
  for (const one of proposals.slice(600)) node.propose(one);

  const save = work(node, storage);
  assert.equal(save.entries.length, 1000);
  assert.deepEqual([save.mustSync, save.committedEntries.length, save.messages.length], [true, 0, 0]);
  const apply = work(node, storage);
  assert.deepEqual([apply.mustSync, apply.entries.length], [false, 0]);
  assert.deepEqual(
    data(apply),
    proposals.map((one) => one.toString()),
  );
  assert.equal(node.hasReady(), false);
  assert.equal(node.basicStatus().applied, apply.committedEntries.at(-1)?.index);
});

test("proposals that come while a ready is worked on form the next batch", () => {
  const { node, storage } = leaderOf([1n]);
  node.propose(Buffer.from("first"));
  const first = node.ready();
  node.propose(Buffer.from("second"));
  storage.append(first.entries);
  node.advance(first);
  const second = node.ready();
  assert.deepEqual(data(second), ["first"]);
  assert.equal(second.entries[0]?.data?.toString(), "second");
  storage.append(second.entries);
  node.advance(second);
  assert.deepEqual(data(work(node, storage)), ["second"]);
});

test("no proposals are no entries", () => {
  const { node } = leaderOf([1n]);
  node.proposeMany([]);
  assert.equal(node.hasReady(), false);
});

test("a ready must be advanced before the next, once, and by itself", () => {
  const { node } = leaderOf([1n]);
  node.propose(Buffer.from("x"));
  const ready = node.ready();
  assert.throws(() => node.ready(), /without call to Advance/);
  assert.throws(() => node.advance({ ...ready }), /with the last Ready/);
  node.advance(ready);
  assert.throws(() => node.advance(ready), /with the last Ready/);
});

test("a new cluster begins with one committed change per peer", () => {
  const storage = new MemoryStorage();
  const node = new RawNode(configOf(storage));
  node.bootstrap([
    { id: 1n, context: Buffer.from("one") },
    { id: 2n, context: null },
  ]);
  const ready = node.ready();
  assert.deepEqual(ready.hardState, { term: 1, vote: NONE, commit: 2 });
  assert.deepEqual(
    ready.entries.map(({ term, index, type }) => [term, index, type]),
    [1, 2].map((index) => [1, index, EntryType.EntryConfChange]),
  );
  const first = decodeConfChange(ready.entries[0]!.data!);
  assert.deepEqual([first.nodeId, first.id, first.context?.toString()], [1n, 0n, "one"]);
  assert.deepEqual(ready.committedEntries, ready.entries);
  assert.deepEqual([...node.status().config.voters.ids()], [1n, 2n]);
  assert.throws(() => new RawNode(configOf(storageOf(1n))).bootstrap([{ id: 1n, context: null }]), /nonempty/);
});

test("a restart hands out committed entries again, from where the state machine stands", () => {
  const { node, storage } = leaderOf([1n]);
  for (const name of ["a", "b"]) node.propose(Buffer.from(name));
  workOff(node, storage);

  for (const [applied, expected] of [
    [1, ["", "a", "b"]],
    [3, ["b"]],
  ] as const) {
    const again = new RawNode(configOf(storage, { applied }));
    assert.deepEqual(
      work(again, storage).committedEntries.map((entry) => entry.data?.toString() ?? ""),
      expected,
    );
    assert.equal(again.basicStatus().role, "follower");
  }
});

test("a hard state that the log does not reach stops the node", () => {
  const storage = storageOf(1n);
  storage.setHardState({ term: 1, vote: NONE, commit: 9 });
  assert.throws(() => new RawNode(configOf(storage)), /out of range \[1, 1\]/);
});

test("a single voter elects itself when the timeout is over, not before", () => {
  const storage = storageOf(1n);
  const node = new RawNode(configOf(storage));
  for (let tick = 1; tick < 10; tick++) node.tick();
  assert.equal(node.hasReady(), false);
  node.tick();
  workOff(node, storage);
  assert.equal(node.basicStatus().role, "leader");
});

test("an entry of an earlier term is not committed by counting copies (Raft paper, 5.4.2)", () => {
  const { node, storage } = leaderOf([1n, 2n, 3n]);
  node.propose(Buffer.from("old"));
  workOff(node, storage);
  const restarted = new RawNode(configOf(storage));
  restarted.campaign();
  workOff(restarted, storage);
  restarted.step(newMessage({ type: MessageType.MsgVoteResp, from: 2n, to: 1n, term: 2 }));
  workOff(restarted, storage);
  const { log } = new Raft(configOf(storage));
  assert.deepEqual([log.term(3), log.term(4)], [1, 2]);

  const acknowledge = (index: number) =>
    restarted.step(newMessage({ type: MessageType.MsgAppResp, from: 2n, to: 1n, term: 2, index }));
  acknowledge(3);
  assert.equal(restarted.basicStatus().commit, 1);
  acknowledge(4);
  assert.equal(restarted.basicStatus().commit, 4);
});

test("without a leader proposals are dropped, with one they are passed on, unless that is switched off", () => {
  const follower = (options: Partial<RaftConfig>) => {
    const storage = storageOf(1n, 2n);
    const node = new RawNode(configOf(storage, options));
    assert.throws(() => node.propose(Buffer.from("early")), dropped);
    node.step(newMessage({ type: MessageType.MsgHeartbeat, from: 2n, to: 1n, term: 3 }));
    workOff(node, storage);
    return node;
  };
  const node = follower({});
  node.propose(Buffer.from("x"));
  const [message] = node.ready().messages;
  assert.deepEqual([message?.type, message?.to, message?.from, message?.term], [MessageType.MsgProp, 2n, 1n, 0]);
  assert.throws(() => follower({ disableProposalForwarding: true }).propose(Buffer.from("x")), dropped);
});

test("a doubled proposal is two entries, each with its own place", () => {
  const { node, storage } = leaderOf([1n]);
  const message = newMessage({
    type: MessageType.MsgProp,
    from: 2n,
    entries: [{ term: 0, index: 0, type: EntryType.EntryNormal, data: Buffer.from("x") }],
  });
  node.step(message);
  node.step(message);
  assert.deepEqual(
    work(node, storage).entries.map(({ index }) => index),
    [3, 4],
  );
});

test("uncommitted proposals are limited; the first one always passes, and so do those without payload", () => {
  const { node, storage } = leaderOf([1n, 2n], { uncommittedBytesMax: 10 });
  node.propose(Buffer.alloc(100));
  assert.throws(() => node.propose(Buffer.alloc(1)), dropped);
  node.propose(Buffer.alloc(0));
  workOff(node, storage);
  const index = storage.lastIndex();
  node.step(newMessage({ type: MessageType.MsgAppResp, from: 2n, to: 1n, term: 1, index }));
  workOff(node, storage);
  node.propose(Buffer.alloc(1));
});

test("a second configuration change becomes an empty entry while the first is not applied", () => {
  const { node, storage } = leaderOf([1n]);
  const add = (nodeId: bigint) => newConfChange({ type: ConfChangeType.ConfChangeAddLearnerNode, nodeId });
  node.proposeConfChange(add(2n));
  node.proposeConfChange(add(3n));
  const { entries } = work(node, storage);
  assert.deepEqual(
    entries.map(({ type, data: content }) => [type, content === null]),
    [
      [EntryType.EntryConfChange, false],
      [EntryType.EntryNormal, true],
    ],
  );
  workOff(node, storage);
  assert.deepEqual(node.status().config.learners.voters, [2n]);
});

test("a node takes no local messages from others, and no answers from strangers", () => {
  const { node } = leaderOf([1n, 2n]);
  const from = (type: number, id: bigint): Message => newMessage({ type, from: id, to: 1n, term: 1 });
  for (const type of [
    MessageType.MsgHup,
    MessageType.MsgBeat,
    MessageType.MsgCheckQuorum,
    MessageType.MsgUnreachable,
    MessageType.MsgSnapStatus,
    MessageType.MsgStorageAppendResp,
  ]) {
    assert.throws(() => node.step(from(type, 2n)), new RaftError("localMessage"));
  }
  assert.throws(() => node.step(from(MessageType.MsgAppResp, 9n)), new RaftError("peerNotFound"));
  node.step(from(MessageType.MsgStorageAppendResp, LOCAL_APPEND_THREAD));
});

test("a leader without its quorum steps down within an election timeout", () => {
  const { node, storage } = leaderOf([1n, 2n, 3n], { checkQuorum: true });
  for (let tick = 0; tick < 10; tick++) node.tick();
  workOff(node, storage);
  assert.deepEqual([node.basicStatus().role, node.basicStatus().lead], ["follower", NONE]);
});

test("a read by the leader's lease needs no round, and a config without quorum checks refuses it", () => {
  const { node, storage } = leaderOf([1n, 2n, 3n], { checkQuorum: true, readOnlyOption: "leaseBased" });
  node.step(newMessage({ type: MessageType.MsgAppResp, from: 2n, to: 1n, term: 1, index: 2 }));
  workOff(node, storage);
  node.readIndex(Buffer.from("r"));
  const { readStates, messages } = node.ready();
  assert.deepEqual(
    readStates.map(({ index, requestContext }) => [index, requestContext.toString()]),
    [[2, "r"]],
  );
  assert.equal(messages.length, 0);
  assert.throws(() => new RawNode(configOf(storageOf(1n), { readOnlyOption: "leaseBased" })), /CheckQuorum/);
});

test("a transfer that takes longer than an election timeout is given up", () => {
  const { node, storage } = leaderOf([1n, 2n]);
  node.transferLeader(2n);
  assert.equal(node.basicStatus().leadTransferee, 2n);
  assert.throws(() => node.propose(Buffer.from("x")), dropped);
  for (let tick = 0; tick < 10; tick++) node.tick();
  assert.equal(node.basicStatus().leadTransferee, NONE);
  node.propose(Buffer.from("x"));
  workOff(node, storage);
});

test("a follower that is out of reach is probed from what it acknowledged", () => {
  const { node, storage } = leaderOf([1n, 2n]);
  const member = () => node.status().progress.get(2n);
  node.step(newMessage({ type: MessageType.MsgAppResp, from: 2n, to: 1n, term: 1, index: 2 }));
  node.propose(Buffer.from("x"));
  workOff(node, storage);
  assert.deepEqual([member()?.state, member()?.next], ["replicate", 4]);
  node.reportUnreachable(2n);
  assert.deepEqual([member()?.state, member()?.next], ["probe", 3]);
});

test("a follower that needs compacted entries gets a snapshot, and nothing else until its end is reported", () => {
  for (const isDelivered of [true, false]) {
    const { node, storage } = leaderOf([1n, 2n]);
    const answer = { from: 2n, to: 1n, term: 1 };
    node.step(newMessage({ type: MessageType.MsgAppResp, ...answer, index: 2 }));
    node.propose(Buffer.from("x"));
    node.propose(Buffer.from("y"));
    workOff(node, storage);
    node.reportUnreachable(2n);
    storage.createSnapshot(4, newConfState({ voters: [1n, 2n] }), Buffer.from("state"));
    storage.compact(4);
    node.step(newMessage({ type: MessageType.MsgHeartbeatResp, ...answer }));
    const sent = work(node, storage).messages;
    assert.deepEqual(
      sent.map(({ type, snapshot }) => [type, snapshot?.metadata?.index]),
      [[MessageType.MsgSnap, 4]],
    );
    node.step(newMessage({ type: MessageType.MsgHeartbeatResp, ...answer }));
    node.propose(Buffer.from("z"));
    assert.deepEqual(work(node, storage).messages, []);

    node.reportSnapshot(2n, isDelivered);
    const member = node.status().progress.get(2n);
    assert.deepEqual([member?.state, member?.next], ["probe", isDelivered ? 5 : 3]);
  }
});

test("a node's status is a copy, and reads as etcd shows it", () => {
  const { node } = leaderOf([1n, 2n]);
  const status = node.status();
  status.progress.get(2n)!.maybeUpdate(100);
  assert.equal(node.status().progress.get(2n)?.match, 0);
  assert.deepEqual(JSON.parse(statusToJson(node.status())), {
    id: "1",
    term: 1,
    vote: "1",
    commit: 1,
    lead: "1",
    raftState: "StateLeader",
    applied: 1,
    progress: {
      "1": { match: 2, next: 3, state: "StateReplicate" },
      "2": { match: 0, next: 2, state: "StateProbe" },
    },
    leadtransferee: "0",
  });
});

const badConfigs: readonly (readonly [Partial<RaftConfig>, RegExp])[] = [
  [{ id: NONE }, /cannot use none as id/],
  [{ id: LOCAL_APPEND_THREAD }, /cannot use local target as id/],
  [{ heartbeatTicks: 0 }, /heartbeat tick must be greater than 0/],
  [{ electionTicks: 1 }, /election tick must be greater than heartbeat tick/],
  [{ inflightMessagesMax: 0 }, /max inflight messages must be greater than 0/],
  [{ messageBytesMax: 10, inflightBytesMax: 9 }, /max inflight bytes must be >= max message size/],
];

for (const [options, refusal] of badConfigs) {
  test(`a configuration is refused: ${refusal.source}`, () => {
    assert.throws(() => new RawNode(configOf(storageOf(1n), options)), refusal);
  });
}
