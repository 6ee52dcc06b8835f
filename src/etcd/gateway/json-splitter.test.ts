import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonSplitter } from "./json-splitter.ts";

function split(chunks: Buffer[], bytesMax = 10_000): string[] {
  const splitter = new JsonSplitter(bytesMax);
  const objects: string[] = [];
  for (const chunk of chunks) {
    splitter.push(chunk);
    for (let text = splitter.take(); text !== null; text = splitter.take()) objects.push(text);
  }
  assert.equal(splitter.rest(), "");
  return objects;
}

const anObject = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { maxKeys: 4 });

test("objects come out as they went in, however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(anObject, { maxLength: 5 }), fc.array(fc.nat(20)), (objects, cuts) => {
      const texts = objects.map((object) => JSON.stringify(object));
      let rest = Buffer.from(texts.join(" \n"));
      const chunks: Buffer[] = [];
      for (const cut of cuts) {
        chunks.push(rest.subarray(0, cut));
        rest = rest.subarray(cut);
      }
      assert.deepEqual(split([...chunks, rest]), texts);
    }),
  );
});

test("braces and quotes in strings do not count", () => {
  const texts = ['{"a":"}"}', '{"b":"\\"{"}', '{"c":"\\\\"}'];
  assert.deepEqual(split([Buffer.from(texts.join(""))]), texts);
});

test("what is no object is handed on at once", () => {
  assert.deepEqual(split([Buffer.from("[1]")]), ["[1]"]);
  assert.deepEqual(split([Buffer.from('{} "x')]), ["{}", '"x']);
});

test("an object without end is kept up to the limit only", () => {
  const splitter = new JsonSplitter(100);
  splitter.push(Buffer.from(`{"a":"${"x".repeat(50)}`));
  assert.equal(splitter.take(), null);
  splitter.push(Buffer.alloc(100, "x"));
  assert.throws(() => splitter.take(), RangeError);
});
