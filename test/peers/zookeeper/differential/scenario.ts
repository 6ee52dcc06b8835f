import type { OpName, RequestFields } from "../../../support/zk-records.ts";

/**
 * What some sessions do, as plain data that is the same for both servers. The sign `@` in any text stands for the name
 * of the scenario's own top znode, so that one server can play many scenarios, and one scenario many times.
 * A text `*N` as data stands for N bytes.
 */
export interface Scenario {
  readonly seed: number;
  /** Touches nothing outside the scenario's own znodes, so that others may run beside it. */
  readonly isLocal: boolean;
  readonly steps: readonly Step[];
}

export type Step =
  /** Opens a session in a slot; whatever stood there stays open and is forgotten. */
  | { readonly kind: "open"; readonly slot: number; readonly options: OpenOptions }
  /** Sends requests without waiting in between, then waits for all replies. */
  | { readonly kind: "send"; readonly slot: number; readonly requests: readonly Request[] }
  /** Sends a frame that is none, or too short for a request. */
  | { readonly kind: "frame"; readonly slot: number; readonly hex: string }
  /** Ends the connection, not the session. */
  | { readonly kind: "drop"; readonly slot: number }
  /** Takes the slot's session up again on a new connection; the old one may be still open. */
  | { readonly kind: "reattach"; readonly slot: number; readonly options: ReattachOptions }
  | { readonly kind: "silence"; readonly ms: number };

export interface OpenOptions {
  readonly timeoutMs: number;
  /** Null leaves the byte out. */
  readonly readOnly: boolean | null;
  /** Hex; null is a null buffer. */
  readonly password: string | null;
  /** Sent right behind the connect request. */
  readonly requests: readonly Request[];
}

export interface ReattachOptions {
  readonly timeoutMs: number;
  readonly readOnly: boolean | null;
  readonly password: "right" | "wrong" | "short";
  /** `seen`: of the slot's last reply; `ahead`: more than the server can have. */
  readonly lastZxidSeen: "zero" | "seen" | "ahead";
  readonly requests: readonly Request[];
}

/**
 * A request in the terms of the tests' client. In setWatches, `relativeZxid` counts the scenario's successful writes:
 * n stands for the zxid of the n-th one, -1 for 0, and a number past the end for the last zxid the slot has seen.
 */
export type Request = (
  | { readonly [Op in OpName]: { readonly op: Op; readonly fields: RequestFields[Op] } }[OpName]
  | { readonly op: "raw"; readonly opCode: number; readonly hex: string }
) & {
  /** Left out: the next one of the connection. */
  readonly xid?: number;
  /** Leaves off this many bytes at the end of the body (all when there are fewer); negative adds bytes. */
  readonly cut?: number;
};

/** The same steps for a top znode of this name. */
export function place<Value>(value: Value, top: string): Value {
  return placed(value, top) as Value;
}

function placed(value: unknown, top: string): unknown {
  if (typeof value === "string") {
    if (/^\*\d+$/.test(value)) return "x".repeat(Number(value.slice(1)));
    return value.replaceAll("@", top);
  }
  if (Array.isArray(value)) return value.map((item) => placed(item, top));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, placed(inner, top)]));
}
