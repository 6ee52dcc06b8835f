/**
 * When a failed call is sent again, by the rules of etcd's own client:
 *
 *   repeatable   reads and what does no harm twice: on any Unavailable, also etcd's own ("leader changed")
 *   once         writes: only when nothing was sent, because no connection stood
 *
 * Up to 100 attempts. A wait of 25 ms comes after each quorum of attempts, since round robin has met other members
 * meanwhile.
 */
import { grpcCode } from "../rpc/status.ts";
import type { Failure } from "./transport-error.ts";

export type RetryPolicy = "repeatable" | "once";

export const ATTEMPTS_MAX = 100;
export const RETRY_WAIT_MS = 25;

export function mayRetry(policy: RetryPolicy, error: Failure): boolean {
  if (error.code !== grpcCode.unavailable) return false;
  return policy === "repeatable" || nothingWasSent(error);
}

export function waitsAfter(attempt: number, endpoints: number): boolean {
  const quorum = Math.floor(endpoints / 2) + 1;
  return attempt % quorum === 0;
}

/** The words in which grpc-js says that it had no connection to send on. */
function nothingWasSent(error: Failure): boolean {
  return /^(?:round_robin: )?No connection established|^Name resolution failed/.test(error.details);
}
