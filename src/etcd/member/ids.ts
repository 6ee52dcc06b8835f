import { createHash } from "node:crypto";

/** The first eight bytes of a SHA-1, as etcd takes its ids from it. */
function idOf(...parts: readonly (string | Uint8Array)[]): bigint {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest().readBigUInt64BE(0);
}

/** The id of a member that bootstraps a cluster: from its peer URLs and the cluster's token. */
export function bootstrapMemberId(peerUrls: readonly string[], clusterToken: string): bigint {
  return idOf([...peerUrls].sort().join("") + clusterToken);
}

/** The cluster's id: from the ids of its first members; it never changes afterwards. */
export function clusterIdOf(memberIds: readonly bigint[]): bigint {
  const sorted = [...memberIds].sort((a, b) => (a < b ? -1 : 1));
  return idOf(
    ...sorted.map((id) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(id);
      return bytes;
    }),
  );
}

/** Ids are shown in hexadecimal, lower case, without padding. */
export function hexId(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16);
}
