import { join } from "node:path";
import { describe } from "node:test";
import { javaZooKeeperClassPath } from "../support/java-peer.ts";
import { repository } from "../support/servers.ts";
import { describeChecks } from "../support/zk-checks.ts";
import { facadeOverEtcds, halfOfAnEnsemble } from "../support/zk-read-only-places.ts";

/* ZooKeeper's read-only mode, as its own client and kazoo see it: before, while and after a server cannot write. */
// Most of its time is waiting.
describe("read-only mode", { concurrency: true }, () => {
  describeChecks(
    "ZooKeeper's Java client that can be read-only",
    [
      "a client that can do without writing is connected as any other",
      "when writing is lost, a new client is told that it is read-only",
      "it reads, and watches",
      "it writes nothing",
      "a client that cannot do without writing is not served",
      "a session of before waits for the end of it",
      "when writing is back, the session of before goes on",
      "the read-only client gets a session of its own, and what it watches is told",
    ],
    [halfOfAnEnsemble, facadeOverEtcds(1, 1)],
    () => ({ command: "java", args: (connect) => ["-cp", javaZooKeeperClassPath(), "TryReadOnly", connect] }),
  );

  describeChecks(
    "kazoo that can be read-only",
    ["connected to write", "connected to read", "what was never read is read", "writing again"],
    [facadeOverEtcds(3, 2)],
    () => ({
      command: "python3",
      args: (connect) => [
        join(import.meta.dirname, "python/try_read_only.py"),
        join(repository, ".peers/python"),
        connect,
      ],
    }),
  );
});
