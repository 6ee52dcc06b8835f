import type { FacadeOptions, RealZooKeeperOptions } from "../../../support/zk-servers.ts";

/**
 * How the compared servers are set up alike, and what may differ between them. Each difference has its place in the
 * code that forgets it or does not ask for it; this is the list of them.
 *
 * Ours and ZooKeeper 3.9, forgotten by `tell`:
 * - zxids are revisions of the store: other numbers, in the same order, equal where they are equal.
 * - a write that fails, a multi of checks alone and an empty multi take no zxid of ours: the revision of an etcd store does
 *   not grow when nothing changes.
 * - what stands behind the header of a multi that is refused as a whole.
 *
 * Ours and ZooKeeper 3.9, not asked for by `Generator`, since the real server's answer is a defect or a race:
 * - deleteContainer from a client removes any empty znode, whatever its ACL says: ours refuses it.
 * - createTTL with a negative TTL and flags that are none of a TTL's ends the real server's pipeline for ever.
 * - requests pipelined behind a setACL are checked against the old ACL or the new one, as it happens.
 * - setWatches2 with persistent watches: ours tells what they missed since the client's zxid, the real server nothing. They
 *   are only sent with a zxid of 0, where both tell nothing.
 * - a null id in an ACL, which no client can send: the real server fails while it looks at the entry, so what it answers
 *   depends on what stands in front of it.
 * - an unknown opcode is answered before or behind the requests in front of it, as it happens.
 *
 * ZooKeeper 3.9 and 3.8, by the options `forgetEventZxids` and `forOld`:
 * - events carry no zxid in 3.8.
 * - exists needs READ, and events are only sent to who may READ, in 3.9: only ACLs are used that let everyone READ.
 * - watches of several modes on one path displace each other in 3.8: a scenario keeps to one mode.
 * - the types 4 and 5 of removeWatches and checkWatches are new, 1 and 2 also found persistent watches, and checkWatches
 *   finds those of other connections in 3.8: left out where it matters.
 * - addWatch without a path is taken by 3.8, whose connection then cannot end.
 * - check outside a multi is not answered by 3.8.
 * - create2 within a multi is answered as create by 3.8.
 * - in a multi, unknown flags and a missing ACL are results of their own in 3.8, where 3.9 refuses the whole request.
 * - IPv6 addresses in ACLs are new in 3.9.
 */

const superDigest = "super:lK75jTNcA+U9vtVEw5vB51mj/w4=";

interface Pace {
  readonly tickTimeMs: number;
  /** How often containers and TTLs are looked after. */
  readonly containerCheckMs: number;
}

/** Nothing happens by itself while a scenario is played. */
export const calm: Pace = { tickTimeMs: 10_000, containerCheckMs: 100_000_000 };
/** Sessions and containers end while one waits. */
export const quick: Pace = { tickTimeMs: 200, containerCheckMs: 200 };

const properties = ({ containerCheckMs }: Pace): Record<string, string> => ({
  "zookeeper.extendedTypesEnabled": "true",
  "zookeeper.DigestAuthenticationProvider.superDigest": superDigest,
  "znode.container.checkIntervalMs": `${containerCheckMs}`,
});

export function realOptions(pace: Pace): RealZooKeeperOptions {
  return { config: [`tickTime=${pace.tickTimeMs}`], properties: properties(pace) };
}

export function facadeOptions(pace: Pace): FacadeOptions {
  const given = Object.entries(properties(pace)).map(([name, value]) => `-D${name}=${value}`);
  return { flags: ["--zk-tick-time", `${pace.tickTimeMs}`, "--zk-max-client-cnxns", "0", ...given] };
}
