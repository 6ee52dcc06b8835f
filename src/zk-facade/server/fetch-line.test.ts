import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FetchLine } from "./fetch-line.ts";

describe("the line of the fetches", () => {
  test("lets in as many bytes as it may, in order, and one that is larger alone", async () => {
    const line = new FetchLine(100);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const fetches = [60, 30, 20, 10, 500, 1].map((bytes, at) =>
      line.run(bytes, () => {
        begun.push(at);
        return new Promise<number>((resolve) => (ends[at] = () => resolve(at)));
      }),
    );
    const expectAfter = async (end: number | null, expected: readonly number[], bytes: number): Promise<void> => {
      if (end !== null) {
        ends[end]!();
        assert.equal(await fetches[end], end);
      }
      await new Promise(setImmediate);
      assert.deepEqual(begun, expected);
      assert.equal(line.bytes, bytes);
    };
    await expectAfter(null, [0, 1], 90);
    // 20 more fit, and so do the 10 behind them; nothing fits beside the 500.
    await expectAfter(0, [0, 1, 2, 3], 60);
    await expectAfter(1, [0, 1, 2, 3], 30);
    await expectAfter(3, [0, 1, 2, 3], 20);
    await expectAfter(2, [0, 1, 2, 3, 4], 500);
    await expectAfter(4, [0, 1, 2, 3, 4, 5], 1);
    await expectAfter(5, [0, 1, 2, 3, 4, 5], 0);
  });

  test("a fetch that fails leaves its place to the next", async () => {
    const line = new FetchLine(10);
    const failing = line.run(10, () => Promise.reject(new Error("gone")));
    const next = line.run(10, () => Promise.resolve("there"));
    await assert.rejects(failing, /gone/);
    assert.equal(await next, "there");
    assert.equal(line.bytes, 0);
  });
});
