import assert from "node:assert/strict";
import { copyFile, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CorruptStorageError } from "./errors.ts";
import { LmdbEnvironment } from "./lmdb-environment.ts";
import { LmdbPages } from "./lmdb-pages.ts";

// What the pages say is compared with what the binding says in mvcc/backend-contract.ts.

const keys = 20_000;
const pageBytes = 4096;
let directory: string;
let file: string;

/** Bytes of the given key's number, so that the order of keys is that of numbers. */
function keyOf(number: number): Buffer {
  const key = Buffer.alloc(17);
  key.writeUInt32BE(number, 4);
  return key;
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "lmdb-pages-"));
  file = join(directory, "store.mdb");
  const environment = LmdbEnvironment.create(file);
  await environment.root.batch(() => {
    for (let i = 0; i < keys; i++) void environment.bucket("key").put(keyOf(i), Buffer.alloc(100, i));
  });
  await environment.close();
});

after(() => rm(directory, { recursive: true }));

function numbersIn(path: string): number[] {
  const numbers: number[] = [];
  LmdbPages.with(path, (pages) =>
    pages.visitAll("key", ({ keyBytes, keyStart }) => {
      numbers.push(Buffer.from(keyBytes.subarray(keyStart + 4, keyStart + 8)).readUInt32BE(0));
      return true;
    }),
  );
  return numbers;
}

test("a tree of three levels is read in order, and an empty bucket is empty", () => {
  assert.deepEqual(
    numbersIn(file),
    Array.from({ length: keys }, (_, i) => i),
  );
  LmdbPages.with(file, (pages) => pages.visitAll("lease", () => assert.fail("there is nothing")));
});

test("a bucket that is not there, and a file that is no LMDB file, are refused", async () => {
  assert.throws(
    () => LmdbPages.with(file, (pages) => pages.visitAll("keys", () => true)),
    (error) => error instanceof CorruptStorageError && error.message.endsWith("bucket keys is missing"),
  );
  const other = join(directory, "other");
  for (const size of [0, 100, 10_000]) {
    await writeFile(other, Buffer.alloc(size));
    assert.throws(() => LmdbPages.with(other, () => assert.fail("it cannot be read")), CorruptStorageError);
  }
});

test("a page that is not the one it should be is found out, wherever it lies", async () => {
  const damaged = join(directory, "damaged.mdb");
  const pages = Math.floor((await open(file).then(sizeAndClose)) / pageBytes);
  let refused = 0;
  // Behind the meta pages. A page that is free may hold anything.
  for (let page = 2; page < pages; page += 41) {
    await copyFile(file, damaged);
    const handle = await open(damaged, "r+");
    await handle.write(Buffer.alloc(pageBytes, 0xee), 0, pageBytes, page * pageBytes);
    await handle.close();
    try {
      assert.equal(numbersIn(damaged).length, keys);
    } catch (error) {
      assert.ok(error instanceof CorruptStorageError, String(error));
      refused++;
    }
  }
  assert.ok(refused > 10, `only ${refused} were refused`);
});

test("a file that is cut short is refused", async () => {
  const short = join(directory, "short.mdb");
  await copyFile(file, short);
  await truncate(short, 50 * pageBytes);
  assert.throws(() => numbersIn(short), CorruptStorageError);
});

async function sizeAndClose(handle: Awaited<ReturnType<typeof open>>): Promise<number> {
  const { size } = await handle.stat();
  await handle.close();
  return size;
}
