import type { AuthRequest, ClientInfo, Identity } from "../wire/messages.ts";
import { digestId } from "./digest.ts";
import { printedAddress } from "./ip-address.ts";
import type { AclRules } from "./rules.ts";

/** What the server's configuration says about proofs. */
export interface AuthRules extends AclRules {
  /** A hash as node:crypto names it; digest.ts translates Java's names. ZooKeeper's default is "sha1". */
  readonly digestHash: string;
  /** "super:<base64>": whose digest id equals it is super too (zookeeper.DigestAuthenticationProvider.superDigest). */
  readonly superDigest: string | null;
  /** Sasl ids that are super too (zookeeper.superUser and what begins with it). */
  readonly saslSuperUsers: ReadonlySet<string>;
}

export const STANDARD_AUTH_RULES: Omit<AuthRules, keyof AclRules> = {
  digestHash: "sha1",
  superDigest: null,
  saslSuperUsers: new Set(),
};

/** The other end of a connection. */
export interface Peer {
  /** As the socket says it. */
  readonly address: string;
  /** Subject of the client's certificate, RFC 2253; null without one. */
  readonly distinguishedName: string | null;
}

const SUPER: Identity = { scheme: "super", id: "" };

/** What a connection is before it proves anything. */
export function identitiesOfPeer(peer: Peer, rules: AuthRules): readonly Identity[] {
  const ip: Identity = { scheme: "ip", id: printedAddress(peer.address) };
  return [ip, ...certified(peer, rules)];
}

/** What an auth packet adds to the connection's identities; null when it fails, which ends the connection (-115). */
export function authenticate(
  { scheme, auth }: Pick<AuthRequest, "scheme" | "auth">,
  peer: Peer,
  rules: AuthRules,
): readonly Identity[] | null {
  switch (scheme) {
    case "digest": {
      if (!rules.isDigestEnabled || auth === null) return null;
      const digest: Identity = { scheme, id: digestId(auth, rules.digestHash) };
      return digest.id === rules.superDigest ? [SUPER, digest] : [digest];
    }
    case "ip":
      return [{ scheme, id: printedAddress(peer.address) }];
    case "x509": {
      const identities = certified(peer, rules);
      return identities.length === 0 ? null : identities;
    }
    default:
      return null;
  }
}

/** What a finished SASL exchange adds. */
export function identitiesOfSasl(id: string, rules: AuthRules): readonly Identity[] {
  const sasl: Identity = { scheme: "sasl", id };
  return rules.saslSuperUsers.has(id) ? [sasl, SUPER] : [sasl];
}

/** Identities accumulate; the same one again changes nothing. */
export function withIdentities(before: readonly Identity[], added: readonly Identity[]): readonly Identity[] {
  const fresh = added.filter(({ scheme, id }) => !before.some((known) => known.scheme === scheme && known.id === id));
  return fresh.length === 0 ? before : [...before, ...fresh];
}

/** The answer to whoAmI: the identities, digests without their hashes. */
export function clientInfosOf(identities: readonly Identity[]): readonly ClientInfo[] {
  return identities.map(({ scheme, id }) => ({ authScheme: scheme, user: scheme === "digest" ? userOf(id) : id }));
}

function userOf(digest: string): string {
  const colon = digest.indexOf(":");
  return colon < 0 ? digest : digest.slice(0, colon);
}

function certified({ distinguishedName: id }: Peer, rules: AuthRules): readonly Identity[] {
  if (id === null || !rules.schemes.has("x509")) return [];
  const x509: Identity = { scheme: "x509", id };
  return id === rules.x509SuperUser ? [{ scheme: "super", id }, x509] : [x509];
}
