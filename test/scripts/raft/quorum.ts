import { JointConfig } from "../../../src/etcd/raft/quorum/joint-config.ts";
import { describeIndex, MajorityConfig } from "../../../src/etcd/raft/quorum/majority-config.ts";
import type { AckedIndexes } from "../../../src/etcd/raft/quorum/majority-config.ts";
import type { Directive } from "../datadriven.ts";

/**
 * Scripts about what a quorum has decided:
 *
 *   committed cfg=(1,2,3) cfgj=(3,4) idx=(100,_,7,8)      one index per voter, _ for one not heard of
 *   vote cfg=(1,2,3) votes=(y,n,_)
 *
 * `cfgj=zero` asks for a joint configuration whose second half is empty. What must not change the result (the order of
 * the halves, another way to compute it) is tried as well, and shows in the output if it does.
 */
export function quorumScript(directive: Directive): string {
  const arguments_ = new Map(directive.args.map(({ key, values }) => [key, values]));
  const ids = (arguments_.get("cfg") ?? []).map(BigInt);
  const jointIds = arguments_.get("cfgj");
  const otherIds = jointIds === undefined || jointIds[0] === "zero" ? [] : jointIds.map(BigInt);
  const config = new MajorityConfig(ids);
  const other = new MajorityConfig(otherIds);
  const joint = jointIds === undefined ? null : new JointConfig(config, other);
  const given = arguments_.get(directive.command === "vote" ? "votes" : "idx") ?? [];
  const voters = [...new Set([...ids, ...otherIds])];
  if (voters.length !== given.length) {
    return `error: mismatched input (explicit or _) for voters [${voters.join(" ")}]: [${given.join(" ")}]`;
  }
  const known = voters.map((id, position) => [id, given[position]!] as const).filter(([, value]) => value !== "_");

  switch (directive.command) {
    case "committed": {
      const acked = new Acked(known.map(([id, index]) => [id, Number(index)]));
      return joint === null ? committedByMajority(config, acked) : committedByBoth(joint, acked);
    }
    case "vote": {
      const votes = new Map(known.map(([id, vote]) => [id, vote === "y"]));
      if (joint === null) return `${config.voteResult(votes)}\n`;
      const result = joint.voteResult(votes);
      const swapped = new JointConfig(other, config).voteResult(votes);
      return `${swapped === result ? "" : `${swapped} <-- via symmetry\n`}${result}\n`;
    }
    default:
      throw new Error(`line ${directive.line}: unknown command ${directive.command}`);
  }
}

class Acked implements AckedIndexes {
  readonly indexes: ReadonlyMap<bigint, number>;

  constructor(indexes: Iterable<readonly [bigint, number]>) {
    this.indexes = new Map(indexes);
  }

  ackedIndex(id: bigint): number | undefined {
    return this.indexes.get(id);
  }

  with(id: bigint, index: number): Acked {
    return new Acked([...this.indexes, [id, index]]);
  }
}

function committedByMajority(config: MajorityConfig, acked: Acked): string {
  const index = config.committedIndex(acked);
  let text = config.describe(acked);
  const expectSame = (other: number, how: string) => {
    if (other !== index) text += `${describeIndex(other)} <-- ${how}\n`;
  };
  expectSame(committedByCounting(config, acked), "via alternative computation");
  expectSame(new JointConfig(config, new MajorityConfig()).committedIndex(acked), "via zero-joint quorum");
  expectSame(new JointConfig(config, config).committedIndex(acked), "via self-joint quorum");
  // Whoever is below the committed index may as well be further below.
  for (const id of config.voters) {
    const own = acked.ackedIndex(id) ?? 0;
    if (index <= own || own === 0) continue;
    expectSame(config.committedIndex(acked.with(id, own - 1)), `overlaying ${id}->${own}`);
    expectSame(config.committedIndex(acked.with(id, 0)), `overlaying ${id}->0`);
  }
  return `${text}${describeIndex(index)}\n`;
}

function committedByBoth(joint: JointConfig, acked: Acked): string {
  const index = joint.committedIndex(acked);
  const swapped = new JointConfig(joint.outgoing, joint.incoming).committedIndex(acked);
  const symmetry = swapped === index ? "" : `${describeIndex(swapped)} <-- via symmetry\n`;
  return `${joint.describe(acked)}${symmetry}${describeIndex(index)}\n`;
}

/** The definition itself: the largest index that at least a majority has reached. */
export function committedByCounting(config: MajorityConfig, acked: AckedIndexes): number {
  if (config.size === 0) return Number.POSITIVE_INFINITY;
  const indexes = config.voters.map((id) => acked.ackedIndex(id) ?? 0);
  const isCommitted = (index: number) => indexes.filter((other) => other >= index).length * 2 > config.size;
  return Math.max(0, ...indexes.filter(isCommitted));
}
