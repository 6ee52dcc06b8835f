import { javaZooKeeper35ClassPath, javaZooKeeperClassPath } from "../support/java-peer.ts";
import { describeChecks } from "../support/zk-checks.ts";
import { everyPlace, ourServer, realZooKeeper } from "../support/zk-places.ts";

/* ZooKeeper's own client for Java, and Curator upon it: see java-zookeeper. */
describeChecks(
  "ZooKeeper's Java client",
  [
    ...["create, get, set, delete", "stat", "create modes", "every call, asynchronously"],
    ...["null and empty data, large values", "one-shot watches", "persistent watches", "recursive watches"],
    ...["removing watches", "multi", "failed multi", "multi of reads", "ephemerals and counts", "ACL", "who am I"],
    ...["failed authentication", "chroot", "paths", "configuration", "pipelined order"],
    ...["session taken up with its id and password", "session refused with a wrong password"],
    ...[
      "nothing is lost when the server is disturbed",
      "watches over a cut connection",
      "session expiry",
      "closing a session",
    ],
  ],
  everyPlace,
  () => ({ command: "java", args: (connect) => ["-cp", javaZooKeeperClassPath(), "TryZooKeeper", connect] }),
);

describeChecks(
  "ZooKeeper's Java client of version 3.5",
  [
    ...["create, get, set, delete", "create modes", "watches", "multi", "ACL"],
    ...["session taken up with its id and password", "a cut connection"],
  ],
  [realZooKeeper, ourServer],
  () => ({ command: "java", args: (connect) => ["-cp", javaZooKeeper35ClassPath(), "TryZooKeeper35", connect] }),
);

describeChecks(
  "Curator",
  [
    ...["framework", "protected creates", "transactions", "mutex", "mutex of a dead holder", "read-write lock"],
    ...["semaphore", "leader latch", "leader selector", "curator cache", "path children cache", "node cache"],
    ...["persistent watcher", "queue", "barrier", "double barrier", "group member", "persistent node", "atomic long"],
    ...["shared count", "a lock is kept when the server is disturbed", "a cut connection", "session expiry"],
  ],
  everyPlace,
  () => ({ command: "java", args: (connect) => ["-cp", javaZooKeeperClassPath(), "TryCurator", connect] }),
);
