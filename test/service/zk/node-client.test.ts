import { describeNodeClient } from "../../support/node-client-checks.ts";
import { startScratchZk } from "../../support/zk-in-process.ts";

/* test/peers/node-zookeeper.peer.ts tries the same on a real ZooKeeper, and on facades over real etcds. */
describeNodeClient({
  name: "a server in this process",
  open: async () => {
    const server = await startScratchZk(["--unsafe-no-fsync"]);
    return { port: server.port, close: () => server.stop() };
  },
});
