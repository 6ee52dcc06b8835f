import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { bucketNames, type BucketName } from "../mvcc/backend.ts";
import { pageBytes } from "./bolt-format.ts";
import { readBoltFile, type BoltFileInfo } from "./bolt-reader.ts";
import { layOutBoltFile } from "./bolt-writer.ts";
import { CorruptStorageError } from "./errors.ts";
import { openLmdbBackend, type LmdbBackend } from "./lmdb-backend.ts";
import { streamSnapshot } from "./snapshot-stream.ts";

async function newDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "bolt-"));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

async function newBackend(t: TestContext): Promise<LmdbBackend> {
  const backend = await openLmdbBackend(join(await newDirectory(t), "store"), { unsafeNoFsync: true });
  t.after(() => backend.close());
  backend.put("meta", Buffer.from("storageVersion"), Buffer.from("3.6.0"));
  return backend;
}

function revisionKey(main: number): Buffer {
  const key = Buffer.alloc(17);
  key.writeBigUInt64BE(BigInt(main));
  key[8] = 0x5f;
  return key;
}

/** What the messages of a snapshot add up to, as etcdctl would save it, without the hash; checks their fields. */
async function collect(backend: LmdbBackend): Promise<Buffer> {
  const blobs: Buffer[] = [];
  const remaining: number[] = [];
  for await (const message of streamSnapshot(backend)) {
    assert.equal(message.header, null);
    assert.equal(message.version, "3.6.0");
    blobs.push(Buffer.from(message.blob));
    remaining.push(message.remainingBytes);
  }
  const hash = blobs.pop()!;
  const bytes = Buffer.concat(blobs);
  assert.deepEqual(hash, createHash("sha256").update(bytes).digest());
  assert.equal(remaining.pop(), 0);
  let left = bytes.length;
  for (const [i, blob] of blobs.entries()) {
    assert.equal(remaining[i], (left -= blob.length));
    assert.ok(blob.length === 32 * 1024 || i === blobs.length - 1);
  }
  return bytes;
}

async function readBack(t: TestContext, bytes: Uint8Array): Promise<{ info: BoltFileInfo; pairs: string[] }> {
  const path = join(await newDirectory(t), "db");
  await writeFile(path, bytes);
  const pairs: string[] = [];
  const info = await readBoltFile(path, (bucket, key, value) => pairs.push(describePair(bucket, key, value)));
  return { info, pairs };
}

function describePair(bucket: string, key: Uint8Array, value: Uint8Array): string {
  const text = Buffer.from(value).toString("hex");
  return `${bucket}/${Buffer.from(key).toString("hex")}=${text.length < 100 ? text : `${text.length}:${createHash("sha1").update(text).digest("hex")}`}`;
}

function pairsOf(backend: LmdbBackend): string[] {
  const pairs: string[] = [];
  for (const bucket of [...bucketNames].sort()) {
    backend.scan(bucket, new Uint8Array(0), null, (key, value) => pairs.push(describePair(bucket, key, value)) > 0);
  }
  return pairs;
}

test("a store with one pair is a file with ten buckets, nine of them empty", async (t) => {
  const bytes = await collect(await newBackend(t));
  const { info, pairs } = await readBack(t, bytes);
  const usedBytes = bytes.length;
  assert.deepEqual(info, { buckets: [...bucketNames].sort(), pageSize: 4096, usedBytes, freePages: 0 });
  assert.deepEqual(pairs, [describePair("meta", Buffer.from("storageVersion"), Buffer.from("3.6.0"))]);
});

test("a store of three levels and of values larger than a page comes back pair by pair", async (t) => {
  const backend = await newBackend(t);
  for (let i = 1; i <= 30_000; i++) backend.put("key", revisionKey(i), Buffer.alloc(i % 500, `value ${i}`));
  backend.put("key", revisionKey(30_001), Buffer.alloc(1_500_000, "large"));
  backend.put("meta", Buffer.from("consistent_index"), Buffer.alloc(8, 1));
  for (let i = 0; i < 200; i++) backend.put("authUsers", Buffer.alloc(1900, `user ${i} `), Buffer.from(`user ${i}`));
  const bytes = await collect(backend);
  assert.equal(bytes.length % pageBytes, 0);
  const { info, pairs } = await readBack(t, bytes);
  assert.equal(info.freePages, 0);
  assert.deepEqual(pairs, pairsOf(backend));
  assert.ok(bytes.length < 12_000_000, `pages are well filled: ${bytes.length}`);
});

test("whatever the sizes, what is read is what was written", async (t) => {
  const backend = await newBackend(t);
  const entry = fc.record({
    bucket: fc.constantFrom<BucketName[]>("key", "lease", "authRoles"),
    key: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    size: fc.oneof(fc.nat(60), fc.nat(9000)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 400 }), async (list) => {
      for (const bucket of ["key", "lease", "authRoles"] as const) {
        const old: Uint8Array[] = [];
        backend.scan(bucket, new Uint8Array(0), null, (key) => old.push(Buffer.from(key)) > 0);
        for (const key of old) backend.delete(bucket, key);
      }
      for (const { bucket, key, size } of list) backend.put(bucket, key, Buffer.alloc(size, key));
      const { pairs } = await readBack(t, await collect(backend));
      assert.deepEqual(pairs, pairsOf(backend));
    }),
    { numRuns: 40 },
  );
});

test("a snapshot is of one moment while writes and a defragmentation go on", async (t) => {
  const backend = await newBackend(t);
  for (let i = 1; i <= 20_000; i++) backend.put("key", revisionKey(i), Buffer.alloc(100, i));
  await backend.commit();
  const before = pairsOf(backend);
  const snapshot = backend.snapshot();
  const { sizeBytes, pieces } = await layOutBoltFile(snapshot);
  const received: Buffer[] = [];
  for await (const piece of pieces) {
    received.push(piece);
    for (let i = 1; i <= 500; i++) backend.put("key", revisionKey(received.length * 500 + i), Buffer.from("changed"));
    backend.delete("key", revisionKey(received.length));
    await (received.length === 3 ? backend.defragment() : backend.commit());
  }
  snapshot.close();
  assert.ok(received.length > 5);
  const bytes = Buffer.concat(received);
  assert.equal(bytes.length, sizeBytes);
  assert.deepEqual((await readBack(t, bytes)).pairs, before);
  assert.notDeepEqual(pairsOf(backend), before);
});

test("the event loop turns while a large store is laid out", async (t) => {
  const backend = await newBackend(t);
  for (let i = 1; i <= 100_000; i++) backend.put("key", revisionKey(i), Buffer.alloc(100, i));
  await backend.commit();
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  count();
  await collect(backend);
  isDone = true;
  assert.ok(turns > 100, `${turns} turns`);
});

test("a snapshot that nobody reads to its end, or that is aborted, lets go of the store", async (t) => {
  const backend = await newBackend(t);
  for (let i = 1; i <= 5000; i++) backend.put("key", revisionKey(i), Buffer.alloc(100, i));
  for await (const { remainingBytes } of streamSnapshot(backend)) {
    assert.ok(remainingBytes > 0);
    break;
  }
  const abort = new AbortController();
  const read = async () => {
    for await (const message of streamSnapshot(backend, { signal: abort.signal })) {
      assert.ok(message.blob.length > 0);
      abort.abort(new Error("the client is gone"));
    }
  };
  await assert.rejects(read(), /the client is gone/);
  // A read transaction that is still open would keep the old file in use and this would leave it behind.
  await backend.defragment();
  assert.equal(pairsOf(backend).length, 5001);
});

test("a damaged file is refused, never read wrong", async (t) => {
  const backend = await newBackend(t);
  for (let i = 1; i <= 2000; i++) backend.put("key", revisionKey(i), Buffer.alloc(64, i));
  const bytes = await collect(backend);
  const path = join(await newDirectory(t), "db");
  await writeFile(path, bytes);
  const right = (await readBack(t, bytes)).pairs;

  const isRefused = async (change: (copy: Buffer) => Buffer | undefined): Promise<boolean> => {
    const copy = Buffer.from(await readFile(path));
    const changed = change(copy) ?? copy;
    try {
      assert.deepEqual((await readBack(t, changed)).pairs, right);
      return false;
    } catch (error) {
      if (error instanceof CorruptStorageError) return true;
      throw error;
    }
  };
  assert.ok(await isRefused((copy) => copy.subarray(0, copy.length - pageBytes)));
  assert.ok(await isRefused((copy) => copy.fill(0, 0, 2 * pageBytes)));
  assert.ok(!(await isRefused((copy) => copy.fill(0, 0, pageBytes))), "the second meta page is enough");
  assert.ok(await isRefused((copy) => copy.fill(0, 3 * pageBytes, 4 * pageBytes)));
  assert.ok(await isRefused((copy) => void copy.writeUInt32LE(0xffffff, 2 * pageBytes + 16 + 4)), "a position");
  assert.ok(await isRefused((copy) => copy.copyWithin(3 * pageBytes, 2 * pageBytes, 3 * pageBytes)), "a page twice");
  assert.ok(
    await isRefused((copy) => copy.copyWithin(2 * pageBytes + 200, 2 * pageBytes + 300, 3 * pageBytes)),
    "keys",
  );
  assert.ok(await isRefused(() => Buffer.from("no database")));
});
