#!/usr/bin/env node
import { runServerProcess } from "../server-process.ts";

/** etcd's proxies have subcommands of the same program. */
const proxies = ["gateway", "grpc-proxy"];

/** The program `etcd`: put where etcd's binary stood, scripts and supervisors go on working. */
async function main(argv: readonly string[]): Promise<number> {
  const [command = ""] = argv;
  if (proxies.includes(command)) {
    process.stderr.write(`etcd ${command}: not supported yet\n`);
    return 1;
  }
  return runServerProcess("etcd", argv);
}

// Whatever still waits for something must not keep a server alive that has ended.
process.exit(await main(process.argv.slice(2)));
