import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Child } from "../test/support/child.ts";

const PROGRAM = "src/bin/bridgekeeper.ts";
const NOBODY = "--etcd-endpoints=127.0.0.1:1";

// Most of the time goes by waiting for processes to start; they may start together.
suite("a facade process", { concurrency: 4, timeout: 60_000 }, () => {
  test("--help lists the flags on stdout", async () => {
    const { code, stdout, stderr } = await new Child(PROGRAM, ["facade", "--help"]).ended;
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^Usage:\n\n {2}bridgekeeper facade --etcd-endpoints/);
    assert.match(stdout, /\n {2}--zk-listen HOST:PORT=ROOT,\.\.\. {2}\(localhost:2181=\/zk\)\n/);
  });

  test("an unknown flag gets the usage on stderr and exit code 2", async () => {
    const { code, stdout, stderr } = await new Child(PROGRAM, ["facade", "--nope"]).ended;
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^flag provided but not defined: -nope\nUsage:\n/);
  });

  test("wrong settings are logged, with exit code 1", async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ["--etcd-max-txn-ops=x", /^--etcd-max-txn-ops "x" is not a positive number$/],
      ["--zk-tick-time=x", /^--zk-tick-time: "x" is not a whole number$/],
      ["--zk-listen=none", /leaves a facade nothing to do$/],
      ["--zk-config=/no/such/zoo.cfg", /^open \/no\/such\/zoo\.cfg: no such file or directory$/],
      ["--etcd-cacert=/no/such.pem", /no such file/],
    ];
    await Promise.all(
      cases.map(async ([flag, reason]) => {
        const child = new Child(PROGRAM, ["facade", NOBODY, flag]);
        assert.equal((await child.ended).code, 1, flag);
        const last = child.log().at(-1);
        assert.equal(last?.["msg"], "failed to verify flags");
        assert.match(String(last["error"]), reason);
      }),
    );
  });

  test("it waits for a cluster that is not there, and a signal ends the wait", async () => {
    const child = new Child(PROGRAM, ["facade", NOBODY, "--zk-listen=127.0.0.1:0=/zk"]);
    await child.logged("the etcd cluster cannot be reached; trying again");
    child.process.kill("SIGTERM");
    const { code, signal } = await child.ended;
    assert.deepEqual([code, signal], [null, "SIGTERM"]);
  });
});
