import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { join } from "node:path";
import { javaZooKeeperClassPath } from "../support/java-peer.ts";
import { Program, runProgram } from "../support/program.ts";
import { repository } from "../support/servers.ts";
import { bothApisPlaces, type OpenZk } from "../support/zk-places.ts";

/*
 * Both APIs on the same data, each by a client of its own people: etcd's etcdctl, ZooKeeper's zkCli, kazoo and Curator.
 */

for (const place of bothApisPlaces) {
  describe(`both APIs on ${place.name}`, () => {
    let opened: OpenZk;
    let shell: Program;
    let watch: Program;

    before(async () => {
      opened = await place.open();
      shell = new Program("java", [
        ...["-cp", javaZooKeeperClassPath(), "org.apache.zookeeper.ZooKeeperMain"],
        ...["-server", `127.0.0.1:${opened.port}`],
      ]);
      await shell.printed("WatchedEvent state:SyncConnected type:None");
      // From the beginning: it may start later than what it is to see.
      watch = new Program(
        "/usr/bin/etcdctl",
        [`--endpoints=${opened.etcd!}`, "watch", "--prefix", "/zk/", "--rev=1"],
        etcdctlOptions,
      );
    });
    after(async () => {
      for (const program of [shell, watch]) {
        program.signal("SIGKILL");
        await program.ended;
      }
      await opened.close();
    });

    const etcdctl = async (...args: string[]): Promise<string> => {
      const end = await runProgram("/usr/bin/etcdctl", [`--endpoints=${opened.etcd!}`, ...args], etcdctlOptions);
      assert.equal(end.code, 0, end.stderr);
      return end.stdout;
    };
    const etcdTxn = async (lines: readonly string[]): Promise<string> => {
      const input = `${lines.join("\n")}\n`;
      const end = await runProgram("/usr/bin/etcdctl", [`--endpoints=${opened.etcd!}`, "txn"], {
        ...etcdctlOptions,
        input,
      });
      assert.equal(end.code, 0, end.stderr);
      return end.stdout;
    };
    /** Types a command into zkCli; returns what is printed from then on, until the text that ends it is there. */
    const zk = async (command: string, ending: RegExp): Promise<string> => {
      const [out, err] = [shell.stdout.length, shell.stderr.length];
      const printed = (): string => shell.stdout.slice(out) + shell.stderr.slice(err);
      shell.write(`${command}\n`);
      await comesTrue(() => ending.test(printed()), `${command}: ${String(ending)}`);
      return printed();
    };
    const revisionOf = async (key: string): Promise<number> => {
      const answer = JSON.parse(await etcdctl("get", key, "-w", "json")) as { kvs: [{ mod_revision: number }] };
      return answer.kvs[0].mod_revision;
    };
    const zxidIn = (stat: string, name: string): number => Number(new RegExp(`${name} = (0x[0-9a-f]+)`).exec(stat)![1]);

    test("etcd sees, byte for byte, what ZooKeeper writes", async () => {
      await zk("create /app hello", /Created \/app/);
      await watch.printed("PUT\n/zk/app\nhello\n");
      assert.equal(await etcdctl("get", "/zk/app", "--print-value-only"), "hello\n");
      const stat = await zk("stat /app", /numChildren = 0/);
      assert.equal(zxidIn(stat, "mZxid"), await revisionOf("/zk/app"));
    });

    test("a transaction of etcd is a change that ZooKeeper's watchers are told of", async () => {
      await zk("addWatch -m PERSISTENT_RECURSIVE /app", /(?:)/);
      await zk("get -s /app", /numChildren = 0/);
      assert.match(await etcdTxn(['value("/zk/app") = "hello"', "", "put /zk/app world", "", ""]), /^SUCCESS/);
      await shell.printed(/type:NodeDataChanged path:\/app /);
      await watch.printed("PUT\n/zk/app\nworld\n");
      const stat = await zk("get -s /app", /numChildren = 0/);
      assert.match(stat, /^world$/m);
      assert.match(stat, /^dataVersion = 1$/m);
      assert.equal(zxidIn(stat, "mZxid"), await revisionOf("/zk/app"));
      assert.match(await etcdTxn(['value("/zk/app") = "hello"', "", "put /zk/app lost", "", ""]), /^FAILURE/);
    });

    test("several znodes changed by one transaction of etcd have one zxid", async () => {
      await etcdTxn(["", "put /zk/app/a 1", "put /zk/app/b 2", "put /zk/app 3", "", ""]);
      await shell.printed(/type:NodeCreated path:\/app\/a /);
      await shell.printed(/type:NodeCreated path:\/app\/b /);
      const revision = await revisionOf("/zk/app");
      for (const path of ["/app", "/app/a", "/app/b"]) {
        assert.equal(zxidIn(await zk(`stat ${path}`, /numChildren = \d/), "mZxid"), revision, path);
      }
      assert.match(await zk("ls /app", /\[.*\]/), /\[a, b\]/);
    });

    test("what was put by etcd can be set, conditionally, and deleted by ZooKeeper, and the other way round", async () => {
      await zk("set -s -v 0 /app/a changed", /dataVersion = 1/);
      await watch.printed("PUT\n/zk/app/a\nchanged\n");
      await zk("delete /app/a", /type:NodeDeleted path:\/app\/a /);
      await watch.printed("DELETE\n/zk/app/a\n");
      await etcdctl("del", "/zk/app/b");
      await shell.printed(/type:NodeDeleted path:\/app\/b /);
      assert.match(await zk("ls -s /app", /numChildren = 0/), /\[\]/);
      // Two children made and two deleted.
      assert.match(await zk("stat /app", /numChildren = 0/), /^cversion = 4$/m);
    });

    test("a key without a parent is no znode until it has one", async () => {
      await etcdctl("put", "/zk/later/child", "waiting");
      assert.doesNotMatch(await zk("ls /", /\[.*\]/), /later/);
      await zk("create /later", /Created \/later/);
      await comesTrue(async () => (await zk("ls /later", /\[.*\]/)).includes("[child]"), "the child appears");
      assert.match(await zk("get /later/child", /waiting/), /^waiting$/m);
    });

    const holders = {
      kazoo: (path: string) =>
        new Program("python3", [
          ...[join(import.meta.dirname, "python/hold_lock.py"), join(repository, ".peers/python")],
          ...[`127.0.0.1:${opened.port}`, path],
        ]),
      Curator: (path: string) =>
        new Program("java", ["-cp", javaZooKeeperClassPath(), "HoldMutex", `127.0.0.1:${opened.port}`, path]),
    };
    for (const [name, hold] of Object.entries(holders)) {
      test(`a lock of ${name} is a lease of etcd, and ends with it`, async () => {
        const path = `/lock-of-${name}`;
        const holder = hold(path);
        const rivals: Program[] = [];
        try {
          await holder.printed(/^held .*\n/m);
          // A lease's id is a session's id, in sixteen digits.
          const session = /^waiting (\w+)$/m.exec(holder.stdout)![1]!.padStart(16, "0");
          const znode = /^held (.*)$/m.exec(holder.stdout)![1]!;
          rivals.push(hold(path));
          await rivals[0]!.printed(/^waiting (\w+)\n/m);

          assert.ok((await etcdctl("lease", "list")).split("\n").includes(session));
          const lease = await etcdctl("lease", "timetolive", session, "--keys");
          assert.match(lease, new RegExp(`lease ${session} granted with TTL\\(\\d+s\\), remaining\\(\\d+s\\)`));
          assert.ok(lease.includes(`/zk${znode}`), lease);
          await zk(`stat -w ${znode}`, new RegExp(`ephemeralOwner = 0x0*${session.replace(/^0+/, "")}`));

          assert.equal(await etcdctl("lease", "revoke", session), `lease ${session} revoked\n`);
          await holder.printed(/^lost$/m);
          await shell.printed(`type:NodeDeleted path:${znode} `);
          await rivals[0]!.printed(/^held .*\n/m);
          const heir = /^held (.*)$/m.exec(rivals[0]!.stdout)![1]!;
          assert.notEqual(heir, znode);
          // The parent's stat is as after an expiry: two znodes made, one gone.
          await comesTrue(
            async () => /^cversion = 3$/m.test(await zk(`stat ${path}`, /numChildren = \d/)),
            "the parent knows of two creates and a delete",
          );
        } finally {
          for (const program of [holder, ...rivals]) {
            program.signal("SIGKILL");
            await program.ended;
          }
        }
      });
    }
  });
}

const etcdctlOptions = { env: { ETCDCTL_API: "3" } };

async function comesTrue(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await holds());) {
    if (Date.now() > deadline) throw new Error(`not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
