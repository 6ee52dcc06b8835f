import type { LogRotation } from "../base/log-file.ts";
import { logLevels } from "../base/zap-logger.ts";
import type { LogConfig } from "./config.ts";
import { ConfigError } from "./config-note.ts";
import type { FlagValues } from "./flag-table.ts";

/** What the log is until the settings are known, and when they cannot be read: etcd's default. */
export const defaultLogConfig: LogConfig = { level: "info", format: "json", outputs: ["stderr"], rotation: null };

const streams = ["default", "stderr", "stdout"];

/** Throws {@link ConfigError} in etcd's words. */
export function buildLogConfig(values: FlagValues): LogConfig {
  if (values.logger === "capnslog") throw new ConfigError("--logger=capnslog is removed in v3.5");
  if (values.logger !== "zap") throw new ConfigError(`unknown logger option ${JSON.stringify(values.logger)}`);

  const outputs = values["log-outputs"].length === 0 ? ["default"] : values["log-outputs"];
  if (outputs.length > 1 && outputs.includes("default")) {
    throw new ConfigError('multi logoutput for "default" is not supported yet');
  }
  if (outputs.includes("systemd/journal")) {
    throw new ConfigError("--log-outputs=systemd/journal is not supported yet");
  }
  const rotation = values["enable-log-rotation"] ? buildRotation(outputs, values["log-rotation-config-json"]) : null;

  const format = values["log-format"] === "" ? "json" : values["log-format"];
  if (format !== "json" && format !== "console") {
    throw new ConfigError(`unknown log format: ${format}, supported values json, console`);
  }
  return Object.freeze({ level: parseLevel(values["log-level"]), format, outputs: resolveOutputs(outputs), rotation });
}

function parseLevel(text: string): LogConfig["level"] {
  const word = text.toLowerCase();
  if (word === "") return "info";
  const level = logLevels.find((candidate) => candidate === (word === "warning" ? "warn" : word));
  if (level === undefined) throw new ConfigError(`unrecognized level: ${JSON.stringify(text)}`);
  return level;
}

function resolveOutputs(outputs: readonly string[]): readonly string[] {
  // etcd's way to have no log at all.
  if (outputs.includes("/dev/null")) return [];
  return [...new Set(outputs.map((output) => (output === "default" ? "stderr" : output)))];
}

function buildRotation(outputs: readonly string[], json: string): LogRotation {
  if (outputs.filter((output) => !streams.includes(output)).length !== 1) {
    throw new ConfigError("--log-outputs requires a single file path when --log-rotate-config-json is defined");
  }
  let config: unknown;
  try {
    config = JSON.parse(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`improperly formatted log rotation config: ${reason}`);
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new ConfigError("invalid log rotation config: not an object");
  }
  const members = new Map(Object.entries(config));
  const megabytes = readNumber(members, "maxsize");
  return {
    // 0 and nothing at all mean the default of the rotation library that etcd uses.
    maxSizeMegabytes: megabytes === 0 ? 100 : megabytes,
    maxAgeDays: readNumber(members, "maxage"),
    maxBackups: readNumber(members, "maxbackups"),
    localTime: readBoolean(members, "localtime"),
    compress: readBoolean(members, "compress"),
  };
}

function readNumber(members: ReadonlyMap<string, unknown>, key: string): number {
  const value = members.get(key) ?? 0;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ConfigError(`invalid log rotation config: ${key} must be a whole number`);
}

function readBoolean(members: ReadonlyMap<string, unknown>, key: string): boolean {
  const value = members.get(key) ?? false;
  if (typeof value === "boolean") return value;
  throw new ConfigError(`invalid log rotation config: ${key} must be true or false`);
}
