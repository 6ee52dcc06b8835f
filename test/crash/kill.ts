/**
 * Writes through several clients, kills the server with SIGKILL at random moments, starts it again on the same data and
 * looks for what was acknowledged: first with etcd's clients, then with ZooKeeper's.
 *
 *   npm run test:crash -- [--kills N] [--seed S] [--only etcd|zookeeper]
 */
import { parseArgs } from "node:util";
import { type Random, seededRandom } from "../../src/etcd/base/random.ts";
import { killRepeatedly } from "./crash-run.ts";
import { EtcdWorkload } from "./etcd-kill.ts";
import { ZooKeeperWorkload } from "./zk-kill.ts";

const { values: flags } = parseArgs({
  options: {
    /** Of each kind of clients. */
    kills: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
  },
});

const runs = [
  { name: "etcd", kills: 200, begin: (random: Random) => Promise.resolve(new EtcdWorkload(random)) },
  { name: "zookeeper", kills: 60, begin: (random: Random) => ZooKeeperWorkload.create(random) },
];
const chosen = runs.filter(({ name }) => flags.only === undefined || flags.only === name);
if (chosen.length === 0) throw new Error(`--only knows ${runs.map(({ name }) => name).join(" and ")}`);

for (const { name, kills: ordinary, begin } of chosen) {
  const kills = Number(flags.kills ?? ordinary);
  console.log(`${name}: ${kills} kills, seed ${flags.seed}`);
  const random = seededRandom(Number(flags.seed));
  const workload = await begin(random);
  await killRepeatedly(kills, random, workload);
  console.log(`${name}: ${kills} kills survived: ${workload.progress()}; none lost; HashKV equals the replay`);
}
console.log(`${chosen.length} passed, 0 failed`);
process.exit(0);
