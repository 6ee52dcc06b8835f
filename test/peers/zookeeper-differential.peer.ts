import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { seededRandom } from "../../src/etcd/base/random.ts";
import {
  startFacadeWithEtcds,
  startOurFacade,
  startZooKeeper38,
  startZooKeeper39,
  type ZkServer,
} from "../support/zk-servers.ts";
import { calm, facadeOptions, quick, realOptions } from "./zookeeper/differential/accepted.ts";
import { Comparison, describeDifference, type Difference, openSide } from "./zookeeper/differential/comparison.ts";
import { Generator } from "./zookeeper/differential/generator.ts";
import type { Scenario } from "./zookeeper/differential/scenario.ts";
import { slowScenarios } from "./zookeeper/differential/slow-scenarios.ts";

/*
 * The same generated sessions speak to our server and to a real ZooKeeper; all replies and all events are compared field
 * by field, then the znodes that are left. The real server is first compared with itself: what differs there would be the
 * fault of the comparison. A difference is shrunk to few requests; ZK_DIFFERENTIAL_SEED=n ZK_DIFFERENTIAL_SEQUENCES=1 plays
 * a seed again.
 */
const SEQUENCES = Number(process.env["ZK_DIFFERENTIAL_SEQUENCES"] ?? 150);
const STEPS = 40;
const COMPANY = 8;
const firstSeed = Number(process.env["ZK_DIFFERENTIAL_SEED"] ?? 1);

const servers: ZkServer[] = [];

after(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

async function compare(starting: readonly Promise<ZkServer>[], withOld = false): Promise<Comparison> {
  const outcomes = await Promise.allSettled(starting);
  servers.push(...outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])));
  const started = await Promise.all(starting);
  const [left, right] = await Promise.all(started.map(openSide));
  return new Comparison(left!, right!, { forgetEventZxids: withOld });
}

/** One after the other, these also touch the reserved znodes. */
async function playAlone(comparison: Comparison, forOld: boolean): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + SEQUENCES; seed++) await playSeed(comparison, seed, forOld, false);
}

/** Several at a time, each on its own znodes, so that requests of one meet plans of others that are still in flight. */
async function playInCompany(comparison: Comparison, forOld: boolean): Promise<void> {
  const seeds = Array.from({ length: SEQUENCES }, (_none, index) => firstSeed + index);
  const player = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      await playSeed(comparison, seed, forOld, true);
    }
  };
  await Promise.all(Array.from({ length: COMPANY }, player));
}

async function playSeed(comparison: Comparison, seed: number, forOld: boolean, isLocal: boolean): Promise<void> {
  const scenario = new Generator(seededRandom(seed), { steps: STEPS, forOld, isLocal }).scenario(seed);
  const difference = await comparison.play(scenario);
  if (difference !== null) assert.fail(describeDifference(await comparison.shrink(difference)));
}

for (const [name, forOld, start] of [
  [
    "ZooKeeper 3.9 agrees with itself",
    false,
    () => [startZooKeeper39(realOptions(calm)), startZooKeeper39(realOptions(calm))],
  ],
  [
    "ours agrees with ZooKeeper 3.9",
    false,
    () => [startOurFacade(facadeOptions(calm)), startZooKeeper39(realOptions(calm))],
  ],
  // A real etcd keeps no order of calls: plans wait for each other.
  [
    "ours over a real etcd agrees with ZooKeeper 3.9",
    false,
    () => [startFacadeWithEtcds(1, facadeOptions(calm)), startZooKeeper39(realOptions(calm))],
  ],
  [
    "ours agrees with ZooKeeper 3.8",
    true,
    () => [startOurFacade(facadeOptions(calm)), startZooKeeper38(realOptions(calm))],
  ],
] as const) {
  describe(`${name} over ${SEQUENCES} generated sequences`, { concurrency: 1 }, () => {
    let comparison: Comparison;
    test("one at a time", async () => {
      comparison = await compare(start(), forOld);
      await playAlone(comparison, forOld);
    });
    test(`${COMPANY} at a time`, () => playInCompany(comparison, forOld));
  });
}

for (const [name, start] of [
  [
    "ZooKeeper 3.9 agrees with itself",
    () => [startZooKeeper39(realOptions(quick)), startZooKeeper39(realOptions(quick))],
  ],
  [
    "ours agrees with ZooKeeper 3.9",
    () => [startOurFacade(facadeOptions(quick)), startZooKeeper39(realOptions(quick))],
  ],
  [
    "ours over a real etcd agrees with ZooKeeper 3.9",
    () => [startFacadeWithEtcds(1, facadeOptions(quick)), startZooKeeper39(realOptions(quick))],
  ],
] as const) {
  test(`${name} on what happens by itself`, async (context) => {
    const comparison = await compare(start());
    const played = [...slowScenarios].map(async ([title, scenario]) => {
      const difference = await playByTheClock(comparison, scenario);
      await context.test(title, () => {
        if (difference !== null) assert.fail(describeDifference(difference));
      });
    });
    await Promise.all(played);
  });
}

/** A machine that stands still for a moment makes one of the sessions silent for too long: that does not happen thrice. */
async function playByTheClock(comparison: Comparison, scenario: Scenario): Promise<Difference | null> {
  for (let left = 2; ; left--) {
    const difference = await comparison.play(scenario);
    if (difference === null || left === 0) return difference;
  }
}
