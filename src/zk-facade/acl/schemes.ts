import type { Identity } from "../wire/messages.ts";
import { isDistinguishedName } from "./distinguished-name.ts";
import { isWithin, parseAddress, parseAddressBlock } from "./ip-address.ts";
import type { AclRules } from "./rules.ts";

/** May this stand in an ACL? World and auth are not asked for here: they are no schemes with ids of their own. */
export function isValidId(scheme: string, id: string, rules: AclRules): boolean {
  switch (scheme) {
    case "ip":
      return parseAddressBlock(id) !== null;
    case "digest":
      return rules.isDigestEnabled && isDigest(id);
    case "sasl":
      return rules.schemes.has(scheme) && isPrincipal(id);
    case "x509":
      return rules.schemes.has(scheme) && isDistinguishedName(id);
    default:
      return rules.schemes.has(scheme);
  }
}

/** Does an identity have what an ACL entry of the same scheme grants? */
export function matchesId(identity: Identity, aclId: string, rules: AclRules): boolean {
  switch (identity.scheme) {
    case "ip":
      return isAddressWithin(identity.id, aclId);
    case "digest":
      return rules.isDigestEnabled && identity.id === aclId;
    case "sasl":
      if (!rules.schemes.has("sasl")) return false;
      return identity.id === aclId || identity.id === "super" || aclId === rules.anySaslId;
    case "x509":
      return rules.schemes.has("x509") && (identity.id === aclId || identity.id === rules.x509SuperUser);
    default:
      return rules.schemes.has(identity.scheme) && identity.id === aclId;
  }
}

/** Identities that somebody proved; an address proves nothing, and super stands beside a proof. */
export function isAuthenticated({ scheme }: Identity, rules: AclRules): boolean {
  return scheme === "digest" ? rules.isDigestEnabled : rules.schemes.has(scheme);
}

/** Two parts, the second not empty, as Java splits at colons: it forgets empty parts at the end. So "a:b:" is valid. */
function isDigest(id: string): boolean {
  let end = id.length;
  while (end > 0 && id[end - 1] === ":") end--;
  const colon = id.indexOf(":");
  return colon >= 0 && colon < end && id.lastIndexOf(":", end - 1) === colon;
}

/** A Kerberos name; a text without "@" is taken for a name without a realm. */
function isPrincipal(id: string): boolean {
  return !id.includes("@") || /^[^/@]*(\/[^/@]*)?@[^/@]*$/.test(id);
}

function isAddressWithin(address: string, aclId: string): boolean {
  const block = parseAddressBlock(aclId);
  const bytes = parseAddress(address);
  return block !== null && bytes !== null && isWithin(block, bytes);
}
