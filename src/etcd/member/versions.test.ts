import assert from "node:assert/strict";
import { test } from "node:test";
import { EtcdError } from "../errors.ts";
import { checkDowngradeTarget, minorOf } from "./versions.ts";

test("the minor version of a version", () => {
  assert.equal(minorOf("3.6.14"), "3.6");
  assert.equal(minorOf("3.6"), "3.6");
});

test("a downgrade goes one minor version down, whatever the patch", () => {
  for (const target of ["3.5", "3.5.0", "3.5.21", "3.5.0-rc.1", "3.5.0+build"]) {
    assert.equal(checkDowngradeTarget(target, "3.6.0"), "3.5.0", target);
  }
});

test("a target that is no version, and one that is not the one below", () => {
  const codeOf = (target: string): string => {
    try {
      return checkDowngradeTarget(target, "3.6.0");
    } catch (error) {
      assert.ok(error instanceof EtcdError);
      return error.code;
    }
  };
  for (const target of ["", "3", "3.", "3.x", "v3.5.0", "3.5.0.0", "3.5-rc.1", " 3.5.0", "3.5.0-", "-3.5.0"]) {
    assert.equal(codeOf(target), "wrongDowngradeVersionFormat", JSON.stringify(target));
  }
  for (const target of ["3.6.0", "3.4.0", "3.7.0", "2.5.0", "4.5.0"]) {
    assert.equal(codeOf(target), "invalidDowngradeTargetVersion", target);
  }
});
