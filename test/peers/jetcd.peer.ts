import { existsSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../support/servers.ts";
import { describeTellings, tellOnce } from "../support/tellings.ts";

/* jetcd, etcd's client for Java, whose jars install.ts puts into .peers/java/lib. Java runs the source as it is. */
const source = join(import.meta.dirname, "java/TryJetcd.java");
const jars = join(repository, ".peers/java/lib");
const scenarios = ["kv", "transactions", "watches", "leases", "locks", "elections", "maintenance"];

describeTellings("jetcd", scenarios, () => {
  if (!existsSync(join(jars, "jetcd-core-0.8.5.jar"))) {
    throw new Error("jetcd is missing: run test/peers/install.ts");
  }
  return tellOnce("java", (endpoint) => ["-cp", join(jars, "*"), source, endpoint]);
});
