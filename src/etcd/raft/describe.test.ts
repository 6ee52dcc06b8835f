import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfChangeTransition, ConfChangeType, newConfChange, newConfChangeV2, newConfState } from "../wire/raftpb.ts";
import { describeConfChange, describeConfStateFields, describeEntry, quoted } from "./describe.ts";

// What Go's %q writes.
const texts: readonly (readonly [bytes: readonly number[] | string, text: string])[] = [
  ["", '""'],
  ["plain text", '"plain text"'],
  ['a "quote" and \\', '"a \\"quote\\" and \\\\"'],
  ["\u0007\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'],
  ["\0\x1f\x7f", '"\\x00\\x1f\\x7f"'],
  ["äé世界😀", '"äé世界😀"'],
  ["\u200b\u00a0\u2028", '"\\u200b\\u00a0\\u2028"'],
  ["\u{e0001}", '"\\U000e0001"'],
  [[0xff, 0x41, 0xc3], '"\\xffA\\xc3"'],
  [[0xe4, 0xb8, 0x41], '"\\xe4\\xb8A"'],
  [[0xed, 0xa0, 0x80], '"\\xed\\xa0\\x80"'],
];

for (const [bytes, text] of texts) {
  test(`quoted ${text}`, () => assert.equal(quoted(Buffer.from(bytes as string)), text));
}

test("entries and changes in etcd-io/raft's words", () => {
  assert.equal(describeEntry({ term: 2, index: 7, type: 0, data: null }), '2/7 EntryNormal ""');
  assert.equal(describeEntry({ term: 2, index: 7, type: 2, data: null }), "2/7 EntryConfChangeV2");
  const one = newConfChange({
    type: ConfChangeType.ConfChangeRemoveNode,
    nodeId: 3n,
    context: Buffer.from("a"),
    id: 9n,
  });
  assert.equal(describeConfChange(one), "{ConfChangeRemoveNode 3 [97] 9}");
  const several = newConfChangeV2({
    transition: ConfChangeTransition.ConfChangeTransitionJointExplicit,
    changes: [{ type: ConfChangeType.ConfChangeAddLearnerNode, nodeId: 4n }],
  });
  assert.equal(describeConfChange(several), "{ConfChangeTransitionJointExplicit [{ConfChangeAddLearnerNode 4}] []}");
  assert.equal(describeConfStateFields(newConfState({ voters: [1n, 2n] })), "{[1 2] [] [] [] false}");
});
