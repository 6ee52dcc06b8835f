import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { seededRandom } from "../../src/etcd/base/random.ts";
import {
  newHashKVRequest,
  newPutRequest,
  newRangeRequest,
  newWatchCancelRequest,
  newWatchCreateRequest,
  type WatchRequest,
} from "../../src/etcd/wire/etcdserverpb.ts";
import { RawClient, type RawWatch } from "../support/raw-client.ts";
import { type ServerProcess, startEtcd34, startEtcd36, startOurs } from "../support/servers.ts";
import { Generator, type GeneratorOptions, type World } from "./differential/generator.ts";
import { normalize, plain, splitRevisions, watchStory } from "./differential/normalize.ts";

/*
 * The same generated requests go to our server and to a real etcd; the replies are compared field by field, then what
 * the watchers were told, then the hash of the whole store. A difference names its seed and step:
 * DIFFERENTIAL_SEED=n DIFFERENTIAL_SEQUENCES=1 replays it.
 */
const SEQUENCES = Number(process.env["DIFFERENTIAL_SEQUENCES"] ?? 120);
const STEPS = 40;
const firstSeed = Number(process.env["DIFFERENTIAL_SEED"] ?? 1);
const MARKER = Buffer.from("~marker");

const servers: ServerProcess[] = [];

before(async () => {
  servers.push(await startOurs(), await startEtcd36(), await startOurs(), await startEtcd34());
});

after(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

describe("generated request sequences", { concurrency: 1 }, () => {
  test(`ours agrees with etcd 3.6 over ${SEQUENCES} sequences`, async () => {
    await compareServers(servers[0]!, servers[1]!, { current: true });
  });
  test(`ours agrees with etcd 3.4 over ${SEQUENCES} sequences`, async () => {
    await compareServers(servers[2]!, servers[3]!, { current: false });
  });
});

async function compareServers(ours: ServerProcess, etcd: ServerProcess, options: GeneratorOptions): Promise<void> {
  const clients = [new RawClient(ours.endpoint), new RawClient(etcd.endpoint)] as const;
  const world: World = { revision: 1, compacted: 0 };
  try {
    for (let seed = firstSeed; seed < firstSeed + SEQUENCES; seed++) {
      await compareSequence(seed, clients, world, options);
    }
  } finally {
    for (const client of clients) client.close();
  }
}

async function compareSequence(
  seed: number,
  clients: readonly [RawClient, RawClient],
  world: World,
  options: GeneratorOptions,
): Promise<void> {
  const generator = new Generator(seededRandom(seed), options);
  const watches = clients.map((client) => client.watch()) as [RawWatch, RawWatch];
  for (let index = 0; index < STEPS; index++) {
    const step = generator.step(world);
    const label = `seed ${seed} step ${index}: ${JSON.stringify(plain(step))}`;
    if (step.kind === "watch") {
      await createWatch(watches, { requestUnion: { case: "createRequest", value: step.create } }, label);
      // A watcher of the past catches up within a round of 100 ms; a compaction before that would be a race.
      if (step.create.startRevision > 0) await new Promise((resolve) => setTimeout(resolve, 130));
    } else if (step.kind === "cancelWatch") {
      const cancel = newWatchCancelRequest({ watchId: step.id });
      for (const watch of watches) watch.send({ requestUnion: { case: "cancelRequest", value: cancel } });
    } else if (step.kind === "keepAlive") {
      const answers = await Promise.all(clients.map((client) => client.keepAlive(step.id)));
      assert.deepEqual(plain(answers[0]), plain(answers[1]), label);
    } else {
      const outcomes = await Promise.all(clients.map((client) => client.call(step.name, step.request as never)));
      const [mine, theirs] = outcomes.map((outcome) =>
        // etcd 3.4 looks at a transaction's operations in another order, so it may find another error first.
        outcome.error !== null && !options.current ? "refused" : normalize(step.name, step.request, outcome),
      );
      assert.deepEqual(mine, theirs, label);
      const header = (outcomes[1]!.response as { header?: { revision: number } | null } | null)?.header;
      world.revision = Math.max(world.revision, header?.revision ?? 0);
      if (step.name === "compact" && outcomes[1]!.error === null) {
        world.compacted = (step.request as { revision: number }).revision;
      }
    }
  }
  await compareEnd(seed, clients, watches, world, options);
}

/** A create is answered before the next step, so that both servers register it at the same revision. */
async function createWatch(watches: readonly RawWatch[], request: WatchRequest, label: string): Promise<void> {
  const created = watches.map((watch) => watch.responses.filter((response) => response.created).length);
  for (const [index, watch] of watches.entries()) {
    watch.send(request);
    const answered = await watch.until(
      (responses) => responses.filter((response) => response.created).length > created[index]!,
    );
    assert.ok(answered, `no answer to a watch create; ${label}`);
  }
}

async function compareEnd(
  seed: number,
  clients: readonly [RawClient, RawClient],
  watches: readonly [RawWatch, RawWatch],
  world: World,
  options: GeneratorOptions,
): Promise<void> {
  const marker = newWatchCreateRequest({ key: MARKER, watchId: 99n });
  await createWatch(watches, { requestUnion: { case: "createRequest", value: marker } }, `seed ${seed} marker`);
  for (const client of clients) {
    const put = await client.call("put", newPutRequest({ key: MARKER, value: Buffer.from(`${seed}`) }));
    world.revision = put.response!.header!.revision;
  }
  for (const watch of watches) {
    const marked = await watch.until((responses) =>
      responses.some(({ watchId, events }) => watchId === 99n && events.length > 0),
    );
    assert.ok(marked, `seed ${seed}: the marker's event did not come`);
  }
  // Watchers that are behind catch up in rounds of 100 ms; wait until both stories agree, and at most some rounds.
  const stories = (): string[] => watches.map((watch) => JSON.stringify(watchStory(watch.responses)));
  for (let waited = 0; waited < 3000 && stories()[0] !== stories()[1]; waited += 25) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.deepEqual(watchStory(watches[0].responses), watchStory(watches[1].responses), `seed ${seed}: watch events`);
  assert.deepEqual(splitRevisions(watches[0].responses), [], `seed ${seed}`);
  for (const watch of watches) watch.close();

  const all = newRangeRequest({ key: Buffer.of(0), rangeEnd: Buffer.of(0) });
  const everything = await Promise.all(clients.map((client) => client.call("range", all)));
  assert.deepEqual(plain(everything[0]), plain(everything[1]), `seed ${seed}: the whole store`);
  if (!options.current) return;
  const hashes = await Promise.all(clients.map((client) => client.call("hashKv", newHashKVRequest())));
  assert.equal(hashes[0]!.response?.hash, hashes[1]!.response?.hash, `seed ${seed}: HashKV`);
}
