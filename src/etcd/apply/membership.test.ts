import assert from "node:assert/strict";
import { test } from "node:test";
import type { BucketName } from "../mvcc/backend.ts";
import { MemoryBackend } from "../mvcc/memory-backend.ts";
import { formatMember, Membership, type MemberRecord, parseMember } from "./membership.ts";

/** 8e9e05c52164694d, the id of every default single member; no double holds it. */
const id = 10276657743932975437n;

function member(overrides: Partial<MemberRecord> = {}): MemberRecord {
  return { id, name: "", peerUrls: ["http://localhost:2380"], clientUrls: [], isLearner: false, ...overrides };
}

function bucketText(backend: MemoryBackend, bucket: BucketName): string[] {
  const pairs: string[] = [];
  backend.scan(bucket, new Uint8Array(), null, (key, value) => {
    pairs.push(`${Buffer.from(key).toString()} ${Buffer.from(value).toString()}`);
    return true;
  });
  return pairs;
}

test("a member is written as Go writes it: fields in order, absent ones left out, the id a bare number", () => {
  assert.equal(formatMember(member()), '{"id":10276657743932975437,"peerURLs":["http://localhost:2380"]}');
  const full = member({ name: "default", clientUrls: ["http://localhost:2379", "http://[::1]:2379"], isLearner: true });
  assert.equal(
    formatMember(full),
    '{"id":10276657743932975437,"peerURLs":["http://localhost:2380"],"isLearner":true,"name":"default",' +
      '"clientURLs":["http://localhost:2379","http://[::1]:2379"]}',
  );
});

test("what HTML would trip over is escaped as Go's encoder does", () => {
  const line = String.fromCharCode(0x2028);
  const json = formatMember(member({ name: `<a>&"\\\n${line}é` }));
  assert.ok(json.includes(String.raw`"name":"\u003ca\u003e\u0026\"\\\n\u2028é"`), json);
  assert.equal(parseMember(json).name, `<a>&"\\\n${line}é`);
});

test("a member is read back exactly, whatever its id", () => {
  for (const anyId of [0n, 1n, 2n ** 53n + 1n, id, 2n ** 64n - 1n]) {
    const record = member({ id: anyId, name: "n", clientUrls: ["http://a:1"], isLearner: anyId === 1n });
    assert.deepEqual(parseMember(formatMember(record)), record);
  }
});

test("a member that etcd wrote is read: spaces, an unknown field, a null", () => {
  assert.deepEqual(
    parseMember('{ "id": 10276657743932975437, "peerURLs": null, "later": {"x": 1}, "name": "n" }'),
    member({ peerUrls: [], name: "n" }),
  );
  assert.throws(() => parseMember('{"name":"n"}'), /starts with its id/);
});

test("members are listed by id, and stand in etcd's buckets under their hexadecimal id", () => {
  const backend = new MemoryBackend();
  const membership = new Membership(backend);
  membership.add(member({ id: 0xfedcba9876543210n }));
  membership.add(member({ id: 5n }));
  membership.add(member({ id: 0x10n, isLearner: true }));
  assert.deepEqual(
    membership.members().map((each) => each.id),
    [5n, 0x10n, 0xfedcba9876543210n],
  );
  assert.deepEqual(
    bucketText(backend, "members").map((line) => line.split(" ")[0]),
    ["10", "5", "fedcba9876543210"],
  );
});

test("a member's own word of itself completes it; a stranger's is ignored", () => {
  const membership = new Membership(new MemoryBackend());
  membership.add(member({ isLearner: true }));
  membership.setAttributes(id, "default", ["http://localhost:2379"]);
  membership.setAttributes(7n, "stranger", []);
  membership.setPeerUrls(id, ["http://other:2380"]);
  membership.setPeerUrls(7n, []);
  assert.deepEqual(membership.members(), [
    member({
      name: "default",
      clientUrls: ["http://localhost:2379"],
      peerUrls: ["http://other:2380"],
      isLearner: true,
    }),
  ]);
});

test("the id of a removed member never returns", async () => {
  const backend = new MemoryBackend();
  const membership = new Membership(backend);
  membership.add(member());
  membership.remove(id);
  assert.deepEqual([membership.members(), membership.isRemoved(id), membership.isRemoved(1n)], [[], true, false]);
  assert.deepEqual(bucketText(backend, "members"), []);
  assert.deepEqual(bucketText(backend, "members_removed"), ["8e9e05c52164694d removed"]);
  assert.throws(() => membership.add(member()), /never returns/);
  await backend.commit();
  assert.throws(() => new Membership(backend.crash()).add(member()), /never returns/);
});

test("members, versions and a downgrade survive a restart", async () => {
  const backend = new MemoryBackend();
  const membership = new Membership(backend);
  assert.deepEqual([membership.clusterVersion, membership.storageVersion], [null, ""]);
  membership.add(member({ name: "a" }));
  membership.setClusterVersion("3.6.0");
  membership.setDowngrade({ enabled: true, targetVersion: "3.5.0" });
  assert.deepEqual(bucketText(backend, "cluster"), [
    "clusterVersion 3.6.0",
    'downgrade {"target-version":"3.5.0","enabled":true}',
  ]);
  await backend.commit();
  const again = new Membership(backend.crash());
  assert.deepEqual(again.members(), [member({ name: "a" })]);
  assert.deepEqual([again.clusterVersion, again.storageVersion], ["3.6.0", "3.6.0"]);
  assert.deepEqual(again.downgrade, { enabled: true, targetVersion: "3.5.0" });
});
