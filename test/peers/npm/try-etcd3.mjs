/**
 * Tries a server with the npm package etcd3. Prints what it saw, in sections: see test/support/tellings.ts.
 *
 *   node try-etcd3.mjs DIRECTORY HOST:PORT      the directory is where the package is installed
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [directory, endpoint] = process.argv.slice(2);
const { Etcd3, Isolation = {} } = createRequire(join(directory, "package.json"))("etcd3");
const client = new Etcd3({ hosts: `http://${endpoint}` });

const say = (...words) =>
  console.log(words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" "));

function check(holds, text) {
  if (!holds) throw new Error(text);
}

const revision = async () => Number((await client.get("no such key").exec()).header.revision);

async function failure(promise) {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return `${error.constructor.name}: ${error.message.replace(/\d{12,}/, "ID")}`;
  }
}

/** Resolves once the condition holds. */
async function until(what, condition) {
  for (let waitedMs = 0; !(await condition()); waitedMs += 10) {
    check(waitedMs < 10_000, `${what}: not within 10 s`);
    await sleep(10);
  }
}

const scenarios = {
  async kv() {
    const base = await revision();
    await client.put("kv/a").value("1");
    await client.put("kv/b").value(2);
    await client.put("kv/c").value(Buffer.from([0, 255]));
    say("previous", (await client.put("kv/a").value("3").getPrevious()).value.toString());
    await client.put("kv/a").touch();
    const { kvs, count, header } = await client.get("kv/a").exec();
    const [pair] = kvs;
    say(count, pair.value.toString(), pair.version, pair.create_revision - base, pair.mod_revision - base);
    say("revision", header.revision - base);
    say("number", await client.get("kv/b").number(), "nothing", await client.get("kv/no"));
    say("buffer", [...(await client.get("kv/c").buffer())], "exists", await client.get("kv/c").exists());
    say("past", await client.get("kv/a").revision(base + 1));
    say("serializable", await client.get("kv/a").serializable(true));
    say("all", await client.getAll().prefix("kv/").strings("latin1"));
    say("keys", await client.getAll().prefix("kv/").sort("Mod", "Descend").keys());
    say("limited", await client.getAll().prefix("kv/").limit(1).keys(), await client.getAll().prefix("kv/").count());
    say("range", await client.getAll().inRange({ start: "kv/a", end: "kv/c" }).keys());
    say(
      "new",
      await client
        .getAll()
        .prefix("kv/")
        .minModRevision(base + 3)
        .keys(),
    );
    const deleted = await client.delete().key("kv/a").getPrevious();
    say("deleted", deleted.length, deleted[0].value.toString(), (await client.delete().prefix("kv/")).deleted);
    say("empty key", await failure(client.put("").value("v")));
    say("future", await failure(client.get("kv/a").revision(base + 1000)));
  },

  async transactions() {
    await client.put("tx/a").value("1");
    const first = await client
      .if("tx/a", "Value", "==", "1")
      .and("tx/b", "Version", "==", 0)
      .then(client.put("tx/a").value("2"), client.get("tx/a"), client.put("tx/b").value("new"))
      .else(client.get("tx/a"))
      .commit();
    say(first.succeeded, first.responses.length, first.responses[1].response_range.kvs[0].value.toString());
    const second = await client
      .if("tx/a", "Create", ">", 100_000)
      .then(client.delete().key("tx/a"))
      .else(client.getAll().prefix("tx/"), client.delete().key("tx/b"))
      .commit();
    say(second.succeeded, second.responses[0].response_range.count, second.responses[1].response_delete_range.deleted);
    const lease = client.lease(10, { autoKeepAlive: false });
    const id = await lease.grant();
    await lease.put("tx/leased").value("x");
    const third = await client.if("tx/leased", "Lease", "==", id).then(client.get("tx/a")).commit();
    say("lease", third.succeeded);
    await lease.revoke();
    const twice = client
      .if("tx/a", "Mod", "!=", 0)
      .then(client.put("tx/a").value("x"), client.put("tx/a").value("y"))
      .commit();
    say("twice", await failure(twice));
  },

  async watches() {
    const base = await revision();
    const seen = [];
    const watcher = await client.watch().prefix("w/").withPreviousKV().create();
    const note = (what) => (kv, previous) =>
      seen.push(`${what} ${kv.key}=${kv.value} +${kv.mod_revision - base} was ${previous?.value ?? "-"}`);
    watcher.on("put", note("put")).on("delete", note("delete"));
    const deletes = [];
    const onlyDeletes = await client.watch().prefix("w/").only("delete").create();
    onlyDeletes.on("data", ({ events }) => deletes.push(...events.map(({ type }) => type)));
    await client.put("w/a").value("1");
    await client.put("w/a").value("2");
    await client.delete().key("w/a");
    await until("three events", () => seen.length === 3 && deletes.length === 1);
    say(seen, deletes);
    await watcher.cancel();
    await client.put("w/a").value("unseen");
    const past = [];
    const history = await client
      .watch()
      .key("w/a")
      .startRevision(String(base + 1))
      .create();
    history.on("data", ({ events }) =>
      past.push(...events.map(({ type, kv }) => `${type} +${kv.mod_revision - base}`)),
    );
    await until("the past", () => past.length === 4);
    say(past, seen.length);
    await history.cancel();
    await onlyDeletes.cancel();

    const watchers = await Promise.all(Array.from({ length: 50 }, () => client.watch().key("w/many").create()));
    let events = 0;
    for (const one of watchers) one.on("put", () => events++);
    for (let i = 0; i < 10; i++) await client.put("w/many").value(i);
    await until("500 events", () => events === 500);
    say("50 watchers", events, new Set(watchers.map(({ id }) => id)).size);
    for (const one of watchers) await one.cancel();

    await client.kv.compact({ revision: String(await revision()), physical: true });
    const refused = client
      .watch()
      .key("w/a")
      .startRevision(String(base + 1));
    say("compacted", await failure(refused.create()));
  },

  async leases() {
    const lease = client.lease(10);
    let lost = null;
    lease.on("lost", (error) => (lost = error));
    const id = await lease.grant();
    await lease.put("lease/a").value("1");
    await client.put("lease/b").lease(id).value("2");
    const info = await client.leaseClient.leaseTimeToLive({ ID: id, keys: true });
    say(info.grantedTTL, info.keys.map(String).sort(), (await client.get("lease/a").exec()).kvs[0].lease === id);
    say("kept alive", (await lease.keepaliveOnce()).TTL);
    await lease.revoke();
    say("revoked", await client.getAll().prefix("lease/").count(), lease.revoked());
    const other = client.lease(10);
    await other.grant();
    const gone = new Promise((resolve) => other.once("lost", (error) => resolve(error.message)));
    await client.leaseClient.leaseRevoke({ ID: await other.grant() });
    say("lost", await failure(other.keepaliveOnce()), (await gone) !== "", lost === null);
    const short = client.lease(1, { autoKeepAlive: false });
    await short.put("lease/short").value("x");
    await until("the expiry", async () => !(await client.get("lease/short").exists()));
    say("expired");
  },

  async locks() {
    let inside = 0;
    let entries = 0;
    const work = async () => {
      for (let round = 0; round < 4; round++) {
        const lock = client.lock("shared").ttl(20);
        // The package does not wait for locks, it tells that they are held.
        for (;;) {
          try {
            await lock.acquire();
            break;
          } catch (error) {
            check(error.constructor.name === "EtcdLockFailedError", String(error));
            await sleep(5);
          }
        }
        inside++;
        check(inside === 1, `${inside} inside`);
        entries++;
        await sleep(2);
        inside--;
        await lock.release();
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    say("entered", entries);
    const held = await client.lock("held").ttl(10).acquire();
    say("second", await failure(client.lock("held").ttl(10).acquire()));
    await held.release();
    say("done", await client.lock("held").do(() => "inside"));
    say("left", await client.getAll().prefix("held").count());
  },

  async elections() {
    const election = client.election("office", 10);
    say("nobody", (await election.leader()) === undefined);
    const observer = await election.observe();
    const leaders = [];
    observer.on("change", (leader) => leaders.push(leader));
    const first = election.campaign("first");
    await first.wait();
    await until("the first leader", () => observer.leader() === "first");
    const second = election.campaign("second");
    let hasSecond = false;
    second.on("elected", () => (hasSecond = true));
    await first.proclaim("first again");
    await until("the proclamation", () => observer.leader() === "first again");
    check(!hasSecond, "two leaders");
    say("leader", await election.leader());
    await first.resign();
    await until("the second leader", () => hasSecond && observer.leader() === "second");
    await second.resign();
    await until("an empty office", () => observer.leader() === undefined);
    say(leaders.filter((leader) => leader !== undefined));
    await observer.cancel();
  },

  async stm() {
    await client.put("stm/sum").value(0);
    const levels = { SerializableSnapshot: 0, Serializable: 1, RepeatableReads: 2, ...Isolation };
    for (const name of ["SerializableSnapshot", "Serializable", "RepeatableReads"]) {
      const work = async (worker) => {
        for (let i = 0; i < 5; i++) {
          await client.stm({ isolation: levels[name], retries: 100 }).transact(async (tx) => {
            const sum = await tx.get("stm/sum").number();
            await tx.put("stm/sum").value(sum + 1);
            await tx.put(`stm/${worker}`).value(i);
          });
        }
      };
      await Promise.all([1, 2, 3].map(work));
      say(name, await client.get("stm/sum").number());
    }
    const refused = client.stm().transact(async (tx) => {
      await tx.put("stm/never").value("x");
      throw new Error("refused");
    });
    say(await failure(refused), await client.get("stm/never").exists());
  },

  async namespaces() {
    const space = client.namespace("space/");
    await space.put("inner").value("1");
    await client.put("inner").value("outer");
    say(await space.getAll().all().strings(), await client.getAll().prefix("space/").keys());
    const watcher = await space.watch().key("inner").create();
    const seen = new Promise((resolve) => watcher.once("put", (kv) => resolve(kv.key.toString())));
    await space.put("inner").value("2");
    say("seen", await seen);
    await watcher.cancel();
    const changed = await space.if("inner", "Value", "==", "2").then(space.delete().key("inner")).commit();
    say(changed.succeeded, await client.get("inner").string(), await space.get("inner").exists());
  },

  async maintenance() {
    const status = await client.maintenance.status();
    const members = await client.cluster.memberList({});
    say(status.version.slice(0, 3), members.members.length, members.members[0].ID === status.leader);
    say("alarms", (await client.maintenance.alarm({ action: "Get" })).alarms.length);
    await client.maintenance.defragment();
    say("hash", (await client.maintenance.hash()).hash !== 0);
    const snapshot = await client.maintenance.snapshot();
    let bytes = 0;
    let left = null;
    await new Promise((resolve, reject) => {
      snapshot.on("data", ({ blob, remaining_bytes }) => {
        bytes += blob.length;
        left = remaining_bytes;
      });
      snapshot.on("end", resolve);
      snapshot.on("error", reject);
    });
    say("snapshot", (bytes - 32) % 512, "left", left);
    say("users", (await client.getUsers()).length, "roles", (await client.getRoles()).length);
    say("auth", await failure(client.auth.authEnable({})));
  },
};

let hasFailed = false;
for (const [name, scenario] of Object.entries(scenarios)) {
  console.log(`== ${name}`);
  try {
    await scenario();
  } catch (error) {
    hasFailed = true;
    console.log(`FAILED: ${error.stack}`);
  }
}
client.close();
process.exit(hasFailed ? 1 : 0);
