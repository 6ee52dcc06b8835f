import type { LogFields } from "../base/logger.ts";
import type { LogConfig } from "./config.ts";

/** A line for the log about the settings. It waits, because the settings say what the log is like. */
export interface ConfigNote {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly fields: LogFields;
}

/** Settings with which a server must not start. The message is for people, and etcd's where etcd has one. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** The log the settings asked for, when that much of them was sound. */
  readonly log: LogConfig | null;
  /** What was worth saying before the error. */
  readonly notes: readonly ConfigNote[];

  constructor(message: string, context: { log?: LogConfig | null; notes?: readonly ConfigNote[] } = {}) {
    super(message);
    this.log = context.log ?? null;
    this.notes = context.notes ?? [];
  }
}
