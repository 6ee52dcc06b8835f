/**
 * `-w protobuf`: the response's bytes. Of lease responses etcdctl writes the header alone, since they are wrapped in a
 * struct of its own that lends out the header's encoder; so does this.
 */
import {
  encodeAlarmResponse,
  encodeDeleteRangeResponse,
  encodeLeaseRevokeResponse,
  encodeMemberListResponse,
  encodeMoveLeaderResponse,
  encodePutResponse,
  encodeRangeResponse,
  encodeResponseHeader,
  encodeTxnResponse,
  encodeWatchResponse,
  newResponseHeader,
  newWatchResponse,
} from "../wire/etcdserverpb.ts";
import { unsupported, type Answer, type PrintOptions, type Printed } from "./printer.ts";

export function printProtobuf(answer: Answer, _options: PrintOptions, to: Printed): void {
  to.out(encode(answer));
}

function encode(answer: Answer): Uint8Array {
  switch (answer.kind) {
    case "put":
      return encodePutResponse(answer.response);
    case "get":
      return encodeRangeResponse(answer.response);
    case "del":
      return encodeDeleteRangeResponse(answer.response);
    case "txn":
      return encodeTxnResponse(answer.response);
    case "watch": {
      const { header, events, compactRevision, canceled, created } = answer.response;
      return encodeWatchResponse(newWatchResponse({ header, events, compactRevision, canceled, created }));
    }
    case "leaseGrant":
    case "leaseKeepAlive":
    case "leaseTimeToLive":
    case "leaseLeases":
      return encodeResponseHeader(answer.response.header ?? newResponseHeader());
    case "leaseRevoke":
      return encodeLeaseRevokeResponse(answer.response);
    case "memberList":
      return encodeMemberListResponse(answer.response);
    case "alarm":
      return encodeAlarmResponse(answer.response);
    case "moveLeader":
      return encodeMoveLeaderResponse(answer.response);
    case "endpointHealth":
    case "endpointStatus":
    case "endpointHashKv":
    case "snapshotStatus":
      throw unsupported("protobuf");
  }
}
