import { formatMember } from "../apply/membership.ts";
import { hexId } from "./ids.ts";
import type { MemberCore } from "./member-core.ts";
import type { MemberOptions } from "./member-options.ts";

type Identity = Pick<MemberOptions, "memberId" | "name" | "peerUrls">;

/** This member as the first entry of its cluster's log names it. */
export function asPeer({ memberId: id, name, peerUrls }: Identity): { id: bigint; context: Uint8Array } {
  return { id, context: Buffer.from(formatMember({ id, name, peerUrls, clientUrls: [], isLearner: false })) };
}

/** Throws if it was restarted with flags that fit neither the name nor a peer URL of the member that this data is of. */
export function checkOwnership({ options, replica }: MemberCore): void {
  const { memberId, name, peerUrls } = options;
  const recorded = replica.membership.member(memberId);
  if (recorded === undefined || recorded.name === "" || recorded.name === name) return;
  if (recorded.peerUrls.some((url) => peerUrls.includes(url))) return;
  throw new Error(
    `the data directory belongs to another member: ${hexId(memberId)}, named ${JSON.stringify(recorded.name)} ` +
      `with peer URLs ${recorded.peerUrls.join(",")}, while this one is ${JSON.stringify(name)} with ${peerUrls.join(",")}`,
  );
}
