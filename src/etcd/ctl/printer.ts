/**
 * What commands print. A command says what it has, one {@link Answer}; a printer knows how its format shows it. Words
 * and shapes are etcdctl's of etcd 3.6, accidents included where scripts may hang on them.
 */
import type {
  AlarmResponse,
  DeleteRangeResponse,
  HashKVResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveResponse,
  MemberListResponse,
  MoveLeaderResponse,
  PutResponse,
  RangeResponse,
  StatusResponse,
  TxnResponse,
  WatchResponse,
} from "../wire/etcdserverpb.ts";
import { CtlError, exitCode } from "./exit.ts";
import { printFields } from "./printer-fields.ts";
import { printJson } from "./printer-json.ts";
import { printProtobuf } from "./printer-protobuf.ts";
import { printSimple } from "./printer-simple.ts";
import { printTable } from "./printer-table.ts";

export type Answer =
  | { readonly kind: "put"; readonly response: PutResponse }
  | { readonly kind: "get"; readonly response: RangeResponse }
  | { readonly kind: "del"; readonly response: DeleteRangeResponse }
  | { readonly kind: "txn"; readonly response: TxnResponse }
  | { readonly kind: "watch"; readonly response: WatchResponse }
  | { readonly kind: "leaseGrant"; readonly response: LeaseGrantResponse }
  | { readonly kind: "leaseRevoke"; readonly id: bigint; readonly response: LeaseRevokeResponse }
  | { readonly kind: "leaseKeepAlive"; readonly response: LeaseKeepAliveResponse }
  | { readonly kind: "leaseTimeToLive"; readonly withKeys: boolean; readonly response: LeaseTimeToLiveResponse }
  | { readonly kind: "leaseLeases"; readonly response: LeaseLeasesResponse }
  | { readonly kind: "memberList"; readonly response: MemberListResponse }
  | { readonly kind: "alarm"; readonly response: AlarmResponse }
  | {
      readonly kind: "moveLeader";
      readonly leader: bigint;
      readonly target: bigint;
      readonly response: MoveLeaderResponse;
    }
  | { readonly kind: "endpointHealth"; readonly rows: readonly EndpointHealth[] }
  | { readonly kind: "endpointStatus"; readonly rows: readonly EndpointStatus[] }
  | { readonly kind: "endpointHashKv"; readonly rows: readonly EndpointHashKv[] }
  | { readonly kind: "snapshotStatus"; readonly status: SnapshotStatus };

export interface EndpointHealth {
  readonly endpoint: string;
  readonly health: boolean;
  /** A Go duration. Empty: nothing was asked. */
  readonly took: string;
  /** Empty: none. */
  readonly error: string;
}

export interface EndpointStatus {
  readonly endpoint: string;
  readonly response: StatusResponse;
}

export interface EndpointHashKv {
  readonly endpoint: string;
  readonly response: HashKVResponse;
}

export interface SnapshotStatus {
  /** CRC-32C over all buckets. */
  readonly hash: number;
  readonly revision: number;
  readonly totalKeys: number;
  readonly totalBytes: number;
  /** The storage version; empty before etcd 3.6. */
  readonly version: string;
}

export interface PrintOptions {
  /** Bytes and ids in hexadecimal, where the format knows that. */
  readonly hex: boolean;
  /** Of keys and values, only the values; for `simple`. */
  readonly valuesOnly: boolean;
}

/** Text and raw bytes, in order, for each of the two outputs. */
export interface Printed {
  out(chunk: string | Uint8Array): void;
  err(chunk: string): void;
}

export type Printer = (answer: Answer, options: PrintOptions, to: Printed) => void;

const printers = {
  simple: printSimple,
  fields: printFields,
  json: printJson,
  table: printTable,
  protobuf: printProtobuf,
} as const satisfies Record<string, Printer>;

export type OutputFormat = keyof typeof printers;

export function isOutputFormat(name: string): name is OutputFormat {
  return Object.hasOwn(printers, name);
}

export function printerOf(format: OutputFormat): Printer {
  return printers[format];
}

export function unsupported(format: OutputFormat): CtlError {
  return new CtlError(exitCode.badFeature, `${format} not supported as output format`);
}
