import { Program } from "../support/program.ts";
import { buildGoPeer } from "../support/servers.ts";
import { describeTellings, type Tell } from "../support/tellings.ts";

/* etcd's own Go client, of the current release, tries a server with everything it has: see go/clientv3. */
const scenarios = [
  ...["kv", "txn", "hash", "errors", "large values"],
  ...["watch", "watch from the past", "watch with fragments", "watch compacted", "many watchers"],
  ...["lease", "lease expiry", "session", "mutex", "election", "stm", "recipes"],
  ...["leasing", "namespace", "ordering", "mirror", "naming"],
  ...["maintenance", "snapshot", "cluster", "auth"],
  ...["health service", "lock service", "election service", "restart"],
];

describeTellings("etcd's Go client", scenarios, () => {
  const binary = buildGoPeer("clientv3");
  const tell: Tell = async (start, dataDir) => {
    let server = await start({ dataDir });
    const program = new Program(binary, ["--endpoint", server.endpoint], { timeoutMs: 240_000 });
    try {
      await program.printed(/^-- restart$/m, 200_000);
      await server.kill();
      server = await start({ dataDir, clientPort: Number(server.endpoint.split(":")[1]) });
      program.write("restarted\n");
      return await program.ended;
    } finally {
      program.signal("SIGKILL");
      await server.stop();
    }
  };
  return tell;
});
