import type { Acl, Identity } from "../wire/messages.ts";
import type { AclRules } from "./rules.ts";
import { matchesId } from "./schemes.ts";

/**
 * Whether somebody may do what one of the permissions in `wanted` (a mask of Perms) is needed for: one entry that grants
 * any of them and matches any identity is enough. An empty list grants all.
 */
export function isPermitted(
  acl: readonly Acl[],
  wanted: number,
  identities: readonly Identity[],
  rules: AclRules,
): boolean {
  if (rules.skipAcl || acl.length === 0) return true;
  for (const entry of acl) {
    if ((entry.perms & wanted) !== 0 && isMatched(entry, identities, rules)) return true;
  }
  return isSuper(identities);
}

export function isSuper(identities: readonly Identity[]): boolean {
  for (const { scheme } of identities) if (scheme === "super") return true;
  return false;
}

function isMatched(entry: Acl, identities: readonly Identity[], rules: AclRules): boolean {
  if (entry.scheme === "world" && entry.id === "anyone") return true;
  for (const identity of identities) {
    if (identity.scheme === entry.scheme && matchesId(identity, entry.id, rules)) return true;
  }
  return false;
}
