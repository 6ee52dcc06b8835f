import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import protobuf from "protobufjs";
import { messageArbitrary } from "../../../test/support/message-arbitrary.ts";
import { messageVectors } from "../../../test/support/wire-vectors.ts";
import { DecodeError } from "./codec.ts";
import { messageDescriptors, type MessageName } from "./descriptors.ts";
import { encodeKeyValue, newKeyValue } from "./mvccpb.ts";
import { encodeSnapshot as encodeRaftSnapshot, newSnapshot as newRaftSnapshot } from "./raftpb.ts";
import { encodeRecord, encodeSnapshot, newRecord, newSnapshot } from "./walpb.ts";

const names = Object.keys(messageDescriptors) as MessageName[];

test("a stored key-value is etcd's, byte for byte", () => {
  const kv = newKeyValue({
    key: Buffer.from("foo"),
    createRevision: 2,
    modRevision: 2,
    version: 1,
    value: Buffer.from("bar"),
  });
  assert.equal(encodeKeyValue(kv).toString("hex"), "0a03666f6f1002180220012a03626172");
});

test("the records that a WAL begins with are etcd's, byte for byte", () => {
  const snapshot = encodeSnapshot(newSnapshot());
  const records = [
    newRecord({ type: 4 }),
    newRecord({ type: 1, crc: 0x741f6a05, data: Buffer.from("somedata") }),
    newRecord({ type: 5, crc: 0x18206d80, data: snapshot }),
  ];
  assert.deepEqual(
    records.map((record) => encodeRecord(record).toString("hex")),
    ["08041000", "08011085d4fda0071a08736f6d6564617461", "08051080db81c1011a0408001000"],
  );
});

test("what etcd holds by value is written even when nobody set it", () => {
  assert.equal(encodeRaftSnapshot(newRaftSnapshot()).toString("hex"), "12080a02280010001800");
});

test("every message that real etcd wrote is read, and written again as the same bytes", () => {
  const seen = new Set<MessageName>();
  for (const { name, bytes } of messageVectors()) {
    const { decode, encode } = messageDescriptors[name];
    assert.equal(encode(decode(bytes)).toString("hex"), bytes.toString("hex"), name);
    seen.add(name);
  }
  // RangeStream came with 3.7, and health is not etcd's own.
  const others = names.filter((name) => !seen.has(name));
  assert.deepEqual(others, [
    "etcdserverpb.RangeStreamResponse",
    "grpc.health.v1.HealthCheckRequest",
    "grpc.health.v1.HealthCheckResponse",
  ]);
});

test("every message comes back as it was", () => {
  for (const name of names) {
    const { decode, encode } = messageDescriptors[name];
    fc.assert(
      fc.property(messageArbitrary(name), (message) => {
        assert.deepEqual(decode(encode(message)), message);
      }),
      { numRuns: 15 },
    );
  }
});

test("protobufjs reads what we write and we read what it writes, for every message", () => {
  const root = new protobuf.Root();
  const folder = join(import.meta.dirname, "../../../proto");
  root.resolvePath = (_origin, target) =>
    target.startsWith("google/") ? null : target.startsWith(folder) ? target : join(folder, target);
  const files = ["etcdserverpb/raft_internal", "walpb/record", "leasepb/lease", "snappb/snap", "v3lockpb/v3lock"];
  const more = ["v3electionpb/v3election", "grpc/health/v1/health"];
  root.loadSync([...files, ...more].map((file) => `${file}.proto`));
  for (const name of names) {
    const { decode, encode } = messageDescriptors[name];
    const theirs = root.lookupType(name);
    fc.assert(
      fc.property(messageArbitrary(name), (message) => {
        const bytes = encode(message);
        const theirBytes = theirs.encode(theirs.decode(bytes)).finish();
        assert.deepEqual(decode(theirBytes), message);
        assert.equal(Buffer.from(theirBytes).toString("hex"), bytes.toString("hex"));
      }),
      { numRuns: 8 },
    );
  }
});

/** Decodes, and lets pass no error but a DecodeError. */
function decodeOrRefuse(name: MessageName, bytes: Uint8Array): "read" | "refused" {
  try {
    messageDescriptors[name].decode(bytes);
    return "read";
  } catch (error) {
    if (error instanceof DecodeError) return "refused";
    throw error;
  }
}

test("a message that is cut short at any byte is read as far as it goes, or refused", () => {
  let refused = 0;
  for (const { name, bytes } of messageVectors()) {
    for (let end = 0; end < bytes.length; end++) {
      if (decodeOrRefuse(name, bytes.subarray(0, end)) === "refused") refused++;
    }
  }
  assert.ok(refused > 10_000, `only ${refused} refused`);
});

test("bytes that are no message at all are read or refused, and never break anything", () => {
  const name = fc.constantFrom(...names);
  fc.assert(
    fc.property(name, fc.uint8Array({ maxLength: 100 }), (message, bytes) => {
      decodeOrRefuse(message, bytes);
    }),
    { numRuns: 3000 },
  );
});

test("a message with a few bytes changed is read or refused, and what was read can be written", () => {
  const vector = fc.constantFrom(...messageVectors().filter(({ bytes }) => bytes.length > 0));
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(vector, changes, ({ name, bytes }, edits) => {
      const changed = Buffer.from(bytes);
      for (const [at, value] of edits) changed[at % changed.length] = value;
      const { decode, encode } = messageDescriptors[name];
      if (decodeOrRefuse(name, changed) === "read") decode(encode(decode(changed)));
    }),
    { numRuns: 3000 },
  );
});
