import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { newConfState, newEntry, newHardState, newSnapshotMetadata } from "../wire/raftpb.ts";
import { openDataDirectory, type DataDirectory, type DataDirectoryOptions } from "./data-dir.ts";
import { CorruptStorageError, StorageError } from "./errors.ts";
import { LmdbEnvironment } from "./lmdb-environment.ts";

const identity = { memberId: 0x8e9e05c52164694dn, clusterId: 0xcdf818194e3a8c32n };
const options: DataDirectoryOptions = { identity, unsafeNoFsync: true };

async function newDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "data-dir-"));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

const storeFile = async (directory: string) => {
  const store = join(directory, "member/snap/store");
  return join(
    store,
    (await readdir(store)).find((name) => name.endsWith(".mdb"))!,
  );
};

async function applyUpTo({ backend, recovered }: DataDirectory, index: number): Promise<void> {
  const entries = Array.from({ length: index }, (_, i) => newEntry({ term: 1, index: i + 1, data: Buffer.from("x") }));
  await recovered.log.save(newHardState({ term: 1, vote: 1n, commit: index }), entries);
  const value = Buffer.alloc(8);
  value.writeBigUInt64BE(BigInt(index));
  backend.put("meta", Buffer.from("consistent_index"), value);
  await backend.commit();
}

test("a new directory is laid out as etcd lays out its own, for its user alone, and opens again", async (t) => {
  const directory = await newDirectory(t);
  const first = await openDataDirectory(directory, options);
  assert.ok(first.isNew);
  assert.deepEqual(first.recovered.entries, []);
  assert.deepEqual((await readdir(join(directory, "member"))).sort(), ["lock", "lock-lock", "snap", "wal"]);
  assert.deepEqual(await readdir(join(directory, "member/wal")), ["0000000000000000-0000000000000000.wal"]);
  for (const path of ["member", "member/wal", "member/snap", "member/snap/store"]) {
    assert.equal((await stat(join(directory, path))).mode & 0o777, 0o700, path);
  }
  await applyUpTo(first, 3);
  await first.close();
  await first.close();

  const second = await openDataDirectory(directory, { ...options, mustMatchIdentity: true });
  assert.ok(!second.isNew);
  assert.equal(second.recovered.entries.length, 3);
  assert.equal(second.recovered.memberId, identity.memberId);
  await second.close();
});

test("the log may lie elsewhere", async (t) => {
  const directory = await newDirectory(t);
  const walDir = join(await newDirectory(t), "other/wal");
  const opened = await openDataDirectory(directory, { ...options, walDir });
  await applyUpTo(opened, 1);
  await opened.close();
  assert.deepEqual((await readdir(join(directory, "member"))).sort(), ["lock", "lock-lock", "snap"]);
  const again = await openDataDirectory(directory, { ...options, walDir });
  assert.equal(again.recovered.entries.length, 1);
  await again.close();
});

test("an existing directory tells who the member is, unless it must be a certain one", async (t) => {
  const directory = await newDirectory(t);
  await (await openDataDirectory(directory, options)).close();
  const other = { ...options, identity: { memberId: 1n, clusterId: 2n } };
  const opened = await openDataDirectory(directory, other);
  assert.equal(opened.recovered.memberId, identity.memberId);
  await opened.close();
  await assert.rejects(
    openDataDirectory(directory, { ...other, mustMatchIdentity: true }),
    /is the data directory of another member: it belongs to 8e9e05c52164694d of cluster cdf818194e3a8c32, this is 1 of cluster 2/,
  );
});

test("the data of a real etcd is named as such and left alone", async (t) => {
  const directory = await newDirectory(t);
  await mkdir(join(directory, "member/snap"), { recursive: true });
  await writeFile(join(directory, "member/snap/db"), "bbolt");
  await assert.rejects(
    openDataDirectory(directory, options),
    /holds the data of an etcd server.*etcdctl snapshot save/,
  );
  assert.deepEqual(await readdir(join(directory, "member")), ["snap"]);
});

test("a start that was interrupted at any step is started over", async (t) => {
  const directory = await newDirectory(t);
  await (await openDataDirectory(directory, options)).close();
  const member = join(directory, "member");
  // Before the log's directory got its name.
  await rm(join(member, "wal"), { recursive: true });
  await mkdir(join(member, "wal.tmp"));
  await (await openDataDirectory(directory, options)).close();
  assert.ok(!(await readdir(member)).includes("wal.tmp"));
  // Before the store's file got its name.
  await rm(member, { recursive: true });
  await mkdir(join(member, "snap/store"), { recursive: true });
  await writeFile(join(member, "snap/store/new.tmp"), "half a file");
  const opened = await openDataDirectory(directory, options);
  assert.ok(opened.isNew);
  await opened.close();
});

test("a store without its log, or a log without its store, is refused once there is something to lose", async (t) => {
  const directory = await newDirectory(t);
  const opened = await openDataDirectory(directory, options);
  await applyUpTo(opened, 5);
  await opened.close();
  // The whole log is there, so the store can be made again from it.
  await rm(join(directory, "member/snap/store"), { recursive: true });
  const replayed = await openDataDirectory(directory, options);
  assert.equal(replayed.recovered.entries.length, 5);
  await replayed.recovered.log.saveSnapshot(newSnapshotMetadata({ index: 4, term: 1, confState: newConfState() }));
  await replayed.close();
  await assert.rejects(
    openDataDirectory(directory, options),
    /the log starts at index 5, but the store only holds what came up to index 0/,
  );
  await rm(join(directory, "member/snap/store"), { recursive: true });
  await assert.rejects(openDataDirectory(directory, options), /the log starts at index 5, but the store is missing/);

  const other = await newDirectory(t);
  const full = await openDataDirectory(other, options);
  await applyUpTo(full, 1);
  await full.close();
  await rm(join(other, "member/wal"), { recursive: true });
  await assert.rejects(openDataDirectory(other, options), /has a store but no log/);
});

test("a store file that is damaged, foreign, cut short or of a later release is refused in words", async (t) => {
  const directory = await newDirectory(t);
  const opened = await openDataDirectory(directory, options);
  for (let i = 0; i < 500; i++) opened.backend.put("key", Buffer.from(`key ${i}`), Buffer.alloc(100));
  await opened.backend.commit();
  await opened.close();
  const path = await storeFile(directory);
  const refused = (words: RegExp) =>
    assert.rejects(openDataDirectory(directory, options), (error) => {
      assert.ok(error instanceof CorruptStorageError);
      assert.match(error.message, words);
      return true;
    });

  const environment = await LmdbEnvironment.openExisting(path, { unsafeNoFsync: true });
  const formats = environment.root.openDB("bridgekeeper", { keyEncoding: "binary", encoding: "binary" });
  await formats.put(Buffer.from("format"), Buffer.from("2"));
  await environment.close();
  await refused(/format 2 was written by a later release; this one reads up to format 1/);

  await truncate(path, 20_000);
  await refused(/20000 bytes long, .* it was cut short/);
  await writeFile(path, Buffer.alloc(100_000, "no database"));
  await refused(/not an LMDB file, or damaged/);
  await writeFile(path, "");
  await refused(/not an LMDB file, or damaged/);
});

test("an LMDB file of somebody else is not taken for ours", async (t) => {
  const directory = await newDirectory(t);
  await (await openDataDirectory(directory, options)).close();
  const path = await storeFile(directory);
  const environment = await LmdbEnvironment.openExisting(path, { unsafeNoFsync: true });
  const formats = environment.root.openDB("bridgekeeper", { keyEncoding: "binary", encoding: "binary" });
  await formats.remove(Buffer.from("format"));
  await environment.close();
  await assert.rejects(openDataDirectory(directory, options), /an LMDB file, but no store of Bridgekeeper/);
});

test("a directory serves one process at a time, and a killed one does not block the next", async (t) => {
  const directory = await newDirectory(t);
  const source = `
    import { openDataDirectory } from ${JSON.stringify(new URL("data-dir.ts", import.meta.url).href)};
    await openDataDirectory(${JSON.stringify(directory)}, { identity: { memberId: 1n, clusterId: 2n } });
    process.stdout.write("open");
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => holder.once("close", resolve));
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  await assert.rejects(openDataDirectory(directory, options), (error) => {
    assert.ok(error instanceof StorageError);
    assert.match(error.message, new RegExp(`is held by process ${holder.pid}: the data directory is in use`));
    return true;
  });
  holder.kill("SIGKILL");
  await ended;
  const opened = await openDataDirectory(directory, options);
  assert.equal(opened.recovered.memberId, 1n);
  await opened.close();
});
