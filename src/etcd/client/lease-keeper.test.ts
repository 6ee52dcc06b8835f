import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../base/clock.ts";
import { newLeaseKeepAliveResponse, type LeaseKeepAliveResponse } from "../wire/etcdserverpb.ts";
import { LeaseKeeper } from "./lease-keeper.ts";

/** Time and the timer move together, half a second at a time. */
function world(
  t: { mock: { timers: { enable(options: { apis: ["setInterval"] }): void; tick(ms: number): void } } },
  answer: (id: bigint, call: number) => Promise<LeaseKeepAliveResponse>,
): { keeper: LeaseKeeper; calls: number[]; pass: (seconds: number) => Promise<void> } {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let nowMs = 0;
  const clock: Clock = { nowMs: () => nowMs, wallMs: () => nowMs };
  const calls: number[] = [];
  const leaseKeepAlive = ({ id }: { id: bigint }): Promise<LeaseKeepAliveResponse> => {
    calls.push(nowMs / 1000);
    return answer(id, calls.length);
  };
  const pass = async (seconds: number): Promise<void> => {
    await settled();
    for (let step = 0; step < seconds * 2; step++) {
      nowMs += 500;
      t.mock.timers.tick(500);
      await settled();
    }
  };
  return { keeper: new LeaseKeeper({ leaseKeepAlive }, clock), calls, pass };
}

/** Answers that are there have been taken. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await Promise.resolve();
}

const renewed = (id: bigint, ttl: number): Promise<LeaseKeepAliveResponse> =>
  Promise.resolve(newLeaseKeepAliveResponse({ id, ttl }));

test("a lease is renewed at once and then after each third of its time", async (t) => {
  const { keeper, calls, pass } = world(t, (id) => renewed(id, 9));
  const answers: number[] = [];
  const lease = keeper.keep(1n, 9, ({ ttl }) => answers.push(ttl));
  await pass(10);
  assert.deepEqual(calls, [0, 3, 6, 9]);
  assert.deepEqual(answers, [9, 9, 9, 9]);
  assert.equal(lease.lost.aborted, false);
  lease.letGo();
  await pass(10);
  assert.equal(calls.length, 4);
});

test("a lease that the server does not know is lost", async (t) => {
  const { keeper, calls, pass } = world(t, (id, call) => renewed(id, call < 3 ? 6 : 0));
  const lease = keeper.keep(1n, 6);
  await pass(5);
  assert.equal(lease.lost.aborted, true);
  await pass(20);
  assert.equal(calls.length, 3);
});

test("failures are tried again at each tick, and lose the lease only when its whole time is over", async (t) => {
  const { keeper, calls, pass } = world(t, (id, call) => {
    return call === 4 ? renewed(id, 4) : Promise.reject(new Error("no connection"));
  });
  const lease = keeper.keep(1n, 4);
  await pass(2);
  assert.deepEqual(calls, [0, 0.5, 1, 1.5]);
  await pass(3);
  assert.equal(lease.lost.aborted, false); // Renewed at 1.5, it lives until 5.5.
  await pass(0.5);
  assert.equal(lease.lost.aborted, true);
});

test("a renewal without an answer is not doubled, and does not outlive the lease", async (t) => {
  const { keeper, calls, pass } = world(t, () => new Promise(() => undefined));
  const lease = keeper.keep(1n, 3);
  await pass(2.5);
  assert.deepEqual([calls.length, lease.lost.aborted], [1, false]);
  await pass(0.5);
  assert.equal(lease.lost.aborted, true);
});

test("close lets all go without calling them lost", async (t) => {
  const { keeper, calls, pass } = world(t, (id) => renewed(id, 3));
  const leases = [keeper.keep(1n, 3), keeper.keep(2n, 3)];
  await pass(0.5);
  keeper.close();
  await pass(10);
  assert.equal(calls.length, 2);
  assert.deepEqual(
    leases.map(({ lost }) => lost.aborted),
    [false, false],
  );
});
