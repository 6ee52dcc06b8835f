import { buildGoPeer } from "../support/servers.ts";
import { describeChecks } from "../support/zk-checks.ts";
import { everyPlace } from "../support/zk-places.ts";

/* go-zookeeper, the client of most Go programs: see go/zkclient. */
const names = [
  ...["create, get, set, delete", "sequential, ephemeral, container, TTL", "one-shot watches", "multi", "auth and ACL"],
  ...["large values and many children", "many requests at once", "lock", "protected creates"],
  ...[
    "nothing is lost when the server is disturbed",
    "watches and session over a cut connection",
    "session expiry",
    "four-letter words",
  ],
];

describeChecks("go-zookeeper", names, everyPlace, () => ({
  command: buildGoPeer("zkclient"),
  args: (connect) => [connect],
}));
