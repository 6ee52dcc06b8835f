import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isPassword, NO_PASSWORD, PASSWORD_BYTES, PROOF_BYTES, proofOf } from "./password.ts";

const password = fc.uint8Array({ minLength: PASSWORD_BYTES, maxLength: PASSWORD_BYTES });

test("the proof is the SHA-256 of the password", () => {
  // FIPS 180-2, SHA-256 of "abc".
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(Buffer.from(proofOf(Buffer.from("abc"))).toString("hex"), abc);
});

test("a password fits its own proof and no other", () => {
  fc.assert(
    fc.property(password, password, (mine, other) => {
      assert.equal(isPassword(mine, proofOf(mine)), true);
      assert.equal(isPassword(other, proofOf(mine)), Buffer.compare(mine, other) === 0);
    }),
  );
});

test("one changed bit is another password", () => {
  fc.assert(
    fc.property(password, fc.nat(8 * PASSWORD_BYTES - 1), (mine, bit) => {
      const changed = Uint8Array.from(mine, (byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      assert.equal(isPassword(changed, proofOf(mine)), false);
    }),
  );
});

test("a password of the wrong length is wrong, whatever the proof", () => {
  for (const given of [null, new Uint8Array(0), new Uint8Array(15), new Uint8Array(17)]) {
    assert.equal(isPassword(given, proofOf(given ?? new Uint8Array(0))), false);
  }
  assert.equal(isPassword(NO_PASSWORD, new Uint8Array(PROOF_BYTES - 1)), false);
});
