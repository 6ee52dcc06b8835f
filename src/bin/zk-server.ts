#!/usr/bin/env node
import { hostname, userInfo } from "node:os";
import { basename } from "node:path";
import { YOUNG_GENERATION_FLAG } from "../heap-growth.ts";
import { packageVersion } from "../version-text.ts";
import { ZOOKEEPER_VERSION } from "../zk-facade/server/version.ts";
import { faultOfConfig } from "../zk-script/config-check.ts";
import { isDirectory, ZkServerScript } from "../zk-script/script.ts";
import { readScriptSettings, type ScriptSettings } from "../zk-script/script-settings.ts";
import { serveFlags } from "../zk-script/serve-flags.ts";

/** ZooKeeper's exit code for a configuration that it cannot use. */
const INVALID_CONFIG = 2;

/**
 * The program `zkServer.sh`: put where ZooKeeper's script stood, whatever starts and stops a ZooKeeper with it starts and
 * stops this server, on the same zoo.cfg.
 */
async function main(argv: readonly string[]): Promise<number> {
  const settings = readScriptSettings(argv, { env: process.env, user: userName(), hostname: hostname(), isDirectory });
  const program = process.argv[1] ?? "zkServer.sh";
  const script = new ZkServerScript(settings, {
    program: basename(program),
    foreground: [
      process.execPath,
      YOUNG_GENERATION_FLAG,
      ...process.execArgv,
      program,
      "start-foreground",
      settings.configPath,
    ],
    fault: () => faultOfConfig(settings.configPath, settings.jvmFlags),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
  switch (settings.action) {
    case "start-foreground":
      return serveInForeground(settings, script);
    case "version":
      process.stdout.write(`Apache ZooKeeper, version ${ZOOKEEPER_VERSION} (Bridgekeeper ${packageVersion()})\n`);
      return 0;
    default:
      return script.run();
  }
}

async function serveInForeground(settings: ScriptSettings, script: ZkServerScript): Promise<number> {
  const { configPath, jvmFlags } = settings;
  const fault = faultOfConfig(configPath, jvmFlags);
  if (fault !== null) {
    process.stderr.write(`${fault}\nInvalid config, exiting abnormally\n`);
    return INVALID_CONFIG;
  }
  if (!script.prepare()) return 1;
  const flags = serveFlags({ dataDir: script.dataDir, configPath, jvmFlags, env: process.env });
  const { runServerProcess } = await import("../server-process.ts");
  return runServerProcess("zkServer.sh", flags);
}

/** A container may run as a user that nobody has named. */
function userName(): string {
  const given = process.env["USER"] ?? "";
  if (given !== "") return given;
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}

// Whatever still waits for something must not keep a server alive that has ended.
process.exit(await main(process.argv.slice(2)));
