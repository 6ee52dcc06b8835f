/**
 * `-w json`: the structs of etcd's Go client, as encoding/json writes them. Where a struct is a wire message the generic
 * mapping does it; where the client has a struct of its own, its shape stands here.
 */
import type { MemberListResponse, ResponseHeader, StatusResponse, WatchResponse } from "../wire/etcdserverpb.ts";
import { goJson, goJsonBytes, goJsonFields, goJsonString } from "./go-json.ts";
import type { Answer, PrintOptions, Printed } from "./printer.ts";

export function printJson(answer: Answer, options: PrintOptions, to: Printed): void {
  to.out(`${jsonOf(answer, options.hex)}\n`);
}

function jsonOf(answer: Answer, hex: boolean): string {
  switch (answer.kind) {
    case "put":
      return goJson("etcdserverpb.PutResponse", answer.response);
    case "get":
      return goJson("etcdserverpb.RangeResponse", answer.response);
    case "del":
      return goJson("etcdserverpb.DeleteRangeResponse", answer.response);
    case "txn":
      return goJson("etcdserverpb.TxnResponse", answer.response);
    case "watch":
      return watchJson(answer.response);
    case "leaseGrant": {
      const { header, id, ttl, error } = answer.response;
      return withHeader(header, [`"ID":${id}`, `"TTL":${ttl}`, `"Error":${goJsonString(error)}`]);
    }
    case "leaseRevoke":
      return goJson("etcdserverpb.LeaseRevokeResponse", answer.response);
    case "leaseKeepAlive":
      return withHeader(answer.response.header, [`"ID":${answer.response.id}`, `"TTL":${answer.response.ttl}`]);
    case "leaseTimeToLive": {
      const { header, id, ttl, grantedTtl, keys } = answer.response;
      const list = keys.length === 0 ? "null" : `[${keys.map(goJsonBytes).join(",")}]`;
      return withHeader(header, [`"id":${id}`, `"ttl":${ttl}`, `"granted-ttl":${grantedTtl}`, `"keys":${list}`]);
    }
    case "leaseLeases": {
      const list = answer.response.leases.map((lease) => `{"id":${lease.id}}`).join(",");
      return withHeader(answer.response.header, [`"leases":[${list}]`]);
    }
    case "memberList":
      return hex ? hexMemberList(answer.response) : goJson("etcdserverpb.MemberListResponse", answer.response);
    case "alarm":
      return goJson("etcdserverpb.AlarmResponse", answer.response);
    case "moveLeader":
      return goJson("etcdserverpb.MoveLeaderResponse", answer.response);
    case "endpointHealth":
      return list(answer.rows, (row) => {
        const error = row.error === "" ? "" : `,"error":${goJsonString(row.error)}`;
        return `{"endpoint":${goJsonString(row.endpoint)},"health":${row.health},"took":${goJsonString(row.took)}${error}}`;
      });
    case "endpointStatus":
      return list(
        answer.rows,
        (row) => `{"Endpoint":${goJsonString(row.endpoint)},"Status":${statusJson(row.response)}}`,
      );
    case "endpointHashKv":
      return list(
        answer.rows,
        (row) =>
          `{"Endpoint":${goJsonString(row.endpoint)},"HashKV":${goJson("etcdserverpb.HashKVResponse", row.response)}}`,
      );
    case "snapshotStatus": {
      const { hash, revision, totalKeys, totalBytes, version } = answer.status;
      return (
        `{"hash":${hash},"revision":${revision},"totalKey":${totalKeys},"totalSize":${totalBytes}` +
        `,"version":${goJsonString(version)}}`
      );
    }
  }
}

/** A Go slice that was never made is null. */
function list<Row>(rows: readonly Row[], json: (row: Row) => string): string {
  return rows.length === 0 ? "null" : `[${rows.map(json).join(",")}]`;
}

/** A struct that embeds the header: its members come first, on one level with the rest. */
function withHeader(header: ResponseHeader | null, members: readonly string[]): string {
  const first = header ? goJsonFields("etcdserverpb.ResponseHeader", header) : [];
  return `{${[...first, ...members].join(",")}}`;
}

function watchJson(response: WatchResponse): string {
  const header = response.header ? goJson("etcdserverpb.ResponseHeader", response.header) : "{}";
  const events = response.events.map((event) => goJson("mvccpb.Event", event)).join(",");
  const { compactRevision, canceled, created } = response;
  return (
    `{"Header":${header},"Events":[${events}],"CompactRevision":${compactRevision}` +
    `,"Canceled":${canceled},"Created":${created}}`
  );
}

function statusJson(response: StatusResponse): string {
  return goJson("etcdserverpb.StatusResponse", response);
}

/** The one place where etcdctl has ids in hexadecimal in JSON; learners are not marked there. */
function hexMemberList(response: MemberListResponse): string {
  const { clusterId = 0n, memberId = 0n, raftTerm = 0 } = response.header ?? {};
  const header = `{"cluster_id":"${clusterId.toString(16)}","member_id":"${memberId.toString(16)}","raft_term":${raftTerm}}`;
  const members = response.members.map((member) => {
    const urls = (list: readonly string[]): string =>
      list.length === 0 ? "null" : `[${list.map(goJsonString).join(",")}]`;
    return (
      `{"ID":"${member.id.toString(16)}","name":${goJsonString(member.name)}` +
      `,"peerURLs":${urls(member.peerUrls)},"clientURLs":${urls(member.clientUrls)}}`
    );
  });
  return `{"header":${header}${members.length === 0 ? "" : `,"members":[${members.join(",")}]`}}`;
}
