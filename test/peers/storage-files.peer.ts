import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, open, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { crc32c } from "../../src/etcd/base/crc32c.ts";
import { readBoltFile } from "../../src/etcd/storage/bolt-reader.ts";
import { type LmdbBackend, openLmdbBackend } from "../../src/etcd/storage/lmdb-backend.ts";
import { streamSnapshot } from "../../src/etcd/storage/snapshot-stream.ts";
import { createWal, openWal } from "../../src/etcd/storage/wal.ts";
import { encodeKeyValue, newKeyValue } from "../../src/etcd/wire/mvccpb.ts";
import { newConfState, newEntry, newHardState, newSnapshotMetadata } from "../../src/etcd/wire/raftpb.ts";
import { buildGoPeer, startEtcd34 } from "../support/servers.ts";

/*
 * The files that we share with etcd, read and written by etcd's own code: the log by its wal package, the database by
 * bbolt, by etcdctl and by a server that starts on it.
 */

async function newDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "storage-files-"));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, ETCDCTL_API: "3" },
    maxBuffer: 2 ** 26,
  });
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${stderr} ${String(error ?? "")}`);
  return stdout;
}

const text = (value: string): Buffer => Buffer.from(value);

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** A store as a member of a cluster of one would have it, with `count` keys and one delete. */
async function fillStore(backend: LmdbBackend, count: number): Promise<void> {
  const revisionKey = (main: number) => Buffer.concat([uint64(main), text("_"), uint64(0)]);
  for (let i = 0; i < count; i++) {
    const revision = i + 2;
    const key = text(`key ${i}`);
    const value = Buffer.alloc(i % 1000 === 0 ? 20_000 : 100, i);
    const pair = newKeyValue({ key, value, createRevision: revision, modRevision: revision, version: 1 });
    backend.put("key", revisionKey(revision), encodeKeyValue(pair));
  }
  const tombstone = Buffer.concat([revisionKey(count + 2), text("t")]);
  backend.put("key", tombstone, encodeKeyValue(newKeyValue({ key: text("key 7") })));
  backend.put("meta", text("consistent_index"), uint64(10));
  backend.put("meta", text("term"), uint64(2));
  backend.put("meta", text("storageVersion"), text("3.6.0"));
  backend.put("meta", text("confState"), text('{"voters":[10276657743932975437],"auto_leave":false}'));
  backend.put("auth", text("authEnabled"), Buffer.from([0]));
  backend.put("auth", text("authRevision"), uint64(1));
  backend.put("cluster", text("clusterVersion"), text("3.6.0"));
  const member =
    '{"id":10276657743932975437,"peerURLs":["http://localhost:2380"],"name":"default","clientURLs":["http://localhost:2379"]}';
  backend.put("members", text("8e9e05c52164694d"), text(member));
  await backend.commit();
}

async function saveSnapshot(backend: LmdbBackend, path: string): Promise<void> {
  const file = await open(path, "w");
  for await (const { blob } of streamSnapshot(backend)) await file.write(blob);
  await file.close();
}

test("etcdctl accepts our snapshot, and a real etcd restored from it has the same HashKV", async (t) => {
  const directory = await newDirectory(t);
  const backend = await openLmdbBackend(join(directory, "store"));
  await fillStore(backend, 20_000);
  let hash = crc32c(text("key"));
  let pairs = 0;
  backend.scan("key", new Uint8Array(0), null, (key, value) => {
    hash = crc32c(value, crc32c(key, hash));
    return ++pairs > 0;
  });
  const path = join(directory, "snapshot.db");
  await saveSnapshot(backend, path);
  await backend.close();

  const status = JSON.parse(run("etcdctl", "snapshot", "status", path, "-w", "json")) as Record<string, number>;
  assert.equal(status["revision"], 20_002);
  assert.equal(status["totalKey"], pairs + 8);

  const dataDir = join(directory, "restored");
  run("etcdctl", "snapshot", "restore", path, "--data-dir", dataDir);
  const server = await startEtcd34({ dataDir });
  try {
    const ctl = (...args: string[]) => run("etcdctl", "--endpoints", server.endpoint, ...args);
    const [{ HashKV }] = JSON.parse(ctl("endpoint", "hashkv", "-w", "json")) as [{ HashKV: { hash: number } }];
    assert.equal(HashKV.hash, hash);
    assert.equal(ctl("get", "key 1", "--print-value-only"), `${Buffer.alloc(100, 1).toString()}\n`);
    assert.equal(ctl("get", "key 7"), "");

    // And the other way round: what etcd saves, we read.
    ctl("put", "after", "the restore");
    const theirs = join(directory, "theirs.db");
    ctl("snapshot", "save", theirs);
    let theirHash = crc32c(text("key"));
    const { buckets } = await readBoltFile(theirs, (bucket, key, value) => {
      if (bucket === "key") theirHash = crc32c(value, crc32c(key, theirHash));
    });
    assert.ok(buckets.includes("members"));
    const [after] = JSON.parse(ctl("endpoint", "hashkv", "-w", "json")) as [{ HashKV: { hash: number } }];
    assert.equal(after.HashKV.hash, theirHash);
  } finally {
    await server.stop();
  }
});

test("bbolt finds no fault with our file, changes it, and we read what it made of it", async (t) => {
  const directory = await newDirectory(t);
  const backend = await openLmdbBackend(join(directory, "store"));
  await fillStore(backend, 50_000);
  const path = join(directory, "db");
  await saveSnapshot(backend, path);
  await backend.close();
  let pairs = 0;
  const { freePages } = await readBoltFile(path, () => pairs++);
  assert.equal(freePages, 0);

  const program = buildGoPeer("storagefiles");
  assert.equal(Number(run(program, "bolt-check", path)), pairs);
  const hashBytes = 32;
  await truncate(path, (await stat(path)).size - hashBytes);
  const changedPairs = Number(run(program, "bolt-change", path));
  let read = 0;
  const changed = await readBoltFile(path, () => read++);
  assert.equal(read, changedPairs);
  assert.ok(changed.freePages > 0);
});

test("etcd's wal package reads our log and appends to it, and we carry on from there", async (t) => {
  const directory = join(await newDirectory(t), "wal");
  const identity = { memberId: 0x8e9e05c52164694dn, clusterId: 5n };
  const log = await createWal(directory, identity, { segmentBytes: 100_000 });
  const bytesOf = (index: number) => (index * 37) % 1500;
  for (let index = 1; index <= 600; index += 3) {
    const entries = [0, 1, 2].map((i) =>
      newEntry({ term: 3, index: index + i, type: i % 2, data: Buffer.alloc(bytesOf(index + i), index) }),
    );
    await log.save(newHardState({ term: 3, vote: 1n, commit: index - 1 }), entries);
  }
  await log.saveSnapshot(newSnapshotMetadata({ index: 100, term: 3, confState: newConfState({ voters: [1n] }) }));
  // A former leader's tail is taken back.
  await log.save(newHardState({ term: 4, vote: 1n, commit: 597 }), [newEntry({ term: 4, index: 599 })]);
  await log.close();

  const program = buildGoPeer("storagefiles");
  interface Report {
    metadata: string;
    term: number;
    commit: number;
    entries: string[];
  }
  const read = JSON.parse(run(program, "wal-read", directory)) as Report;
  assert.equal(read.metadata, "08cdd2918bd2b881cf8e011005");
  assert.deepEqual([read.term, read.commit], [4, 597]);
  const expected = Array.from({ length: 498 }, (_, i) => {
    const index = i + 101;
    return `${index}@3 type ${((index - 1) % 3) % 2} ${bytesOf(index)} bytes`;
  });
  assert.deepEqual(read.entries, [...expected, "599@4 type 0 0 bytes"]);

  run(program, "wal-append", directory, "150");
  const recovered = await openWal(directory);
  assert.deepEqual(recovered.hardState, newHardState({ term: 9, vote: 1n, commit: 749 }));
  assert.equal(recovered.snapshot.index, 100);
  assert.equal(recovered.entries.length, 649);
  await recovered.log.save(null, [newEntry({ term: 9, index: 750, data: text("ours again") })]);
  await recovered.log.close();
  const again = JSON.parse(run(program, "wal-read", directory)) as Report;
  assert.equal(again.entries[649], "750@9 type 0 10 bytes");
});
