import { createHash, getHashes } from "node:crypto";

/**
 * The id of scheme "digest" that a proof "user:password" yields: the user, a colon, and base64 of the hash of the whole
 * proof. Without a colon all of it is the user. The bytes are read as UTF-8 first, as ZooKeeper does, so what is none of
 * it is hashed as U+FFFD.
 */
export function digestId(proof: Uint8Array, algorithm: string): string {
  const text = Buffer.from(proof.buffer, proof.byteOffset, proof.byteLength).toString("utf8");
  const colon = text.indexOf(":");
  const user = colon < 0 ? text : text.slice(0, colon);
  return `${user}:${createHash(algorithm).update(text, "utf8").digest("base64")}`;
}

/**
 * Node's name of a hash that Java names (zookeeper.DigestAuthenticationProvider.digestAlg): "SHA1", "SHA-256", "SHA3-256",
 * "MD5". Null when there is no such hash here.
 */
export function hashNameOf(javaName: string): string | null {
  const name = javaName
    .toLowerCase()
    .replace(/^sha-(?=\d)/, "sha")
    .replace(/^sha512\//, "sha512-");
  return getHashes().includes(name) ? name : null;
}
