import { existsSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../support/servers.ts";
import { describeChecks } from "../support/zk-checks.ts";
import { everyPlace } from "../support/zk-places.ts";

/* kazoo, ZooKeeper's client for Python, which install.ts puts into .peers/python. */
const script = join(import.meta.dirname, "python/try_kazoo.py");
const packages = join(repository, ".peers/python");
const names = [
  ...["create, get, set, delete", "create with path and stat", "sequential and ephemeral"],
  ...["unicode paths and large values", "children with stat", "one-shot watches", "events before replies"],
  ...["transaction", "pipelined requests", "auth and ACL", "chroot", "four-letter words"],
  ...["lock", "read and write locks, semaphore", "a lock passes on when its holder's session ends"],
  ...["election", "barriers", "queues", "party", "counter", "data and children watches", "tree cache"],
  ...[
    "nothing is lost when the server is disturbed",
    "a cut connection keeps its session",
    "session expiry",
    "a silent client loses its session",
  ],
];

describeChecks("kazoo", names, everyPlace, () => {
  if (!existsSync(join(packages, "kazoo"))) throw new Error("kazoo is missing: run test/peers/install.ts");
  return { command: "python3", args: (connect) => [script, packages, connect] };
});
