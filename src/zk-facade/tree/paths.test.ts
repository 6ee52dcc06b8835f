import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { childOf, nameOf, parentOf, validatePath } from "./paths.ts";

test("a path is absolute, and none of its names is empty or a dot or two", () => {
  const valid = ["/", "/a", "/a/b", "/...", "/.a", "/a.", "/..a/b", "/ ", "/a b", "/zookeeper", "/ä/日本"];
  const invalid = [
    "",
    "a",
    "a/b",
    "//",
    "/a/",
    "/a//b",
    "//a",
    "/.",
    "/..",
    "/a/.",
    "/a/..",
    "/./a",
    "/../a",
    "/a/./b",
  ];
  assert.deepEqual(
    valid.filter((path) => !validatePath(path)),
    [],
  );
  assert.deepEqual(invalid.filter(validatePath), []);
});

test("control characters, surrogates, the private use area and the specials are refused, unit by unit", () => {
  const refused = (unit: number): boolean => {
    return (
      unit <= 0x1f ||
      (unit >= 0x7f && unit <= 0x9f) ||
      (unit >= 0xd800 && unit <= 0xf8ff) ||
      (unit >= 0xfff0 && unit <= 0xffff)
    );
  };
  for (let unit = 0; unit <= 0xffff; unit++) {
    if (unit === 0x2f || unit === 0x2e) continue;
    assert.equal(validatePath(`/x${String.fromCharCode(unit)}`), !refused(unit), `U+${unit.toString(16)}`);
  }
  assert.equal(validatePath("/😀"), false);
});

test("the parent is the text before the last slash, the root's being the root", () => {
  const parents = { "/a/b/c": "/a/b", "/a": "/", "/": "/", "/a/": "/a", "": "/", foo: "/" };
  for (const [path, parent] of Object.entries(parents)) assert.equal(parentOf(path), parent, path);
  assert.equal(nameOf("/a/b"), "b");
  assert.equal(nameOf("/"), "");
});

test("a child's parent and name give its path again", () => {
  const name = fc.string({ minLength: 1 }).filter((text) => !text.includes("/"));
  const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => `/${names.join("/")}`);
  fc.assert(fc.property(path, (child) => assert.equal(childOf(parentOf(child), nameOf(child)), child)));
});
