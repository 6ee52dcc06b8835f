/**
 * What every part may say. One event, one message, in etcd's words where etcd has them; what varies goes in fields.
 * The real one writes zap-shaped JSON lines (`base/zap-logger.ts`).
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that makes further ones for the parts of a program. */
export interface PartLogger extends Logger {
  /** For the part in this file: `member/member.ts`. */
  from(caller: string): PartLogger;
  /** Its lines carry a name, as etcd's raft lines do. */
  named(name: string): PartLogger;
}

export type LogFields = Readonly<Record<string, unknown>>;

const ignore = (): void => undefined;

export const silentLogger: PartLogger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  from: () => silentLogger,
  named: () => silentLogger,
};
