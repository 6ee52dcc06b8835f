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

export type LogFields = Readonly<Record<string, unknown>>;

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
