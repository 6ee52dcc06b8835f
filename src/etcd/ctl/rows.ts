/** What `simple` and `table` show alike: one row per member or endpoint. */
import type { MemberListResponse } from "../wire/etcdserverpb.ts";
import { humanBytes } from "../base/human-bytes.ts";
import type { EndpointHashKv, EndpointHealth, EndpointStatus, SnapshotStatus } from "./printer.ts";
import type { Table } from "./table.ts";

export function memberTable(response: MemberListResponse): Table {
  return {
    header: ["ID", "Status", "Name", "Peer Addrs", "Client Addrs", "Is Learner"],
    rows: response.members.map((member) => [
      member.id.toString(16),
      member.name === "" ? "unstarted" : "started",
      member.name,
      member.peerUrls.join(","),
      member.clientUrls.join(","),
      String(member.isLearner),
    ]),
  };
}

export function endpointHealthTable(rows: readonly EndpointHealth[]): Table {
  return {
    header: ["endpoint", "health", "took", "error"],
    rows: rows.map((row) => [row.endpoint, String(row.health), row.took, row.error]),
  };
}

export function endpointStatusTable(rows: readonly EndpointStatus[]): Table {
  return {
    header: [
      "endpoint",
      "ID",
      "version",
      "storage version",
      "db size",
      "in use",
      "percentage not in use",
      "quota",
      "is leader",
      "is learner",
      "raft term",
      "raft index",
      "raft applied index",
      "errors",
      "downgrade target version",
      "downgrade enabled",
    ],
    rows: rows.map(({ endpoint, response }) => {
      const memberId = response.header?.memberId ?? 0n;
      return [
        endpoint,
        memberId.toString(16),
        response.version,
        response.storageVersion,
        humanBytes(response.dbSize),
        humanBytes(response.dbSizeInUse),
        `${percentageNotInUse(response)}%`,
        humanBytes(response.dbSizeQuota),
        String(response.leader === memberId),
        String(response.isLearner),
        String(response.raftTerm),
        String(response.raftIndex),
        String(response.raftAppliedIndex),
        response.errors.join(", "),
        response.downgradeInfo?.targetVersion ?? "",
        String(response.downgradeInfo?.enabled ?? false),
      ];
    }),
  };
}

export function endpointHashKvTable(rows: readonly EndpointHashKv[]): Table {
  return {
    header: ["endpoint", "hash", "hash_revision"],
    rows: rows.map(({ endpoint, response }) => [endpoint, String(response.hash), String(response.hashRevision)]),
  };
}

export function snapshotStatusTable(status: SnapshotStatus): Table {
  return {
    header: ["hash", "revision", "total keys", "total size", "version"],
    rows: [
      [
        status.hash.toString(16),
        String(status.revision),
        String(status.totalKeys),
        humanBytes(status.totalBytes),
        status.version,
      ],
    ],
  };
}

function percentageNotInUse(sizes: { readonly dbSize: number; readonly dbSizeInUse: number }): number {
  return sizes.dbSize === 0 ? 0 : 100 - Math.floor((sizes.dbSizeInUse * 100) / sizes.dbSize);
}
