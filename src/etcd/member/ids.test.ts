import assert from "node:assert/strict";
import { test } from "node:test";
import { bootstrapMemberId, clusterIdOf, hexId } from "./ids.ts";

test("the ids of a default single member are the ones every etcd user has seen", () => {
  const memberId = bootstrapMemberId(["http://localhost:2380"], "etcd-cluster");
  assert.equal(hexId(memberId), "8e9e05c52164694d");
  assert.equal(hexId(clusterIdOf([memberId])), "cdf818194e3a8c32");
});

test("the order in which peer URLs are given does not matter", () => {
  const urls = ["http://b:2380", "http://a:2380"];
  assert.equal(bootstrapMemberId(urls, "t"), bootstrapMemberId([...urls].reverse(), "t"));
});
