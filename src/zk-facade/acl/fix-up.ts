import { isOpen, OPEN_ACL } from "../tree/record.ts";
import type { Acl, Identity } from "../wire/messages.ts";
import type { AclRules } from "./rules.ts";
import { isAuthenticated, isValidId } from "./schemes.ts";

/**
 * The list that create and setACL store for the one that they were given, or null for an invalid one (-114). Repeated
 * entries go; "auth" becomes all that the connection has proved, in its place, even if that repeats an entry.
 */
export function fixUpAcl(
  given: readonly Acl[] | null,
  identities: readonly Identity[],
  rules: AclRules,
): readonly Acl[] | null {
  if (given === null || given.length === 0) return null;
  if (isOpen(given)) return OPEN_ACL;
  const fixed: Acl[] = [];
  for (const entry of distinct(given)) {
    if (entry.scheme === "world" && entry.id === "anyone") {
      fixed.push(entry);
    } else if (entry.scheme === "auth") {
      const proved = identities.filter((identity) => isAuthenticated(identity, rules));
      if (proved.length === 0) return null;
      for (const { scheme, id } of proved) fixed.push({ perms: entry.perms, scheme, id });
    } else if (isValidId(entry.scheme, entry.id, rules)) {
      fixed.push(entry);
    } else {
      return null;
    }
  }
  return isOpen(fixed) ? OPEN_ACL : fixed;
}

function distinct(acl: readonly Acl[]): Iterable<Acl> {
  if (acl.length === 1) return acl;
  // A map, since a request has room for a hundred thousand entries.
  const seen = new Map<string, Acl>();
  for (const entry of acl) {
    const key = `${entry.perms} ${entry.scheme.length} ${entry.scheme}${entry.id}`;
    if (!seen.has(key)) seen.set(key, entry);
  }
  return seen.values();
}
