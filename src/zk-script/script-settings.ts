import { isAbsolute, join } from "node:path";

/** What a call of the script is about: its words, and what zkEnv.sh makes of the environment. */
export interface ScriptSettings {
  /** `start`, `status` and so on; empty when none was given. */
  readonly action: string;
  /** The zoo.cfg. */
  readonly configPath: string;
  /** ZOOPIDFILE; empty: beside the data. */
  readonly pidFile: string;
  readonly logDir: string;
  /** Where the output of a server goes that was started in the background. */
  readonly outFile: string;
  /** SERVER_JVMFLAGS and JVMFLAGS, of which the system properties count. */
  readonly jvmFlags: string;
  /** The data directory must be there already (ZOO_DATADIR_AUTOCREATE_DISABLE). */
  readonly isAutocreateOff: boolean;
  /** What the script says first. There is no JMX here, but those who read its output expect the line. */
  readonly greeting: string;
}

export interface ScriptHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly user: string;
  readonly hostname: string;
  isDirectory(path: string): boolean;
}

const SYSTEM_CONFIG_DIR = "/etc/zookeeper/conf";

/**
 * Reads `[--config DIR] ACTION [CONFIG]` and the environment, as ZooKeeper's scripts read them. Without a word about it,
 * the zoo.cfg is looked for in `conf` here, and else where a system has it.
 */
export function readScriptSettings(argv: readonly string[], { env, ...host }: ScriptHost): ScriptSettings {
  const given = (name: string): string => env[name] ?? "";
  const hasDirectory = argv[0] === "--config" && argv.length > 1;
  const [action = "", config = ""] = hasDirectory ? argv.slice(2) : argv;
  const directory = hasDirectory ? argv[1]! : given("ZOOCFGDIR");
  const configDir = directory || (host.isDirectory("conf") ? "conf" : SYSTEM_CONFIG_DIR);
  const logDir = given("ZOO_LOG_DIR") || "logs";
  const jmxDisable = given("JMXDISABLE");
  return {
    action,
    configPath: configPathOf(configDir, config || given("ZOOCFG") || "zoo.cfg"),
    pidFile: given("ZOOPIDFILE"),
    logDir,
    outFile: join(logDir, `zookeeper-${host.user}-server-${host.hostname}.out`),
    jvmFlags: `${given("SERVER_JVMFLAGS")} ${given("JVMFLAGS")}`,
    isAutocreateOff: given("ZOO_DATADIR_AUTOCREATE_DISABLE") !== "",
    greeting:
      jmxDisable === "" || jmxDisable === "false" ? "ZooKeeper JMX enabled by default" : "JMX disabled by user request",
  };
}

/** A name is a file in the configuration directory; a path stands for itself. */
function configPathOf(configDir: string, config: string): string {
  return config.includes("/") || isAbsolute(config) ? config : join(configDir, config);
}
