import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMember } from "../apply/membership.ts";
import { encodeRaftRequest, type RaftCallName, type RaftCalls, type RaftRequest } from "../apply/raft-request.ts";
import { silentLogger } from "../base/logger.ts";
import { newCompactionRequest, newLeaseGrantRequest, newPutRequest } from "../wire/etcdserverpb.ts";
import {
  type ConfChange,
  ConfChangeType,
  encodeConfChange,
  type Entry,
  EntryType,
  newConfChange,
  newConfState,
  newEntry,
} from "../wire/raftpb.ts";
import { formatConfState, Replica, type ReplicaListeners } from "./replica.ts";
import { LaggingBackend } from "./testing/lagging-backend.ts";

const me = 10276657743932975437n;
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A log that is applied to one replica after the other, as members come and go. */
class World implements ReplicaListeners {
  backend = new LaggingBackend();
  replica = this.#open();
  readonly log: Entry[] = [];
  /** What the listeners were told. */
  readonly told: string[] = [];
  /** Requests that need not be decoded. */
  readonly known = new Map<Uint8Array, RaftRequest>();

  requestOf(data: Uint8Array): RaftRequest | undefined {
    return this.known.get(data);
  }

  applied(_data: Uint8Array, { error }: { error: Error | null }): void {
    this.told.push(error === null ? `revision ${this.replica.store.currentRevision}` : error.message);
  }

  configurationChanged(change: ConfChange): ReturnType<typeof newConfState> {
    this.told.push(`configuration ${change.type} ${change.nodeId.toString(16)}`);
    return newConfState({ voters: [me] });
  }

  termBegun(term: number): void {
    this.told.push(`term ${term}`);
  }

  append(entry: Partial<Entry>): Entry {
    const appended = newEntry({ term: 2, index: this.log.length + 1, ...entry });
    this.log.push(appended);
    return appended;
  }

  request<Name extends RaftCallName>(name: Name, value: RaftCalls[Name]["request"]): Entry {
    return this.append({ data: encodeRaftRequest(BigInt(this.log.length + 1), name, value) });
  }

  put(key: string): Entry {
    return this.request("put", newPutRequest({ key: bytes(key), value: bytes("v") }));
  }

  confChange(type: ConfChangeType, nodeId: bigint, context = ""): Entry {
    const data = encodeConfChange(newConfChange({ type, nodeId, context: bytes(context) }));
    return this.append({ type: EntryType.EntryConfChange, data });
  }

  /** Applies the log from an index on. */
  play(fromIndex = this.replica.appliedIndex + 1): void {
    for (const entry of this.log) if (entry.index >= fromIndex) this.replica.apply(entry, this);
  }

  /** The process dies, and the next one opens what is on disk. */
  restart(flushedBatches = 0): void {
    this.backend = this.backend.crash(flushedBatches);
    this.replica = this.#open();
    this.told.length = 0;
  }

  version(key: string): number {
    return this.replica.store.historyOf(bytes(key))?.version ?? 0;
  }

  #open(): Replica {
    return new Replica(
      { quotaBytes: Number.POSITIVE_INFINITY, lessor: { electionTimeoutMs: 1000, checkpoints: false } },
      { backend: this.backend, clock: { nowMs: () => 0, wallMs: () => 0 }, logger: silentLogger },
    );
  }
}

test("entries are applied in order, each with its index", () => {
  const world = new World();
  world.append({ data: null });
  world.put("a");
  world.append({ data: new Uint8Array(), term: 3 });
  world.put("b");
  world.play();
  assert.deepEqual(world.told, ["term 2", "revision 2", "term 3", "revision 3"]);
  assert.deepEqual([world.replica.appliedIndex, world.replica.appliedTerm], [4, 2]);
  assert.throws(() => world.replica.apply(newEntry({ index: 6, term: 3 }), world), /in order/);
});

test("the state on disk is that of one index, and what came after it is applied again", async () => {
  const world = new World();
  world.backend.isPrompt = false;
  world.put("a");
  world.put("a");
  world.play();
  const first = world.replica.commit();
  world.put("a");
  world.play();
  const second = world.replica.commit();
  assert.equal(world.replica.durableIndex, 0);
  world.backend.flush(1);
  await first;
  assert.equal(world.replica.durableIndex, 2);
  second.catch(() => undefined);

  world.restart();
  assert.deepEqual([world.replica.durableIndex, world.replica.appliedIndex], [2, 2]);
  world.play(1);
  // Once, although the log was played from its first entry.
  assert.deepEqual([world.version("a"), world.replica.store.currentRevision], [3, 4]);
  assert.deepEqual(world.told, ["revision 4"]);
});

test("a batch that reached the disk before the crash counts, though nobody was told", () => {
  const world = new World();
  world.backend.isPrompt = false;
  world.put("a");
  world.play();
  world.replica.commit().catch(() => undefined);
  world.restart(1);
  assert.deepEqual([world.replica.durableIndex, world.version("a")], [1, 1]);
  world.play(1);
  assert.deepEqual([world.told, world.version("a")], [[], 1]);
});

test("an entry counts even if it changed nothing but the index", async () => {
  const world = new World();
  assert.equal(world.replica.isDirty, false);
  world.append({ data: null });
  world.play();
  assert.equal(world.replica.isDirty, true);
  await world.replica.commit();
  assert.equal(world.replica.isDirty, false);
  world.restart();
  assert.deepEqual([world.replica.appliedIndex, world.replica.appliedTerm], [1, 2]);
});

test("a request that was proposed here is not decoded again", () => {
  const world = new World();
  const entry = world.append({ data: bytes("no request at all") });
  world.known.set(entry.data!, { name: "put", value: newPutRequest({ key: bytes("known") }) });
  world.play();
  assert.equal(world.version("known"), 1);
});

test("a request that this version does not know stops the member rather than being left out", () => {
  const world = new World();
  // Field 2 is reserved since 3.7; field 16 is nobody's.
  world.append({ data: Uint8Array.of(0x82, 0x01, 0x00) });
  assert.throws(() => world.play(), /does not know/);
});

test("Raft hears of every configuration change, the membership only of those that are new to it", async () => {
  const world = new World();
  const record = { name: "", peerUrls: ["http://a:2380"], clientUrls: [], isLearner: false };
  world.confChange(ConfChangeType.ConfChangeAddNode, me, formatMember({ ...record, id: me }));
  world.confChange(ConfChangeType.ConfChangeAddLearnerNode, 5n, formatMember({ ...record, id: 5n, isLearner: true }));
  world.confChange(
    ConfChangeType.ConfChangeUpdateNode,
    me,
    formatMember({ ...record, id: me, peerUrls: ["http://b:1"] }),
  );
  world.confChange(ConfChangeType.ConfChangeRemoveNode, 5n);
  world.play();
  const configurations = [`0 ${me.toString(16)}`, "3 5", `2 ${me.toString(16)}`, "1 5"].map(
    (each) => `configuration ${each}`,
  );
  assert.deepEqual(world.told, configurations);
  await world.replica.commit();
  world.restart();
  // Adding the removed member again would break an invariant.
  world.play(1);
  assert.deepEqual(world.told, configurations);
  const { membership } = world.replica;
  assert.deepEqual(
    [membership.members().map(({ id, peerUrls }) => [id, peerUrls]), membership.isRemoved(5n)],
    [[[me, ["http://b:1"]]], true],
  );
  const stored = world.backend.get("meta", bytes("confState"));
  assert.equal(Buffer.from(stored!).toString(), `{"voters":[${me}],"auto_leave":false}`);
});

test("leases and their keys, alarms and compactions are there again", async () => {
  const world = new World();
  world.request("leaseGrant", newLeaseGrantRequest({ id: 7n, ttl: 60 }));
  world.request("put", newPutRequest({ key: bytes("a"), lease: 7n }));
  world.request("put", newPutRequest({ key: bytes("a"), lease: 7n }));
  world.request("compaction", newCompactionRequest({ revision: 3 }));
  world.request("alarm", { action: 1, memberId: me, alarm: 1 });
  world.play();
  await world.replica.commit();
  world.restart();
  const { lessor, alarms, store } = world.replica;
  assert.deepEqual(lessor.keysOf(7n), ["a"]);
  assert.deepEqual(alarms.list(), [{ memberId: me, alarm: 1 }]);
  assert.deepEqual([store.compactRevision, store.pendingCompaction?.revision], [3, 3]);
});

test("a configuration is written as etcd writes it", () => {
  assert.equal(formatConfState(newConfState({ voters: [1n, me] })), `{"voters":[1,${me}],"auto_leave":false}`);
  const joint = newConfState({
    voters: [1n],
    learners: [4n],
    votersOutgoing: [2n],
    learnersNext: [3n],
    autoLeave: true,
  });
  assert.equal(
    formatConfState(joint),
    '{"voters":[1],"learners":[4],"voters_outgoing":[2],"learners_next":[3],"auto_leave":true}',
  );
});
