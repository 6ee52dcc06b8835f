import { existsSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../support/servers.ts";
import { describeTellings, tellOnce } from "../support/tellings.ts";

/* The npm package etcd3, which install.ts puts into .peers/npm: it must not be among the packages of this project. */
const script = join(import.meta.dirname, "npm/try-etcd3.mjs");
const packages = join(repository, ".peers/npm");
const scenarios = [
  ...["kv", "transactions", "watches", "leases", "locks", "elections", "stm", "namespaces", "maintenance"],
];

describeTellings("npm etcd3", scenarios, () => {
  if (!existsSync(join(packages, "node_modules/etcd3"))) {
    throw new Error("the npm package etcd3 is missing: run test/peers/install.ts");
  }
  return tellOnce(process.execPath, (endpoint) => [script, packages, endpoint]);
});
