import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import { JointConfig } from "./joint-config.ts";
import { MajorityConfig } from "./majority-config.ts";
import type { AckedIndexes } from "./majority-config.ts";

const ids = fc.array(fc.bigInt({ min: 1n, max: 8n }), { maxLength: 7 });
const acks = fc.dictionary(fc.constantFrom("1", "2", "3", "4", "5", "6", "7", "8"), fc.nat({ max: 10 }));
const votes = fc.dictionary(fc.constantFrom("1", "2", "3", "4", "5", "6", "7", "8"), fc.boolean());

function acked(indexes: Record<string, number>): AckedIndexes {
  return { ackedIndex: (id) => indexes[id.toString()] };
}

/** The definition: the largest index that more than half have reached. */
function committedByDefinition(voters: readonly bigint[], indexes: Record<string, number>): number {
  const isCommitted = (index: number) =>
    voters.filter((id) => (indexes[id.toString()] ?? 0) >= index).length * 2 > voters.length;
  return Math.max(0, ...Object.values(indexes).filter(isCommitted));
}

test("the committed index is what more than half have reached", () => {
  fc.assert(
    fc.property(ids, acks, (voters, indexes) => {
      const config = new MajorityConfig(voters);
      fc.pre(config.size > 0);
      assert.equal(config.committedIndex(acked(indexes)), committedByDefinition(config.voters, indexes));
    }),
  );
});

test("a vote is decided when no further vote can change it, and not before", () => {
  fc.assert(
    fc.property(ids, votes, (voters, given) => {
      const config = new MajorityConfig(voters);
      fc.pre(config.size > 0);
      const known = new Map(Object.entries(given).map(([id, vote]) => [BigInt(id), vote]));
      const yes = (id: bigint, unknown: boolean) => known.get(id) ?? unknown;
      const wins = (unknown: boolean) => config.voters.filter((id) => yes(id, unknown)).length * 2 > config.size;
      const expected = wins(false) ? "VoteWon" : wins(true) ? "VotePending" : "VoteLost";
      assert.equal(config.voteResult(known), expected);
    }),
  );
});

test("nobody agrees to everything", () => {
  const nobody = new MajorityConfig();
  assert.equal(nobody.committedIndex(acked({})), Number.POSITIVE_INFINITY);
  assert.equal(nobody.voteResult(new Map()), "VoteWon");
});

test("both halves of a joint configuration must agree, whichever comes first", () => {
  fc.assert(
    fc.property(ids, ids, acks, votes, (left, right, indexes, given) => {
      const halves = [new MajorityConfig(left), new MajorityConfig(right)] as const;
      const joint = new JointConfig(halves[0], halves[1]);
      const swapped = new JointConfig(halves[1], halves[0]);
      const known = new Map(Object.entries(given).map(([id, vote]) => [BigInt(id), vote]));
      const index = joint.committedIndex(acked(indexes));
      assert.equal(index, Math.min(...halves.map((half) => half.committedIndex(acked(indexes)))));
      assert.equal(index, swapped.committedIndex(acked(indexes)));
      const results = halves.map((half) => half.voteResult(known));
      assert.equal(
        joint.voteResult(known) === "VoteWon",
        results.every((result) => result === "VoteWon"),
      );
      assert.equal(joint.voteResult(known) === "VoteLost", results.includes("VoteLost"));
      assert.equal(joint.voteResult(known), swapped.voteResult(known));
    }),
  );
});

test("voters are named in order, once, and large ids exactly", () => {
  const config = new MajorityConfig([10276657743932975437n, 3n, 3n]);
  assert.equal(config.toString(), "(3 10276657743932975437)");
  assert.equal(new JointConfig(config, new MajorityConfig([1n])).toString(), "(3 10276657743932975437)&&(1)");
});
