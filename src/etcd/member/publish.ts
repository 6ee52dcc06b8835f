import { formatMilliseconds } from "../base/go-duration.ts";
import { newClusterMemberAttrSetRequest } from "../wire/membershippb.ts";
import { hexId } from "./ids.ts";
import type { MemberCore } from "./member-core.ts";
import type { Proposer } from "./proposer.ts";
import { minorOf } from "./versions.ts";

/** Tells the cluster this member's name and doors, and lets the leader decide the cluster's version. */
export async function publish(
  { options, parts, replica, requestTimeoutMs }: MemberCore,
  proposer: Proposer,
): Promise<void> {
  const { memberId, clusterId, name, clientUrls, clusterVersion } = options;
  const { logger } = parts;
  const memberAttributes = { name, clientUrls: [...clientUrls] };
  await proposer.propose("clusterMemberAttrSet", newClusterMemberAttrSetRequest({ memberId, memberAttributes }));
  logger.info("published local member to cluster through raft", {
    "local-member-id": hexId(memberId),
    "local-member-attributes": `{Name:${name} ClientURLs:[${clientUrls.join(" ")}]}`,
    "cluster-id": hexId(clusterId),
    "publish-timeout": formatMilliseconds(requestTimeoutMs),
  });
  const before = replica.membership.clusterVersion;
  if (before === clusterVersion) return;
  await proposer.propose("clusterVersionSet", { ver: clusterVersion });
  logger.info(before === null ? "set initial cluster version" : "updated cluster version", {
    "cluster-id": hexId(clusterId),
    "local-member-id": hexId(memberId),
    "cluster-version": minorOf(clusterVersion),
  });
  logger.info("enabled capabilities for version", { "cluster-version": minorOf(clusterVersion) });
}
