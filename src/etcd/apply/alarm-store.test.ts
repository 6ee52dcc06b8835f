import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryBackend } from "../mvcc/memory-backend.ts";
import { AlarmType } from "../wire/etcdserverpb.ts";
import { AlarmStore } from "./alarm-store.ts";

const { NONE, NOSPACE, CORRUPT } = AlarmType;
/** An id that no double holds. */
const member = 10276657743932975437n;

test("an alarm that stands is raised again without effect, and the answer names it", () => {
  const backend = new MemoryBackend();
  const alarms = new AlarmStore(backend);
  assert.equal(alarms.isEmpty, true);
  assert.deepEqual(alarms.activate(member, NOSPACE), [{ memberId: member, alarm: NOSPACE }]);
  const { pendingOperations } = backend;
  assert.deepEqual(alarms.activate(member, NOSPACE), [{ memberId: member, alarm: NOSPACE }]);
  assert.equal(backend.pendingOperations, pendingOperations);
  assert.equal(alarms.list().length, 1);
  assert.equal(alarms.has(NOSPACE) && !alarms.has(CORRUPT) && !alarms.isEmpty, true);
});

test("NONE is nothing to raise, and lists everything", () => {
  const alarms = new AlarmStore(new MemoryBackend());
  assert.deepEqual(alarms.activate(member, NONE), []);
  alarms.activate(member, NOSPACE);
  alarms.activate(member, CORRUPT);
  alarms.activate(2n, NOSPACE);
  assert.equal(alarms.list(NONE).length, 3);
  assert.deepEqual(
    alarms.list(NOSPACE).map(({ memberId }) => memberId),
    [member, 2n],
  );
});

test("an alarm is cleared by its member and its type alone; 0 is not a wildcard", () => {
  const alarms = new AlarmStore(new MemoryBackend());
  alarms.activate(member, NOSPACE);
  assert.deepEqual(alarms.deactivate(0n, NOSPACE), []);
  assert.deepEqual(alarms.deactivate(member, CORRUPT), []);
  assert.deepEqual(alarms.deactivate(member, NONE), []);
  assert.deepEqual(alarms.deactivate(member, NOSPACE), [{ memberId: member, alarm: NOSPACE }]);
  assert.equal(alarms.isEmpty, true);
  assert.deepEqual(alarms.deactivate(member, NOSPACE), []);
});

test("alarms survive a restart, and so does their end", async () => {
  const backend = new MemoryBackend();
  const alarms = new AlarmStore(backend);
  alarms.activate(member, NOSPACE);
  alarms.activate(member, CORRUPT);
  alarms.deactivate(member, NOSPACE);
  await backend.commit();
  assert.deepEqual(new AlarmStore(backend.crash()).list(), [{ memberId: member, alarm: CORRUPT }]);
});
