import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../base/clock.ts";
import { silentLogger } from "../base/logger.ts";
import { defragmentAtStart } from "./bootstrap-defrag.ts";
import { openDataDirectory } from "./data-dir.ts";

const MIB = 1024 * 1024;
const parts = { logger: silentLogger, clock: systemClock };

test("defragments only if it frees as much as was asked for", async () => {
  const outcomes: [freeMegabytes: number, threshold: number, defragments: boolean][] = [
    [100, 0, false],
    [0, 0, false],
    [9.999, 10, false],
    [10, 10, true],
    [11, 10, true],
  ];
  for (const [freeMegabytes, threshold, expected] of outcomes) {
    let count = 0;
    const store = {
      backend: { sizeBytes: () => 500 * MIB, sizeInUseBytes: () => (500 - freeMegabytes) * MIB },
      defragment: () => {
        count++;
        return Promise.resolve();
      },
    };
    assert.equal(await defragmentAtStart(store, threshold, parts), expected);
    assert.equal(count, expected ? 1 : 0, `${freeMegabytes} MiB free, threshold ${threshold}`);
  }
});

test("a real store is smaller afterwards and holds what it held", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "bootstrap-defrag-"));
  t.after(() => rmSync(root, { recursive: true }));
  const identity = { memberId: 1n, clusterId: 2n };
  const directory = await openDataDirectory(join(root, "data"), { identity, unsafeNoFsync: true });
  t.after(() => directory.close());
  const { backend } = directory;
  const keyOf = (i: number): Uint8Array => Buffer.from(String(i).padStart(5, "0"));
  for (let i = 0; i < 2000; i++) backend.put("key", keyOf(i), Buffer.alloc(4096, i));
  await backend.commit();
  for (let i = 1; i < 2000; i++) backend.delete("key", keyOf(i));
  await backend.commit();
  const before = backend.sizeBytes();
  assert.equal(await defragmentAtStart(directory, 1000, parts), false);
  assert.equal(await defragmentAtStart(directory, 1, parts), true);
  assert.ok(backend.sizeBytes() < before - 4 * MIB, `${before} to ${backend.sizeBytes()}`);
  assert.equal(backend.get("key", keyOf(0))?.length, 4096);
});
