import assert from "node:assert/strict";
import { test } from "node:test";
import { ScriptedEtcd } from "../test/support/scripted-etcd.ts";
import { silentLogger } from "./etcd/base/logger.ts";
import { newStatusResponse } from "./etcd/wire/etcdserverpb.ts";
import { services } from "./etcd/wire/services.ts";
import { hasOrderedProgress, warnOfOldMembers } from "./old-members.ts";

test("etcd tells of progress behind events from 3.4.25 and 3.5.8 on", () => {
  const versions: Readonly<Record<string, boolean>> = {
    "2.3.8": false,
    "3.3.27": false,
    "3.4.24": false,
    "3.4.25": true,
    "3.5.7": false,
    "3.5.8": true,
    "3.5.21": true,
    "3.6.0": true,
    "3.6.0-rc.1": true,
    "3.10.0": true,
    "4.0.0": true,
    "": true,
    "not decided": true,
  };
  for (const [version, isOrdered] of Object.entries(versions)) {
    assert.equal(hasOrderedProgress(version), isOrdered, version);
  }
});

test("each member is asked, and those that are too old are named", async (context) => {
  const versions = ["3.5.7", "3.5.8", "3.4.20"];
  const members = await Promise.all(
    versions.map(async (version) => {
      const member = new ScriptedEtcd();
      member.unary(services["etcdserverpb.Maintenance"].Status, () => newStatusResponse({ version }));
      await member.listen();
      context.after(() => member.stop());
      return member;
    }),
  );
  const warned: unknown[] = [];
  const logger = { ...silentLogger, warn: (_: string, fields = {}) => warned.push(fields) };
  const endpoints = members.map(({ endpoint }) => endpoint);
  await warnOfOldMembers({ endpoints }, logger, new AbortController().signal);
  const leastVersion = { "least-version": "3.5.8, or 3.4.25" };
  assert.deepEqual(warned, [
    { endpoint: endpoints[0], version: "3.5.7", ...leastVersion },
    { endpoint: endpoints[2], version: "3.4.20", ...leastVersion },
  ]);
});

test("a member that does not answer holds nobody up, and one that is not there either", async (context) => {
  let wasAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  const member = new ScriptedEtcd().unary(services["etcdserverpb.Maintenance"].Status, () => {
    wasAsked();
    return new Promise(() => undefined);
  });
  await member.listen();
  context.after(() => member.stop());
  const asking = new AbortController();
  const logger = { ...silentLogger, warn: () => assert.fail("nothing is known of it") };
  const endpoints = [member.endpoint, "127.0.0.1:1"];
  let isOver = false;
  const over = warnOfOldMembers({ endpoints }, logger, asking.signal).then(() => (isOver = true));
  await asked;
  assert.equal(isOver, false);
  asking.abort();
  const began = performance.now();
  await over;
  assert.ok(performance.now() - began < 4000, "not when its time is over, but at once");
});
