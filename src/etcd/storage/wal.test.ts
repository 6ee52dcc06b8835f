import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { newConfState, newEntry, newHardState, newSnapshotMetadata, type Entry } from "../wire/raftpb.ts";
import type { RecoveredLog } from "../member/log.ts";
import { CorruptStorageError, StorageError } from "./errors.ts";
import { FrameWriter, recordType } from "./wal-format.ts";
import { readWal } from "./wal-reader.ts";
import { createWal, openWal, type Wal, type WalOptions } from "./wal.ts";

const identity = { memberId: 0x8e9e05c52164694dn, clusterId: 0xcdf818194e3a8c32n };
/** Durability has its own test; the others need not wait for the disk. */
const fast: WalOptions = { unsafeNoFsync: true };

async function newDirectory(t: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "wal-"));
  t.after(() => rm(parent, { recursive: true }));
  return join(parent, "wal");
}

function entries(from: number, count: number, { term = 1, bytes = 10 } = {}): Entry[] {
  return Array.from({ length: count }, (_, i) =>
    newEntry({ term, index: from + i, data: Buffer.alloc(bytes, `entry ${from + i} of term ${term};`) }),
  );
}

const hardState = (term: number, commit: number) => newHardState({ term, vote: identity.memberId, commit });
const mark = (index: number, term = 1) =>
  newSnapshotMetadata({ index, term, confState: newConfState({ voters: [identity.memberId] }) });

async function reopen(directory: string, options = fast): Promise<RecoveredLog> {
  const recovered = await openWal(directory, options);
  await recovered.log.close();
  return recovered;
}

const indexes = (list: readonly Entry[]) => list.map(({ index }) => index);
const segmentNames = async (directory: string) => (await readdir(directory)).filter((name) => name.endsWith(".wal"));
const onlySegment = async (directory: string) => join(directory, (await segmentNames(directory))[0]!);

/** The file without the zeros that were written ahead. */
async function contentOf(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, (end + 7) & ~7);
}

test("the head of a first segment has the bytes that etcd writes", () => {
  const frames = new FrameWriter();
  frames.checkpoint();
  frames.record(recordType.metadata, Buffer.from("somedata"));
  frames.record(recordType.snapshot, Buffer.from("08001000", "hex"));
  assert.equal(
    frames.buffer.toString("hex", 0, frames.length),
    "0400000000000084" +
      ("0804100000000000" + "1200000000000086" + "08011085d4fda0071a08736f6d6564617461") +
      ("000000000000" + "0e00000000000082" + "08051080db81c1011a0408001000" + "0000"),
  );
});

test("what was saved is there when the log is opened again", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity);
  await log.save(hardState(1, 0), entries(1, 3));
  await log.save(hardState(2, 3), [
    newEntry({ term: 2, index: 4 }),
    newEntry({ type: 1, term: 2, index: 5, data: Buffer.alloc(0) }),
  ]);
  await log.close();

  const recovered = await openWal(directory);
  assert.equal(recovered.memberId, identity.memberId);
  assert.equal(recovered.clusterId, identity.clusterId);
  assert.deepEqual(recovered.hardState, hardState(2, 3));
  assert.deepEqual(recovered.snapshot, newSnapshotMetadata());
  assert.deepEqual(indexes(recovered.entries), [1, 2, 3, 4, 5]);
  assert.equal(Buffer.from(recovered.entries[1]!.data!).toString(), "entry 2 of");
  // Absent data and empty data differ on the wire, so they must differ after a restart.
  assert.equal(recovered.entries[3]!.data, null);
  assert.equal(recovered.entries[4]!.data?.length, 0);

  await recovered.log.save(null, entries(6, 1, { term: 2 }));
  await recovered.log.close();
  assert.deepEqual(indexes((await reopen(directory)).entries), [1, 2, 3, 4, 5, 6]);
});

test("a lower or equal index replaces the tail", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, fast);
  await log.save(hardState(1, 2), entries(1, 10));
  await log.save(hardState(2, 2), entries(4, 2, { term: 2 }));
  await log.close();
  const recovered = await reopen(directory);
  assert.deepEqual(
    recovered.entries.map(({ index, term }) => `${index}@${term}`),
    ["1@1", "2@1", "3@1", "4@2", "5@2"],
  );
});

test("a log starts at the newest snapshot mark that is committed", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, fast);
  await log.save(hardState(1, 4), entries(1, 6));
  await log.saveSnapshot(mark(2));
  await log.saveSnapshot(mark(4));
  await log.saveSnapshot(mark(6));
  await log.close();
  const recovered = await reopen(directory);
  assert.deepEqual(recovered.snapshot, mark(4));
  assert.deepEqual(indexes(recovered.entries), [5, 6]);
});

test("a mark that replaced the log by a snapshot leaves no gap", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, fast);
  await log.save(hardState(1, 3), entries(1, 3));
  await log.saveSnapshot(mark(1000));
  await log.save(hardState(1, 1001), entries(1001, 2));
  await log.close();
  const recovered = await reopen(directory);
  assert.equal(recovered.snapshot.index, 1000);
  assert.deepEqual(indexes(recovered.entries), [1001, 1002]);
});

test("entries that do not follow on the snapshot mark are refused", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, fast);
  await log.save(hardState(1, 0), entries(5, 1));
  await log.close();
  await assert.rejects(openWal(directory), /wal: slice bounds out of range, snapshot\[Index: 0, Term: 0\]/);
});

test("two marks of one index and different terms are refused", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, fast);
  await log.save(hardState(1, 3), entries(1, 3));
  await log.saveSnapshot(mark(2, 1));
  await log.saveSnapshot(mark(2, 2));
  await log.close();
  await assert.rejects(openWal(directory), /wal: snapshot mismatch/);
});

test("saves that come while one is written share the next write and end in their order", async (t) => {
  const directory = await newDirectory(t);
  const durations: number[] = [];
  let written = 0;
  const log = await createWal(directory, identity, {
    onFsync: (seconds) => durations.push(seconds),
    onWrite: (seconds, bytes) => {
      assert.equal(seconds, durations.at(-1));
      written += bytes;
    },
  });
  const ended: number[] = [];
  const save = (index: number) => log.save(null, entries(index, 1)).then(() => ended.push(index));
  await Promise.all(Array.from({ length: 500 }, (_, i) => save(i + 1)));
  assert.equal(durations.length, 1, "saves of one turn are one write");
  const first = save(501);
  await Promise.resolve().then(() => undefined);
  await Promise.all([first, ...Array.from({ length: 99 }, (_, i) => save(502 + i))]);
  assert.ok(durations.slice(1).length <= 2);
  assert.deepEqual(
    ended,
    Array.from({ length: 600 }, (_, i) => i + 1),
  );
  // Each frame names its length; an entry here takes no less than its index and term.
  assert.ok(written > 600 * 16 && written < 600 * 200, String(written));
  await log.close();
  assert.equal((await reopen(directory)).entries.length, 600);
});

test("a full segment is followed by a next one, whose name tells its number and first index", async (t) => {
  const directory = await newDirectory(t);
  const options = { ...fast, segmentBytes: 4096, segmentsMax: 2 };
  const log = await createWal(directory, identity, options);
  for (let index = 1; index <= 100; index++) await log.save(hardState(1, index), entries(index, 1, { bytes: 200 }));
  const names = await segmentNames(directory);
  assert.ok(names.length > 4);
  assert.equal(names[0], "0000000000000000-0000000000000000.wal");
  assert.match(names[1]!, /^0000000000000001-000000000000000f\.wal$/);
  assert.deepEqual(indexes((await reopenCopy(t, directory)).entries), indexes(entries(1, 100)));

  await log.saveSnapshot(mark(40));
  await log.release(40);
  const first = Number.parseInt((await segmentNames(directory))[0]!.slice(17, 33), 16);
  assert.ok(first <= 40 && first > 20, `the segment with index 40 is the first: ${first}`);
  await log.saveSnapshot(mark(100));
  await log.release(100);
  assert.equal((await segmentNames(directory)).length, 2, "segmentsMax are left");
  await log.close();
  const recovered = await reopen(directory, options);
  assert.equal(recovered.snapshot.index, 100);
  assert.deepEqual(recovered.hardState, hardState(1, 100));
  assert.deepEqual(recovered.entries, []);
});

/** Opens a copy, so that a log in use can be looked at. */
async function reopenCopy(t: TestContext, directory: string): Promise<RecoveredLog> {
  const copy = await newDirectory(t);
  await fs.promises.cp(directory, copy, { recursive: true });
  return reopen(copy);
}

test("a segment that is missing in the middle is noticed", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, { ...fast, segmentBytes: 2048 });
  for (let index = 1; index <= 50; index++) await log.save(hardState(1, index), entries(index, 1, { bytes: 200 }));
  await log.close();
  await rm(join(directory, (await segmentNames(directory))[2]!));
  await assert.rejects(openWal(directory), /wal: file sequence numbers do not increase continuously/);
});

test("an empty directory is no log", async (t) => {
  const directory = await newDirectory(t);
  await fs.promises.mkdir(directory);
  await assert.rejects(openWal(directory), /wal: file not found/);
});

/**
 * A log of three acknowledged batches and a fourth, the last one. Returns where the last batch starts and what one
 * sees when it is lost.
 */
async function fourBatches(
  t: TestContext,
  lastBytes: number,
): Promise<{ directory: string; lastStart: number; path: string; content: Buffer }> {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, fast);
  await log.save(hardState(1, 0), entries(1, 2, { bytes: 100 }));
  await log.save(hardState(1, 2), entries(3, 2, { bytes: 300 }));
  await log.save(hardState(1, 4), entries(5, 1, { bytes: 2000 }));
  const path = await onlySegment(directory);
  const lastStart = (await contentOf(path)).length;
  await log.save(hardState(1, 5), entries(6, 2, { bytes: lastBytes }));
  await log.close();
  return { directory, lastStart, path, content: Buffer.from(await contentOf(path)) };
}

test("a last write that is cut off at any byte is dropped, what was acknowledged before it stays", async (t) => {
  const { directory, lastStart, path, content } = await fourBatches(t, 70);
  for (let cut = lastStart; cut < content.length; cut++) {
    await writeFile(path, content.subarray(0, cut));
    const { entries: kept, hardState: state } = await readWal(directory);
    // What a cut leaves of the batch is whole entries, never a part of one.
    assert.ok(kept.length >= 5 && kept.length <= 7, `cut at ${cut}: ${kept.length}`);
    assert.deepEqual(
      kept,
      [
        ...entries(1, 2, { bytes: 100 }),
        ...entries(3, 2, { bytes: 300 }),
        ...entries(5, 1, { bytes: 2000 }),
        ...entries(6, 2, { bytes: 70 }),
      ].slice(0, kept.length),
    );
    assert.ok(state.commit === 4 || kept.length === 7);
  }
});

test("a last write of which any one sector did not arrive is dropped", async (t) => {
  const { directory, lastStart, path, content } = await fourBatches(t, 3000);
  let dropped = 0;
  for (let sector = Math.ceil(lastStart / 512); sector * 512 < content.length; sector++) {
    const torn = Buffer.concat([content, Buffer.alloc(8192)]);
    torn.fill(0, sector * 512, sector * 512 + 512);
    await writeFile(path, torn);
    const recovered = await openWal(directory, fast);
    assert.ok(recovered.entries.length >= 5, `sector ${sector}`);
    if (recovered.entries.length < 7) dropped++;
    // The remains behind the cut must not come back to life behind new records.
    const next = recovered.entries.length + 1;
    await recovered.log.save(hardState(1, 5), entries(next, 1));
    await recovered.log.close();
    assert.equal((await reopen(directory)).entries.length, next);
  }
  assert.ok(dropped > 5);
});

test("damage to an acknowledged write is an error, at whatever byte and even if it looks like a torn one", async (t) => {
  const { directory, lastStart, path, content } = await fourBatches(t, 700);
  const file = Buffer.concat([content, Buffer.alloc(8192)]);
  const wellFormed = await reopen(directory);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: lastStart - 1 }),
      fc.constantFrom(1, 8, 512, 1024),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, length, mask, zeroed) => {
        const damaged = Buffer.from(file);
        const end = Math.min(lastStart, at + length);
        for (let i = at; i < end; i++) damaged[i] = zeroed ? 0 : damaged[i]! ^ mask;
        await writeFile(path, damaged);
        try {
          // A byte of padding may change without harm; then nothing else may.
          const { entries: found, hardState: state, snapshot } = await readWal(directory);
          assert.deepEqual(
            { found, state, snapshot },
            { found: wellFormed.entries, state: wellFormed.hardState, snapshot: wellFormed.snapshot },
          );
        } catch (error) {
          if (!(error instanceof CorruptStorageError)) throw error;
        }
      },
    ),
    { numRuns: 700 },
  );
});

test("one changed byte in the last write is an error or does no harm", async (t) => {
  const { directory, lastStart, path, content } = await fourBatches(t, 60);
  const file = Buffer.concat([content, Buffer.alloc(8192)]);
  const wellFormed = await reopen(directory);
  let refused = 0;
  for (let at = lastStart; at < content.length; at++) {
    for (const mask of [0x01, 0x80]) {
      const damaged = Buffer.from(file);
      damaged[at]! ^= mask;
      await writeFile(path, damaged);
      try {
        assert.deepEqual((await readWal(directory)).entries, wellFormed.entries, `byte ${at}`);
      } catch (error) {
        if (!(error instanceof CorruptStorageError)) throw error;
        refused++;
      }
    }
  }
  assert.ok(refused > content.length - lastStart, `${refused}`);
});

test("a checksum that does not match is named in etcd's words", async (t) => {
  const { directory, path, content } = await fourBatches(t, 100);
  const damaged = Buffer.from(content);
  damaged[damaged.length - 100]! ^= 1;
  await writeFile(path, damaged);
  await assert.rejects(
    openWal(directory),
    /^CorruptStorageError: walpb: crc mismatch: expected: [0-9a-f]+ computed: [0-9a-f]+: in file '.*' at position: \d+$/,
  );
});

test("metadata of another member in a later segment is an error", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, { ...fast, segmentBytes: 512 });
  await log.save(hardState(1, 0), entries(1, 1, { bytes: 600 }));
  await log.save(null, entries(2, 1));
  await log.close();
  const [first, second] = (await segmentNames(directory)).map((name) => join(directory, name));
  const frames = new FrameWriter();
  // The running checksum at the end of the first segment stands in the second one's first record.
  frames.crc = readCrc(await readFile(second!));
  frames.checkpoint();
  frames.record(recordType.metadata, Buffer.from("08011002", "hex"));
  await writeFile(second!, frames.buffer.subarray(0, frames.length));
  assert.ok((await stat(first!)).size > 600);
  await assert.rejects(openWal(directory), /wal: conflicting metadata found/);
});

function readCrc(segment: Buffer): number {
  let value = 0;
  for (let i = 11, scale = 1; ; i++, scale *= 128) {
    value += (segment[i]! & 0x7f) * scale;
    if (segment[i]! < 0x80) return value;
  }
}

/** Lets the next writes to disk fail as told, with part of the bytes written. */
function failWrites(t: TestContext, codes: string[]): void {
  const real = fs.write;
  t.mock.method(fs, "write", ((
    fd: number,
    bytes: Uint8Array,
    from: number,
    length: number,
    at: number,
    done: (error: Error | null, written: number) => void,
  ) => {
    // Zeros ahead of the log are not what this is about.
    const code = bytes.subarray(from, from + length).some((byte) => byte !== 0) ? codes.shift() : undefined;
    if (code === undefined) {
      real(fd, bytes, from, length, at, done);
      return;
    }
    // The kernel takes whole pages, so that is what a write that fails leaves behind.
    const part = Math.max(0, ((at + length / 2) & ~4095) - at);
    const failed = () => done(Object.assign(new Error(`${code}: write`), { code }), 0);
    if (part === 0) failed();
    else real(fd, bytes, from, part, at, failed);
  }) as typeof fs.write);
}

test("a full disk fails the save and those that wait, leaves nothing behind, and the same save succeeds later", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, fast);
  await log.save(hardState(1, 0), entries(1, 2));
  failWrites(t, ["ENOSPC", "EDQUOT"]);
  const first = log.save(hardState(1, 1), entries(3, 5, { bytes: 5000 }));
  const second = log.save(hardState(1, 2), entries(8, 1));
  for (const save of [first, second]) {
    await assert.rejects(
      save,
      (error) => error instanceof StorageError && error.retryable && error.message.includes("no space left"),
    );
  }
  assert.deepEqual(indexes((await reopenCopy(t, directory)).entries), [1, 2]);
  await assert.rejects(log.save(hardState(1, 1), entries(3, 1)), /no space left/);
  await log.save(hardState(1, 1), entries(3, 1));
  await log.close();
  assert.deepEqual(indexes((await reopen(directory)).entries), [1, 2, 3]);
});

test("after any other failed write the log accepts nothing more, and what was acknowledged is still there", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, fast);
  await log.save(hardState(1, 0), entries(1, 2));
  failWrites(t, ["EIO"]);
  await assert.rejects(
    log.save(null, entries(3, 1, { bytes: 20_000 })),
    (error) => error instanceof StorageError && !error.retryable,
  );
  await assert.rejects(log.save(null, entries(3, 1)), /accepts nothing more/);
  await log.close();
  const { entries: found } = await reopen(directory);
  assert.deepEqual(indexes(found), [1, 2]);
});

test("without room for a next segment the current one grows", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, { ...fast, segmentBytes: 1024 });
  const real = fs.open;
  const refuse = t.mock.method(fs, "open", ((
    path: string,
    flags: number,
    mode: number,
    done: (error: Error | null, fd: number) => void,
  ) => {
    if (path.endsWith(".tmp")) done(Object.assign(new Error("ENOSPC: open"), { code: "ENOSPC" }), -1);
    else real(path, flags, mode, done);
  }) as unknown as typeof fs.open);
  for (let index = 1; index <= 20; index++) await log.save(hardState(1, 0), entries(index, 1, { bytes: 200 }));
  assert.equal((await segmentNames(directory)).length, 1);
  refuse.mock.restore();
  await new Promise((resolve) => setTimeout(resolve, 550));
  for (let index = 21; index <= 22; index++) await log.save(hardState(1, 0), entries(index, 1, { bytes: 200 }));
  assert.equal((await segmentNames(directory)).length, 2);
  await log.close();
  assert.equal((await reopen(directory)).entries.length, 22);
});

test("a log that was closed takes nothing; closing waits for what was on its way", async (t) => {
  const directory = await newDirectory(t);
  const log = await createWal(directory, identity, fast);
  const saved = log.save(null, entries(1, 1));
  await log.close();
  await log.close();
  await saved;
  await assert.rejects(log.save(null, entries(2, 1)), /wal: closed/);
  assert.equal((await reopen(directory)).entries.length, 1);
});

test("a process killed with SIGKILL loses nothing that it acknowledged", async (t) => {
  const directory = await newDirectory(t);
  const source = `
    import { createWal } from ${JSON.stringify(new URL("wal.ts", import.meta.url).href)};
    const log = await createWal(${JSON.stringify(directory)}, { memberId: 1n, clusterId: 2n }, { segmentBytes: 200_000 });
    let index = 0;
    const one = async () => {
      for (;;) {
        const mine = ++index;
        await log.save({ term: 1, vote: 1n, commit: mine - 1 }, [{ type: 0, term: 1, index: mine, data: Buffer.alloc(500, mine & 255) }]);
        process.stdout.write(mine + "\\n");
      }
    };
    await Promise.all([one(), one(), one(), one()]);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.split("\n").length > 1500) child.kill("SIGKILL");
    });
    child.on("close", () => resolve());
  });
  const acknowledged = Math.max(...output.split("\n").slice(0, -1).map(Number));
  const { entries: found } = await reopen(directory, {});
  assert.ok(acknowledged >= 1500 && (await segmentNames(directory)).length > 2);
  assert.ok(found.length >= acknowledged, `${found.length} of ${acknowledged}`);
  for (const { index, data } of found) assert.equal(data![0], index & 255);
});

test("any mix of saves, marks and restarts reads back as the list of entries it stands for", async (t) => {
  const operation = fc.oneof(
    fc.record({
      kind: fc.constant("save" as const),
      back: fc.nat(3),
      count: fc.integer({ min: 0, max: 5 }),
      bytes: fc.nat(400),
    }),
    fc.record({ kind: fc.constant("mark" as const) }),
    fc.record({ kind: fc.constant("restart" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
      const directory = await newDirectory(t);
      const options = { ...fast, segmentBytes: 2000, segmentsMax: 2 };
      let log: Pick<Wal, "save" | "saveSnapshot" | "release" | "close"> = await createWal(directory, identity, options);
      let model: Entry[] = [];
      let snapshot = 0;
      let term = 1;
      const check = async () => {
        await log.close();
        const recovered = await openWal(directory, options);
        assert.equal(recovered.snapshot.index, snapshot);
        assert.deepEqual(
          recovered.entries,
          model.filter(({ index }) => index > snapshot),
        );
        return recovered.log;
      };
      for (const each of operations) {
        if (each.kind === "save") {
          const from = Math.max(snapshot, model.length - each.back) + 1;
          const added = entries(from, each.count, { term: ++term, bytes: each.bytes });
          if (added.length > 0) model = [...model.slice(0, from - 1), ...added];
          await log.save(hardState(term, snapshot), added);
        } else if (each.kind === "mark") {
          snapshot = model.length;
          await log.save(hardState(term, snapshot), []);
          if (snapshot > 0) await log.saveSnapshot(mark(snapshot));
          await log.release(snapshot);
        } else log = await check();
      }
      await (await check()).close();
    }),
    { numRuns: 60 },
  );
});

test("a log that etcd cut to size, or left without any room behind, can be carried on", async (t) => {
  const { directory, path, content } = await fourBatches(t, 50);
  await writeFile(path, content);
  await truncate(path, content.length);
  const recovered = await openWal(directory, fast);
  await recovered.log.save(null, entries(8, 1));
  await recovered.log.close();
  assert.deepEqual(indexes((await reopen(directory)).entries), [1, 2, 3, 4, 5, 6, 7, 8]);
});
