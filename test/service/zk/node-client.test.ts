import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeNodeClient } from "../../support/node-client-checks.ts";
import { startZkInProcess } from "../../support/zk-in-process.ts";

/* test/peers/node-zookeeper.peer.ts tries the same on a real ZooKeeper, and on facades over real etcds. */
describeNodeClient({
  name: "a server in this process",
  open: async () => {
    const directory = mkdtempSync(join(tmpdir(), "node-client-"));
    const server = await startZkInProcess(join(directory, "data"), ["--unsafe-no-fsync"]);
    return {
      port: server.port,
      close: async () => {
        await server.stop();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
});
