import assert from "node:assert/strict";
import { test } from "node:test";
import { Perms, type Acl, type Identity } from "../wire/messages.ts";
import {
  authenticate,
  type AuthRules,
  clientInfosOf,
  identitiesOfPeer,
  identitiesOfSasl,
  type Peer,
  STANDARD_AUTH_RULES,
  withIdentities,
} from "./authentication.ts";
import { digestId, hashNameOf } from "./digest.ts";
import { isDistinguishedName } from "./distinguished-name.ts";
import { fixUpAcl } from "./fix-up.ts";
import { isWithin, parseAddress, parseAddressBlock, printedAddress } from "./ip-address.ts";
import { isPermitted } from "./permission.ts";
import { shownAcl } from "./redaction.ts";
import { STANDARD_ACL_RULES } from "./rules.ts";
import { isValidId } from "./schemes.ts";

const rules: AuthRules = { ...STANDARD_ACL_RULES, ...STANDARD_AUTH_RULES };
const registered: AuthRules = {
  ...rules,
  schemes: new Set(["sasl", "x509", "own"]),
  anySaslId: "everybody",
  x509SuperUser: "CN=root",
  saslSuperUsers: new Set(["boss"]),
};
const local: Peer = { address: "127.0.0.1", distinguishedName: null };
const bytes = (text: string): Uint8Array => Buffer.from(text);

function acl(perms: number, scheme: string, id: string): Acl {
  return { perms, scheme, id };
}

function identity(scheme: string, id: string): Identity {
  return { scheme, id };
}

test("a digest id is the user and the hash of the whole proof", () => {
  assert.equal(digestId(bytes("bob:pw"), "sha1"), "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=");
  assert.equal(digestId(bytes("super:secret"), "sha1"), "super:lK75jTNcA+U9vtVEw5vB51mj/w4=");
  assert.match(digestId(bytes("nocolon"), "sha1"), /^nocolon:/);
  assert.match(digestId(bytes(""), "sha1"), /^:2jmj7l5rSw0yVb/);
  assert.match(digestId(bytes("a:b:c"), "sha1"), /^a:/);
  assert.equal(digestId(bytes("bob:pw"), "sha256").length, "bob:".length + 44);
  // What is no UTF-8 is replaced before it is hashed.
  assert.equal(digestId(Uint8Array.of(0x61, 0x3a, 0xff), "sha1"), digestId(bytes("a:\ufffd"), "sha1"));
});

test("Java's names of hashes are known", () => {
  const names = ["SHA1", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA-512/256", "MD5", "none"].map(hashNameOf);
  assert.deepEqual(names, ["sha1", "sha1", "sha256", "sha512", "sha3-256", "sha512-256", "md5", null]);
});

test("which ids may stand in an ACL", () => {
  const table: readonly (readonly [scheme: string, id: string, isValid: boolean])[] = [
    ["digest", "a:b", true],
    ["digest", ":b", true],
    ["digest", "a:b:", true],
    ["digest", "a:", false],
    ["digest", ":", false],
    ["digest", "::b", false],
    ["digest", "a::b", false],
    ["digest", "a", false],
    ["digest", "", false],
    ["ip", "1.2.3.4", true],
    ["ip", "+1.2.3.4", true],
    ["ip", "1.2.3.4/0", true],
    ["ip", "1.2.3.4/+8", true],
    ["ip", "1.2.3.4/32", true],
    ["ip", "1.2.3.4/33", false],
    ["ip", "1.2.3.4/-1", false],
    ["ip", "1.2.3.4/", false],
    ["ip", "1.2.3.4.", false],
    ["ip", "1.2.3", false],
    ["ip", "1.2.3.256", false],
    ["ip", "1.2.3.x", false],
    ["ip", "", false],
    ["ip", "localhost", false],
    ["ip", "::", true],
    ["ip", "::1", true],
    ["ip", "1::", true],
    ["ip", "::/0", true],
    ["ip", "::/128", true],
    ["ip", "::/129", false],
    ["ip", "1:2:3:4:5:6:7:8", true],
    ["ip", "1:2:3:4:5:6:7", false],
    ["ip", "1:2:3:4::5:6:7:8", false],
    ["ip", "1:2", false],
    ["ip", "::1::", false],
    ["ip", "::12345", false],
    ["ip", "::g", false],
    ["ip", "::ffff:1.2.3.4", false],
    ["ip", "fe80::1%lo", false],
    ["ip", "[::1]", false],
    ["sasl", "bob", false],
    ["x509", "CN=bob", false],
    ["own", "anything", false],
    ["super", "", false],
    ["", "", false],
  ];
  for (const [scheme, id, isValid] of table) {
    assert.equal(isValidId(scheme, id, rules), isValid, `${scheme}:${id}`);
  }
});

test("which ids of registered schemes may stand in an ACL", () => {
  const table: readonly (readonly [scheme: string, id: string, isValid: boolean])[] = [
    ["sasl", "bob", true],
    ["sasl", "bob/host@REALM", true],
    ["sasl", "bob@REALM", true],
    ["sasl", "a/b/c@REALM", false],
    ["sasl", "a@b@c", false],
    ["x509", "CN=bob,O=Acme\\, Inc.,C=DE", true],
    ["x509", 'CN="a,b"', true],
    ["x509", "2.5.4.3=bob", true],
    ["x509", "", true],
    ["x509", "bob", false],
    ["x509", "XY=bob", false],
    ["x509", 'CN="a', false],
    ["own", "anything", true],
    ["super", "", false],
  ];
  for (const [scheme, id, isValid] of table) {
    assert.equal(isValidId(scheme, id, registered), isValid, `${scheme}:${id}`);
  }
  assert.equal(isValidId("digest", "a:b", { ...rules, isDigestEnabled: false }), false);
  assert.equal(isDistinguishedName("CN=a\\"), false);
});

test("an address lies in a block when its first bits do", () => {
  const table: readonly (readonly [block: string, address: string, isIn: boolean])[] = [
    ["10.1.2.3", "10.1.2.3", true],
    ["10.1.2.3", "10.1.2.4", false],
    ["10.1.2.0/24", "10.1.2.255", true],
    ["10.1.2.0/24", "10.1.3.0", false],
    ["10.1.2.8/29", "10.1.2.15", true],
    ["10.1.2.8/29", "10.1.2.16", false],
    ["0.0.0.0/0", "255.1.2.3", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "1.2.3.4", false],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["::1", "0:0:0:0:0:0:0:1", true],
  ];
  for (const [block, address, isIn] of table) {
    assert.equal(isWithin(parseAddressBlock(block)!, parseAddress(address)!), isIn, `${address} in ${block}`);
  }
});

test("addresses are printed as Java prints them", () => {
  assert.equal(printedAddress("::ffff:10.0.0.1"), "10.0.0.1");
  assert.equal(printedAddress("10.0.0.1"), "10.0.0.1");
  assert.equal(printedAddress("::1"), "0:0:0:0:0:0:0:1");
  assert.equal(printedAddress("fe80::a0%eth0"), "fe80:0:0:0:0:0:0:a0");
});

test("what an auth packet yields", () => {
  const withSuper: AuthRules = { ...rules, superDigest: "super:lK75jTNcA+U9vtVEw5vB51mj/w4=" };
  const certified: Peer = { address: "127.0.0.1", distinguishedName: "CN=root" };
  const digest = identity("digest", "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=");
  const secret = identity("digest", "super:lK75jTNcA+U9vtVEw5vB51mj/w4=");
  const of = (scheme: string | null, auth: string | null, peer = local, by = rules): readonly Identity[] | null =>
    authenticate({ scheme, auth: auth === null ? null : bytes(auth) }, peer, by);

  assert.deepEqual(of("digest", "bob:pw"), [digest]);
  assert.deepEqual(of("digest", "super:secret"), [secret]);
  assert.deepEqual(of("digest", "super:secret", local, withSuper), [identity("super", ""), secret]);
  assert.deepEqual(of("digest", ""), [identity("digest", ":2jmj7l5rSw0yVb/vlWAYkK/YBwk=")]);
  assert.equal(of("digest", null), null);
  assert.equal(of("digest", "bob:pw", local, { ...rules, isDigestEnabled: false }), null);
  assert.deepEqual(of("ip", null, { ...local, address: "::ffff:1.2.3.4" }), [identity("ip", "1.2.3.4")]);
  for (const scheme of ["world", "auth", "super", "sasl", "x509", "nope", "", null]) {
    assert.equal(of(scheme, "x:y"), null, String(scheme));
    if (scheme !== "x509") assert.equal(of(scheme, "x:y", certified, registered), null, String(scheme));
  }
  assert.equal(of("x509", null, local, registered), null);
  assert.deepEqual(of("x509", null, certified, registered), [
    identity("super", "CN=root"),
    identity("x509", "CN=root"),
  ]);
});

test("what a connection is before and besides auth packets", () => {
  const bob: Peer = { address: "::1", distinguishedName: "CN=bob" };
  assert.deepEqual(identitiesOfPeer(bob, rules), [identity("ip", "0:0:0:0:0:0:0:1")]);
  assert.deepEqual(identitiesOfPeer(bob, registered), [identity("ip", "0:0:0:0:0:0:0:1"), identity("x509", "CN=bob")]);
  assert.deepEqual(identitiesOfSasl("bob", registered), [identity("sasl", "bob")]);
  assert.deepEqual(identitiesOfSasl("boss", registered), [identity("sasl", "boss"), identity("super", "")]);
});

test("identities accumulate, and whoAmI tells them without hashes", () => {
  const ip = identity("ip", "127.0.0.1");
  const digest = identity("digest", "bob:hash");
  const all = withIdentities([ip], [identity("super", ""), digest, ip]);
  assert.deepEqual(all, [ip, identity("super", ""), digest]);
  assert.equal(withIdentities(all, [ip]), all);
  assert.deepEqual(clientInfosOf([...all, identity("sasl", "u@R"), identity("x509", "CN=b")]), [
    { authScheme: "ip", user: "127.0.0.1" },
    { authScheme: "super", user: "" },
    { authScheme: "digest", user: "bob" },
    { authScheme: "sasl", user: "u@R" },
    { authScheme: "x509", user: "CN=b" },
  ]);
});

test("a list is made good before it is stored, or refused", () => {
  const ip = identity("ip", "127.0.0.1");
  const digest = identity("digest", "u:h");
  const sasl = identity("sasl", "s");
  const world = acl(31, "world", "anyone");
  assert.equal(fixUpAcl(null, [ip], rules), null);
  assert.equal(fixUpAcl([], [ip], rules), null);
  assert.deepEqual(fixUpAcl([world], [ip], rules), [world]);
  assert.deepEqual(fixUpAcl([acl(0, "world", "anyone"), acl(255, "ip", "::/0")], [ip], rules), [
    acl(0, "world", "anyone"),
    acl(255, "ip", "::/0"),
  ]);
  assert.equal(fixUpAcl([acl(31, "world", "x")], [ip], rules), null);
  assert.equal(fixUpAcl([world, acl(31, "super", "")], [ip], rules), null);
  // Repeated entries go, the order stays.
  const twice = [acl(1, "digest", "a:b"), world, acl(1, "digest", "a:b"), acl(2, "digest", "a:b"), world];
  assert.deepEqual(fixUpAcl(twice, [ip], rules), [acl(1, "digest", "a:b"), world, acl(2, "digest", "a:b")]);
  // auth stands for what was proved: no address, not super, and nothing of a scheme that is not registered.
  assert.equal(fixUpAcl([acl(31, "auth", "")], [ip, identity("super", "")], rules), null);
  assert.deepEqual(fixUpAcl([acl(3, "auth", "x")], [ip, digest, sasl], rules), [acl(3, "digest", "u:h")]);
  assert.deepEqual(fixUpAcl([acl(3, "auth", "x")], [digest, sasl], registered), [
    acl(3, "digest", "u:h"),
    acl(3, "sasl", "s"),
  ]);
  // What auth becomes may repeat an entry, as ZooKeeper has it.
  const repeated = [acl(1, "auth", ""), acl(1, "auth", ""), acl(1, "digest", "u:h"), acl(1, "auth", "z")];
  const entry = acl(1, "digest", "u:h");
  assert.deepEqual(fixUpAcl(repeated, [digest], rules), [entry, entry, entry]);
});

test("one matching entry with one of the wanted bits is enough", () => {
  const ip = identity("ip", "10.0.0.7");
  const bob = identity("digest", "bob:h");
  const list = [acl(Perms.READ, "world", "anyone"), acl(Perms.WRITE, "digest", "bob:h"), acl(16, "ip", "10.0.0.0/8")];
  assert.equal(isPermitted(list, Perms.READ, [], rules), true);
  assert.equal(isPermitted(list, Perms.WRITE, [ip], rules), false);
  assert.equal(isPermitted(list, Perms.WRITE, [ip, bob], rules), true);
  assert.equal(isPermitted(list, Perms.WRITE, [identity("sasl", "bob:h")], registered), false);
  assert.equal(isPermitted(list, Perms.WRITE, [bob], { ...rules, isDigestEnabled: false }), false);
  assert.equal(isPermitted(list, Perms.ADMIN, [ip], rules), true);
  assert.equal(isPermitted(list, Perms.ADMIN, [identity("ip", "11.0.0.7")], rules), false);
  assert.equal(isPermitted(list, Perms.CREATE | Perms.READ, [], rules), true);
  assert.equal(isPermitted(list, Perms.DELETE, [ip, bob], rules), false);
  assert.equal(isPermitted(list, Perms.DELETE, [ip, identity("super", "")], rules), true);
  assert.equal(isPermitted(list, Perms.DELETE, [], { ...rules, skipAcl: true }), true);
  assert.equal(isPermitted([], Perms.DELETE, [], rules), true);
});

test("sasl and x509 have their own ways to match", () => {
  const list = [acl(1, "sasl", "bob"), acl(2, "sasl", "everybody"), acl(4, "x509", "CN=bob"), acl(8, "own", "me")];
  const may = (wanted: number, scheme: string, id: string, by = registered): boolean =>
    isPermitted(list, wanted, [identity(scheme, id)], by);
  assert.equal(may(1, "sasl", "bob"), true);
  assert.equal(may(1, "sasl", "alice"), false);
  assert.equal(may(1, "sasl", "super"), true);
  assert.equal(may(2, "sasl", "alice"), true);
  assert.equal(may(2, "sasl", "alice", { ...registered, anySaslId: null }), false);
  assert.equal(may(1, "sasl", "bob", rules), false);
  assert.equal(may(4, "x509", "CN=bob"), true);
  assert.equal(may(4, "x509", "CN=eve"), false);
  assert.equal(may(4, "x509", "CN=root"), true);
  assert.equal(may(4, "x509", "CN=root", rules), false);
  assert.equal(may(8, "own", "me"), true);
  assert.equal(may(8, "own", "you"), false);
});

test("getACL hides hashes from those who may only read", () => {
  const bob = identity("digest", "bob:h");
  const list = [acl(1, "world", "anyone"), acl(16, "digest", "bob:h"), acl(2, "ip", "1.2.3.4")];
  const hidden = [acl(1, "world", "anyone"), acl(16, "digest", "bob:x"), acl(2, "ip", "1.2.3.4")];
  assert.deepEqual(shownAcl(list, [bob], rules), list);
  assert.deepEqual(shownAcl(list, [], rules), hidden);
  assert.equal(shownAcl([acl(2, "world", "anyone")], [], rules), null);
  assert.deepEqual(shownAcl([acl(16, "digest", "bob:h")], [bob], rules), [acl(16, "digest", "bob:h")]);
});

test("a long list is made good in time that grows with its length", () => {
  const long = Array.from({ length: 60_000 }, (_, i) => acl(i, "digest", "a:b"));
  assert.equal(fixUpAcl([...long, ...long], [], rules)?.length, 60_000);
  assert.equal(isValidId("digest", `a${":".repeat(1_000_000)}b`, rules), false);
});
