import assert from "node:assert/strict";
import { test } from "node:test";
import { EtcdError, etcdErrorCodes } from "../errors.ts";
import { etcdErrorCodeOf, etcdStatus, grpcCode, grpcCodeNames, RpcError, statusOf } from "./status.ts";

test("each text means one answer, and is found again by it", () => {
  for (const code of etcdErrorCodes) assert.equal(etcdErrorCodeOf(etcdStatus[code].details), code);
  assert.equal(etcdErrorCodeOf("etcdserver: nothing of the kind"), undefined);
});

test("the texts and codes that clients match letter by letter", () => {
  const rows = [
    ["compacted", "OutOfRange", "etcdserver: mvcc: required revision has been compacted"],
    ["futureRevision", "OutOfRange", "etcdserver: mvcc: required revision is a future revision"],
    ["noSpace", "ResourceExhausted", "etcdserver: mvcc: database space exceeded"],
    ["leaseNotFound", "NotFound", "etcdserver: requested lease not found"],
    ["duplicateKey", "InvalidArgument", "etcdserver: duplicate key given in txn request"],
    ["noLeader", "Unavailable", "etcdserver: no leader"],
    ["leaderChanged", "Unavailable", "etcdserver: leader changed"],
    ["timeout", "Unavailable", "etcdserver: request timed out"],
    ["corrupt", "DataLoss", "etcdserver: corrupt cluster"],
    ["invalidAuthToken", "Unauthenticated", "etcdserver: invalid auth token"],
    ["permissionDenied", "PermissionDenied", "etcdserver: permission denied"],
    // etcd loses these two codes on the way out.
    ["tooManyRequests", "Unknown", "etcdserver: too many requests"],
    ["memberNotEnoughStarted", "Unknown", "etcdserver: re-configuration failed due to not enough started members"],
  ] as const;
  for (const [code, name, details] of rows) {
    const status = statusOf(new EtcdError(code));
    assert.deepEqual([grpcCodeNames[status.code], status.details], [name, details]);
  }
});

test("what is no answer of etcd's goes out as Unknown with its own text", () => {
  assert.deepEqual(statusOf(new Error("the disk is gone")), { code: grpcCode.unknown, details: "the disk is gone" });
  assert.deepEqual(statusOf(new RpcError(grpcCode.internal, "no")), { code: grpcCode.internal, details: "no" });
  assert.deepEqual(statusOf(AbortSignal.abort().reason), { code: grpcCode.canceled, details: "context canceled" });
  assert.deepEqual(statusOf("a text"), { code: grpcCode.unknown, details: "a text" });
});
