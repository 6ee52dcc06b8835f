import assert from "node:assert/strict";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { PassThrough } from "node:stream";
import { after, before, describe, test } from "node:test";
import { ctlRun, type CtlRun } from "../support/ctl-run.ts";
import { eventually } from "../support/scripted-etcd.ts";
import { type ServerProcess, startEtcd34 } from "../support/servers.ts";

/*
 * Commands that wait: watch, lock, elect, lease keep-alive. The real etcdctl and `bridgekeeper ctl` run side by side on
 * one real etcd; what both have printed when it is over must be the same.
 */

/** A command under way, real or ours. */
interface Running {
  output(): string;
  say(line: string): void;
  interrupt(): void;
  readonly ended: Promise<Pick<CtlRun, "code" | "stdout">>;
}

let etcd: ServerProcess;
before(async () => {
  etcd = await startEtcd34();
});
after(() => etcd.stop());

function startReal(words: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child: ChildProcessWithoutNullStreams = spawn("/usr/bin/etcdctl", [`--endpoints=${etcd.endpoint}`, ...words], {
    env: { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3", ...env },
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("latin1")));
  return {
    output: () => stdout,
    say: (line) => child.stdin.write(`${line}\n`),
    interrupt: () => child.kill("SIGINT"),
    ended: new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, stdout }))),
  };
}

function startOwn(words: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const stdin = new PassThrough();
  const interrupt = new AbortController();
  let stdout = "";
  const onOutput = (text: string): void => void (stdout = text);
  const ended = ctlRun([`--endpoints=${etcd.endpoint}`, ...words], {
    stdin,
    env,
    interrupted: interrupt.signal,
    onOutput,
  });
  return {
    output: () => stdout,
    say: (line) => stdin.write(`${line}\n`),
    interrupt: () => interrupt.abort(new Error("received SIGINT")),
    ended,
  };
}

async function ctl(...words: string[]): Promise<string> {
  const run = await ctlRun([`--endpoints=${etcd.endpoint}`, ...words]);
  assert.equal(run.code, 0, run.stderr);
  return run.stdout;
}

/** Writes until both have seen one of the writes: then both watch. */
async function watching(running: readonly Running[], key: string): Promise<void> {
  const seen = (): boolean => running.every((one) => one.output().includes("warm-up"));
  for (let attempt = 0; attempt < 100 && !seen(); attempt++) {
    await ctl("put", key, "warm-up");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert(seen(), "both watch");
}

/** What came behind the last warm-up, which the two saw from different ones on. */
function afterWarmUp(text: string): string {
  return text.slice(text.lastIndexOf("warm-up"));
}

describe("side by side with etcdctl", { concurrency: 1 }, () => {
  for (const format of ["simple", "json", "fields"]) {
    test(`watch sees the same events (${format})`, async () => {
      const words = ["watch", "--prefix", "w/", "--prev-kv", "-w", format];
      const both = [startReal(words), startOwn(words)] as const;
      await new Promise((resolve) => setTimeout(resolve, 500));
      await ctl("put", "w/a", "1");
      await ctl("put", "w/b", "2");
      await ctl("put", "w/b", "3");
      await ctl("put", "other", "x");
      await ctl("del", "w/", "--prefix");
      const { stdout: last } = await ctlRun([`--endpoints=${etcd.endpoint}`, "get", "nothing", "-w", "json"]);
      const revision = /"revision":(\d+)/.exec(last)![1]!;
      const seen = (one: Running): boolean =>
        one.output().split("DELETE").length === 3 || one.output().includes(`"mod_revision":${revision}`);
      await eventually(() => both.every(seen), "the deletes");
      for (const one of both) one.interrupt();
      const [real, own] = await Promise.all(both.map(({ ended }) => ended));
      assert.equal(own!.stdout, real!.stdout);
      assert(real!.stdout.length > 0);
    });
  }

  test("watch of the past, with a program for each event and its variables", async () => {
    await ctl("put", "x", "first");
    const header = await ctl("get", "x", "-w", "json");
    const revision = /"mod_revision":(\d+)/.exec(header)![1]!;
    await ctl("put", "x", 'quo"ted ✓');
    await ctl("del", "x");
    const script = 'echo "$ETCD_WATCH_REVISION|$ETCD_WATCH_EVENT_TYPE|$ETCD_WATCH_KEY|$ETCD_WATCH_VALUE"';
    const words = ["watch", "x", "--rev", revision, "--", "sh", "-c", script];
    const both = [startReal(words), startOwn(words)] as const;
    await eventually(() => both.every((one) => one.output().includes('"DELETE"')), "three events each");
    for (const one of both) one.interrupt();
    const [real, own] = await Promise.all(both.map(({ ended }) => ended));
    assert.equal(own!.stdout, real!.stdout);
  });

  test("several watchers on one terminal", async () => {
    const both = [startReal(["watch", "-i"]), startOwn(["watch", "-i"])] as const;
    for (const one of both) {
      one.say("watch i1");
      one.say("watch --prefix i2/ --prev-kv");
      one.say('watch "i 3" -- echo heard');
    }
    await watching(both, "i1");
    await ctl("put", "i2/a", "1");
    await ctl("put", "i2/a", "2");
    await eventually(() => both.every((one) => one.output().endsWith("i2/a\n2\n")), "the prefix");
    await ctl("put", "i 3", "3");
    await eventually(() => both.every((one) => one.output().includes("heard")), "the program");
    for (const one of both) one.interrupt();
    const [real, own] = await Promise.all(both.map(({ ended }) => ended));
    assert.equal(afterWarmUp(own!.stdout), afterWarmUp(real!.stdout));
  });

  test("watch takes its key from the environment", async () => {
    const env = { ETCDCTL_WATCH_KEY: "e1", ETCDCTL_WATCH_RANGE_END: "e3" };
    const both = [startReal(["watch"], env), startOwn(["watch"], env)] as const;
    await watching(both, "e2");
    for (const one of both) one.interrupt();
    const [real, own] = await Promise.all(both.map(({ ended }) => ended));
    assert.equal(afterWarmUp(own!.stdout), afterWarmUp(real!.stdout));
  });

  test("a lock passes between etcdctl and ctl, in order, and is given back at the end", async () => {
    const first = startReal(["lock", "mutex"]);
    await eventually(() => first.output().includes("mutex/"), "the first lock");
    const second = startOwn(["lock", "mutex"]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(second.output(), "");
    const third = startReal(["lock", "mutex"]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    first.interrupt();
    await eventually(() => second.output().includes("mutex/"), "the second lock");
    assert.match(second.output(), /^mutex\/[0-9a-f]+\n\n$/);
    assert.equal(third.output(), "");
    second.interrupt();
    assert.equal((await second.ended).code, 0);
    await eventually(() => third.output().includes("mutex/"), "the third lock");
    third.interrupt();
    assert.equal((await first.ended).code, 0);
    assert.equal((await third.ended).code, 0);
    assert.equal(await ctl("get", "mutex/", "--prefix"), "");
  });

  test("a program runs under the lock, with its variables, and its exit code counts", async () => {
    const words = ["lock", "job", "--", "sh", "-c", 'echo "$ETCD_LOCK_KEY $ETCD_LOCK_REV"; exit 7'];
    const own = await startOwn(words).ended;
    assert.match(own.stdout, /^job\/[0-9a-f]+ \d+\n$/);
    assert.equal(own.code, 7);
    assert.equal(await ctl("get", "job/", "--prefix"), "");
  });

  test("an election goes round between etcdctl and ctl, and both observers see the same", async () => {
    const observers = [startReal(["elect", "-l", "vote"]), startOwn(["elect", "-l", "vote"])] as const;
    const first = startOwn(["elect", "vote", "one"]);
    await eventually(() => first.output().endsWith("one\n"), "the first leader");
    const second = startReal(["elect", "vote", "two"]);
    await eventually(() => observers.every((one) => one.output().endsWith("one\n")), "the first leader observed");
    await new Promise((resolve) => setTimeout(resolve, 300));
    first.interrupt();
    assert.equal((await first.ended).code, 0);
    await eventually(() => second.output().endsWith("two\n"), "the second leader");
    await eventually(() => observers.every((one) => one.output().endsWith("two\n")), "the second leader observed");
    second.interrupt();
    await second.ended;
    for (const one of observers) one.interrupt();
    const [real, own] = await Promise.all(observers.map(({ ended }) => ended));
    assert.equal(own!.stdout, real!.stdout);
    assert.equal(own!.code, real!.code);
  });

  test("a lease is kept alive until it is revoked", async () => {
    const granted = await ctl("lease", "grant", "3");
    const id = /lease ([0-9a-f]+)/.exec(granted)![1]!;
    const both = [startReal(["lease", "keep-alive", id]), startOwn(["lease", "keep-alive", id])] as const;
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    assert.match(await ctl("lease", "timetolive", id), /remaining\([123]s\)/);
    await ctl("lease", "revoke", id);
    const [real, own] = await Promise.all(both.map(({ ended }) => ended));
    const lines = (text: string): string[] => [...new Set(text.split("\n"))];
    assert.deepEqual(lines(own!.stdout), lines(real!.stdout));
    assert.equal(own!.code, real!.code);
    assert(own!.stdout.split("\n").length >= 4, own!.stdout);
  });
});
