import { Perms, type Acl, type Identity } from "../wire/messages.ts";
import { isPermitted } from "./permission.ts";
import type { AclRules } from "./rules.ts";

/**
 * The list as getACL shows it: whole to an admin, and without the hashes of passwords to those who may only read. Null
 * for those who may do neither (-102).
 */
export function shownAcl(acl: readonly Acl[], identities: readonly Identity[], rules: AclRules): readonly Acl[] | null {
  if (isPermitted(acl, Perms.ADMIN, identities, rules)) return acl;
  if (!isPermitted(acl, Perms.READ, identities, rules)) return null;
  return acl.map((entry) => (entry.scheme === "digest" ? { ...entry, id: entry.id.replace(/:.*/g, ":x") } : entry));
}
