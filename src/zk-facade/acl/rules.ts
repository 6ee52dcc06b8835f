/** What the server's configuration says about ACLs. */
export interface AclRules {
  /** Nothing is checked (zookeeper.skipACL). What is stored must be well-formed all the same. */
  readonly skipAcl: boolean;
  /** Schemes that may stand in an ACL besides world, auth, digest and ip: "sasl", "x509", or one of the user's own. */
  readonly schemes: ReadonlySet<string>;
  /** False takes the scheme digest away altogether (zookeeper.DigestAuthenticationProvider.enabled). */
  readonly isDigestEnabled: boolean;
  /** The id in an ACL that every sasl identity matches (zookeeper.letAnySaslUserDoX). */
  readonly anySaslId: string | null;
  /** The distinguished name that may do what any x509 id may (zookeeper.X509AuthenticationProvider.superUser). */
  readonly x509SuperUser: string | null;
}

/** Those of a ZooKeeper server that was configured with nothing. */
export const STANDARD_ACL_RULES: AclRules = {
  skipAcl: false,
  schemes: new Set(),
  isDigestEnabled: true,
  anySaslId: null,
  x509SuperUser: null,
};
