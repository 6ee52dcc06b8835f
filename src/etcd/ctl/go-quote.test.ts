import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { quote, quoteText, unquote } from "./go-quote.ts";

test("what is printable stands as it is; the rest is escaped as Go escapes it", () => {
  const rows: readonly (readonly [bytes: string | readonly number[], quoted: string])[] = [
    ["plain text", '"plain text"'],
    ['"\\', String.raw`"\"\\"`],
    ["\x07\b\f\n\r\t\v", String.raw`"\a\b\f\n\r\t\v"`],
    ["\0\x1f\x7f", String.raw`"\x00\x1f\x7f"`],
    ["é✓日本😀", '"é✓日本😀"'],
    ["\u00a0\u200b\ufeff\u2028", String.raw`"\u00a0\u200b\ufeff\u2028"`],
    ["\u{e0001}", String.raw`"\U000e0001"`],
    [[0xff, 0x61, 0xc3], String.raw`"\xffa\xc3"`],
    [[0xc0, 0x80], String.raw`"\xc0\x80"`], // overlong
    [[0xed, 0xa0, 0x80], String.raw`"\xed\xa0\x80"`], // a surrogate
    [[0xf4, 0x90, 0x80, 0x80], String.raw`"\xf4\x90\x80\x80"`], // past U+10FFFF
    [[0xe2, 0x82], String.raw`"\xe2\x82"`], // cut short
    [[0xef, 0xbf, 0xbd], '"\ufffd"'], // U+FFFD itself is text
  ];
  for (const [bytes, quoted] of rows) {
    assert.equal(quote(typeof bytes === "string" ? Buffer.from(bytes) : Uint8Array.from(bytes)), quoted);
  }
  assert.equal(quoteText("ö"), '"ö"');
});

test("what was quoted reads back as the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.string({ unit: "binary" }), (bytes, text) => {
      for (const original of [Buffer.from(bytes), Buffer.from(text)]) {
        const line = Buffer.from(`${quote(original)} tail`).toString("latin1");
        const read = unquote(line, 0);
        assert.deepEqual(Buffer.from(read!.bytes), original);
        assert.equal(line.slice(read!.end), " tail");
      }
    }),
  );
});

test("escapes of every kind are read, and what is wrong is no string", () => {
  const read = (text: string): string | undefined => {
    const quoted = unquote(text, 0);
    return quoted && Buffer.from(quoted.bytes).toString("hex");
  };
  assert.equal(read(String.raw`"\x41\101\u00e9\U0001f600\""`), "4141c3a9f09f980022".replace("9800", "9880"));
  assert.equal(read("`raw \\x41`"), Buffer.from("raw \\x41").toString("hex"));
  for (const wrong of [
    '"open',
    String.raw`"\q"`,
    String.raw`"\xg0"`,
    String.raw`"\ud800"`,
    '"a\nb"',
    "bare",
    "`open",
    "",
  ]) {
    assert.equal(read(wrong), undefined, wrong);
  }
});
