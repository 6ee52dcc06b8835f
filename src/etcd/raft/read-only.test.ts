import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType, newMessage } from "../wire/raftpb.ts";
import { JointConfig } from "./quorum/joint-config.ts";
import { MajorityConfig } from "./quorum/majority-config.ts";
import { ReadOnly } from "./read-only.ts";

const voters = new JointConfig(new MajorityConfig([1n, 2n, 3n]), new MajorityConfig());

function read(from: bigint) {
  return newMessage({ type: MessageType.MsgReadIndex, from });
}

/** Adds a read as the leader, member 1, does; returns what the heartbeats carry. */
function add(reads: ReadOnly, from: bigint, commitIndex: number): Uint8Array {
  reads.add(read(from), commitIndex);
  reads.ackSelf(1n);
  return reads.heartbeatContext()!;
}

test("an answer confirms the reads up to the round it answers, not those after", () => {
  const reads = new ReadOnly("safe");
  const first = add(reads, 2n, 5);
  add(reads, 3n, 6);
  reads.receiveAck(2n, first);
  assert.deepEqual(
    reads.takeConfirmed(voters).map(({ index }) => index),
    [5],
  );
  assert.deepEqual(reads.takeConfirmed(voters), []);
});

test("a later round confirms the earlier reads as well", () => {
  const reads = new ReadOnly("safe");
  add(reads, 2n, 5);
  const second = add(reads, 3n, 6);
  reads.receiveAck(3n, second);
  assert.deepEqual(
    reads.takeConfirmed(voters).map(({ index }) => index),
    [5, 6],
  );
  assert.equal(reads.heartbeatContext(), null);
});

test("an answer to an old round does not confirm a new read", () => {
  const reads = new ReadOnly("safe");
  const old = add(reads, 2n, 5);
  reads.receiveAck(2n, old);
  reads.takeConfirmed(voters);
  add(reads, 2n, 9);
  reads.receiveAck(3n, old);
  reads.receiveAck(2n, old);
  assert.deepEqual(reads.takeConfirmed(voters), []);
});

test("a context that is not ours confirms nothing", () => {
  const reads = new ReadOnly("safe");
  add(reads, 2n, 5);
  for (const context of [new Uint8Array(), Buffer.from("short"), Buffer.alloc(8, 0xff), Buffer.alloc(9)]) {
    reads.receiveAck(2n, context);
    reads.receiveAck(3n, context);
  }
  assert.deepEqual(reads.takeConfirmed(voters), []);
});
