import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type ServerProcess, startEtcd34, startEtcd36, startOurs } from "../support/servers.ts";
import { type Answer, answerOf, buildTool, mask, runOwn, runReal } from "./ctl/runs.ts";
import { formats, type Step, steps } from "./ctl/steps.ts";

/*
 * The same commands go to the real etcdctl and to `bridgekeeper ctl`, each with a server of its own and the same
 * history. What they print and how they end must be the same, ids, ports and times aside.
 */

const directory = mkdtempSync(join(tmpdir(), "ctl-peer-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Which etcdctl, on which server; and the server that `bridgekeeper ctl` has for itself. */
for (const generation of [
  { name: "3.4", start: startEtcd34, etcdctl: () => "/usr/bin/etcdctl", ownServer: startEtcd34 },
  { name: "3.6", start: startEtcd36, etcdctl: () => buildTool("etcdctl36"), ownServer: startEtcd36 },
  { name: "3.6, ctl on our server", start: startEtcd36, etcdctl: () => buildTool("etcdctl36"), ownServer: startOurs },
] as const) {
  describe(`beside etcdctl ${generation.name}`, { concurrency: 1 }, () => {
    let theirs: ServerProcess;
    let ours: ServerProcess;
    let etcdctl: string;
    before(async () => {
      etcdctl = generation.etcdctl();
      [theirs, ours] = await Promise.all([generation.start(), generation.ownServer()]);
    });
    after(() => Promise.all([theirs.stop(), ours.stop()]));

    for (const one of steps.filter(({ since36 }) => generation.name !== "3.4" || !since36)) {
      test([...one.words, one.stdin ?? ""].join(" "), async () => {
        const server = one.sameServer ? ours : theirs;
        const real = mask(await runReal(etcdctl, server, one), server, one);
        const own = mask(await runOwn(ours, one), ours, one);
        if (one.showsHelp) {
          own.stdout = real.stdout;
          real.complaints = real.complaints.filter((line) => line.startsWith("Error:"));
        }
        assert.deepEqual(own, real);
      });
    }

    test("snapshot save says so in the same words", async () => {
      const saveTo = (name: string): Step => ({ words: ["snapshot", "save", join(directory, name)] });
      const real = await runReal(etcdctl, theirs, saveTo("s.db"));
      const own = await runOwn(ours, saveTo("s.db"));
      assert.deepEqual(own, real);
    });

    test("snapshot status says of a file what etcd's own tools say", async () => {
      const path = join(directory, `status-${generation.name}.db`);
      assert.equal((await runReal(etcdctl, theirs, { words: ["snapshot", "save", path] })).code, 0);
      const own = async (format: string): Promise<Answer> =>
        runOwn(theirs, { words: ["snapshot", "status", path, "-w", format] });
      const etcdutl = buildTool("etcdutl36");
      for (const format of formats) {
        const real = spawnSync(etcdutl, ["snapshot", "status", path, "-w", format], { encoding: "latin1" });
        assert.equal(real.status, 0, real.stderr);
        assert.deepEqual(await own(format), answerOf(0, real.stdout, ""));
      }
    });

    test("a snapshot that ctl saved is one to etcd's own tools", async () => {
      const path = join(directory, `saved-${generation.name}.db`);
      assert.equal((await runOwn(ours, { words: ["snapshot", "save", path] })).code, 0);
      const status = spawnSync(buildTool("etcdutl36"), ["snapshot", "status", path], { encoding: "utf8" });
      assert.equal(status.status, 0, status.stderr);
      const restored = ["snapshot", "restore", path, "--data-dir", join(directory, `restored-${generation.name}`)];
      const restore = spawnSync(buildTool("etcdutl36"), restored, { encoding: "utf8" });
      assert.equal(restore.status, 0, restore.stderr);
    });
  });
}
