import fc from "fast-check";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyConfChange } from "../../../src/etcd/raft/conf-change.ts";
import type { ClusterConfig } from "../../../src/etcd/raft/tracker.ts";
import { ConfChangeType, newConfChange, newConfChangeV2 } from "../../../src/etcd/wire/raftpb.ts";
import { SimulatedCluster } from "./cluster.ts";
import type { ClusterOptions } from "./cluster.ts";

/**
 * Whole clusters under faults: messages are lost, doubled, delayed and reordered, the network splits, members crash and
 * forget what was not on disk, a crash tears a save, logs are compacted, members come and go. Safety is checked at every
 * step; then the faults stop, and the cluster must converge.
 *
 * A failure prints seed and path. To see it again: RAFT_SIM_SEED=<seed> RAFT_SIM_PATH=<path>; RAFT_SIM_RUNS=<n> runs more.
 */
const runs = Number(process.env["RAFT_SIM_RUNS"] ?? 200);
const seed = process.env["RAFT_SIM_SEED"];
const path = process.env["RAFT_SIM_PATH"];
const parameters = {
  numRuns: runs,
  includeErrorInReport: true,
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(path === undefined ? {} : { path }),
};

interface Happening {
  /** How often it comes, compared to the others. */
  readonly weight: number;
  readonly run: (cluster: SimulatedCluster, at: number, other: number, canRemove: boolean) => void;
}

const happenings = {
  tick: { weight: 20, run: (cluster, at) => cluster.at(at).tick() },
  timeOut: { weight: 2, run: (cluster, at) => cluster.at(at).tick(10) },
  work: { weight: 30, run: (cluster, at) => cluster.at(at).work() },
  workOff: { weight: 15, run: (cluster, at) => cluster.at(at).workOff() },
  deliver: { weight: 30, run: (cluster, at) => cluster.deliver(at) },
  deliverInOrder: { weight: 10, run: (cluster) => cluster.deliver(0) },
  double: { weight: 4, run: (cluster, at) => cluster.deliver(at, true) },
  lose: { weight: 3, run: (cluster, at) => cluster.lose(at) },
  propose: { weight: 10, run: (cluster, at) => cluster.propose(at) },
  read: { weight: 5, run: (cluster, at) => cluster.read(at) },
  calm: { weight: 5, run: (cluster, at) => cluster.runCalmly(1 + (at % 8)) },
  crash: { weight: 4, run: (cluster, at, torn) => cluster.at(at).crash(torn % 4) },
  restart: { weight: 8, run: (cluster, at) => cluster.at(at).restart() },
  blackout: { weight: 1, run: (cluster, _, torn) => cluster.blackout(torn % 4) },
  partition: { weight: 2, run: (cluster, at, other) => cluster.partition([at, other]) },
  heal: { weight: 2, run: (cluster) => cluster.heal() },
  compact: { weight: 3, run: (cluster, at) => cluster.at(at).compact() },
  transfer: { weight: 2, run: (cluster, at) => cluster.leader()?.transferTo(cluster.at(at).id) },
  change: {
    weight: 3,
    run: (cluster, at, other, canRemove) =>
      cluster.changeMembership((config) => chooseChange(config, cluster.at(at).id, other, canRemove)),
  },
} as const satisfies Record<string, Happening>;

type Step = readonly [name: keyof typeof happenings, at: number, other: number];

const names = Object.keys(happenings) as (keyof typeof happenings)[];
const place = fc.nat({ max: 59 });
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.oneof(...names.map((name) => ({ weight: happenings[name].weight, arbitrary: fc.constant(name) }))),
  place,
  place,
);

const options: fc.Arbitrary<ClusterOptions> = fc.record({
  members: fc.integer({ min: 3, max: 5 }),
  voters: fc.integer({ min: 1, max: 3 }),
  preVote: fc.boolean(),
  checkQuorum: fc.boolean(),
  asyncStorageWrites: fc.boolean(),
  bytesMax: fc.constantFrom(30, 100, Number.POSITIVE_INFINITY),
  seed: fc.nat(),
});

const scenario = fc.record({ options, steps: fc.array(step, { maxLength: 1000, size: "max" }) });

test("safety holds under faults, and the cluster converges after them", () => {
  fc.assert(
    fc.property(scenario, ({ options: chosen, steps }) => {
      const cluster = new SimulatedCluster(chosen);
      for (const one of steps) run(cluster, one, chosen);
      cluster.assertConverges();
    }),
    parameters,
  );
});

test("one seed gives one history", () => {
  fc.assert(
    fc.property(scenario, ({ options: chosen, steps }) => {
      const [first, second] = [new SimulatedCluster(chosen), new SimulatedCluster(chosen)];
      for (const one of steps) {
        run(first, one, chosen);
        run(second, one, chosen);
      }
      assert.deepEqual(describe(first), describe(second));
    }),
    { ...parameters, numRuns: 5 },
  );
});

function run(cluster: SimulatedCluster, [name, at, other]: Step, { preVote, checkQuorum }: ClusterOptions): void {
  // A removed member that does not know it yet campaigns for ever; only pre-vote with quorum checks keeps it quiet.
  const happening: Happening = happenings[name];
  happening.run(cluster, at, other, preVote && checkQuorum);
}

function describe(cluster: SimulatedCluster): string[] {
  return [...cluster.members.map((member) => member.describe()), `${cluster.inFlight}`];
}

/** A change that the configuration allows: a member comes, changes its role or goes; sometimes two at once. */
function chooseChange(config: ClusterConfig, id: bigint, choice: number, canRemove: boolean): AnyConfChange | null {
  const { incoming } = config.voters;
  if (config.voters.isJoint) return null;
  const isVoter = incoming.has(id);
  const type = isVoter
    ? canRemove && choice % 2 === 0
      ? ConfChangeType.ConfChangeRemoveNode
      : ConfChangeType.ConfChangeAddLearnerNode
    : choice % 3 === 0
      ? ConfChangeType.ConfChangeAddLearnerNode
      : ConfChangeType.ConfChangeAddNode;
  // Of two voters the one that goes may be the leader: it alone would know that the other is enough now, and might hold
  // more entries than the other may overrule. Etcd's own core stops there too; operators move the leader first.
  if (isVoter && incoming.size < 3) return null;
  if (choice % 5 !== 0) return newConfChange({ type, nodeId: id });
  const stays = incoming.voters.find((voter) => voter !== id)!;
  return newConfChangeV2({
    changes: [
      { type, nodeId: id },
      { type: ConfChangeType.ConfChangeAddNode, nodeId: stays },
    ],
  });
}
