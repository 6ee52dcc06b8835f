/**
 * What a node says about itself, in etcd-io/raft's words: they are what operators search for, and what the data-driven
 * scripts compare. The server's Logger fits this shape.
 */
export interface RaftLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
