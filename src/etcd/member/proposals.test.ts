import assert from "node:assert/strict";
import { test } from "node:test";
import type { RaftResponse } from "../apply/raft-request.ts";
import { EtcdError } from "../errors.ts";
import { newPutRequest, newPutResponse } from "../wire/etcdserverpb.ts";
import { Proposals } from "./proposals.ts";

const outcomes: string[] = [];

function add(proposals: Proposals, name: string, deadlineMs = 1000): Uint8Array {
  const data = Buffer.from("the same bytes");
  proposals.add(data, {
    request: { name: "put", value: newPutRequest({ key: Buffer.from(name) }) },
    deadlineMs,
    resolve: (response: RaftResponse) => outcomes.push(`${name} ${JSON.stringify(response)}`),
    reject: (error) => outcomes.push(`${name} ${error instanceof EtcdError ? error.code : String(error)}`),
  });
  return data;
}

test("a proposal is found by its very bytes, not by equal ones", () => {
  const proposals = new Proposals();
  const [one, other] = [add(proposals, "one"), add(proposals, "other")];
  assert.equal(proposals.size, 2);
  assert.equal(proposals.take(Buffer.from(one)), undefined);
  assert.equal(proposals.peek(other)?.request.name, "put");
  assert.equal(Buffer.from((proposals.peek(other)!.request.value as { key: Uint8Array }).key).toString(), "other");
  proposals.take(one)?.resolve(newPutResponse());
  assert.equal(proposals.take(one), undefined);
  assert.equal(proposals.size, 1);
});

test("those whose time is up are told once, and only those", () => {
  const proposals = new Proposals();
  outcomes.length = 0;
  const first = add(proposals, "first", 1000);
  add(proposals, "second", 1000);
  const third = add(proposals, "third", 1001);
  assert.equal(proposals.expire(999), 0);
  assert.equal(proposals.expire(1000), 2);
  assert.equal(proposals.expire(1000), 0);
  assert.deepEqual(outcomes, ["first timeout", "second timeout"]);
  // The entry of one that expired may still be applied: there is nobody left to tell.
  assert.equal(proposals.take(first), undefined);
  assert.notEqual(proposals.take(third), undefined);
});

test("at the end all are told why, in their order", () => {
  const proposals = new Proposals();
  outcomes.length = 0;
  add(proposals, "first");
  add(proposals, "second");
  proposals.rejectAll(new EtcdError("stopped"));
  proposals.rejectAll(new EtcdError("stopped"));
  assert.deepEqual([outcomes, proposals.size], [["first stopped", "second stopped"], 0]);
});
