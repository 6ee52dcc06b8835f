import { createHash, timingSafeEqual } from "node:crypto";

/** Clients written in C read exactly so many. */
export const PASSWORD_BYTES = 16;
export const PROOF_BYTES = 32;

/** What a refused client gets in place of a password. */
export const NO_PASSWORD: Uint8Array = new Uint8Array(PASSWORD_BYTES);

/**
 * What the store keeps of a session's password: its SHA-256. Whoever reads the store, any etcd client with the right to,
 * cannot take over a session with it. The password is 16 random bytes, so there is nothing to guess and no salt to add.
 */
export function proofOf(password: Uint8Array): Uint8Array {
  return createHash("sha256").update(password).digest();
}

/** True for the very password. The time it takes tells nothing of the proof. */
export function isPassword(given: Uint8Array | null, proof: Uint8Array): boolean {
  if (given?.length !== PASSWORD_BYTES || proof.length !== PROOF_BYTES) return false;
  return timingSafeEqual(proofOf(given), proof);
}
