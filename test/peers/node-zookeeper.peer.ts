import { describeNodeClient } from "../support/node-client-checks.ts";
import { everyPlace } from "../support/zk-places.ts";

/* node-zookeeper-client, the old client of Node programs. */
for (const place of everyPlace) describeNodeClient(place);
