/**
 * What it costs to make one entry, or a thousand at once, durable: behind docs/adr/0003.
 *
 *   node --import tsx test/bench/log.ts [DIRECTORY]
 *
 * The ways take turns, one write each, so that a disk which is slow for a while is slow for all of them.
 */
import fs, { constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open as openLmdb } from "lmdb";
import { createWal } from "../../src/etcd/storage/wal.ts";
import { newEntry, newHardState } from "../../src/etcd/wire/raftpb.ts";

const rounds = 1000;
const recordBytes = 256;
const record = Buffer.alloc(recordBytes, "record");
const directory = await mkdtemp(join(process.argv[2] ?? tmpdir(), "bench-log-"));

type Way = () => Promise<unknown>;

try {
  await compareWays();
  await measureWal();
} finally {
  await rm(directory, { recursive: true });
}

async function compareWays(): Promise<void> {
  const lmdb = openLmdb({
    path: join(directory, "lmdb"),
    keyEncoding: "binary",
    encoding: "binary",
    overlappingSync: false,
    eventTurnBatching: false,
  });
  let index = 0;
  const ways: Record<string, Way> = {
    "file that grows, O_DSYNC": fileWriter("grows", constants.O_DSYNC, "none"),
    "sparse file, O_DSYNC": fileWriter("sparse", constants.O_DSYNC, "sparse"),
    "zeroed file, O_DSYNC": fileWriter("zeroed", constants.O_DSYNC, "zeroed"),
    "zeroed file, write + fdatasync": fileWriter("fdatasync", 0, "zeroed"),
    "LMDB, one put, flushed": () => {
      const key = Buffer.alloc(8);
      key.writeUInt32BE(++index, 4);
      return lmdb.put(key, record);
    },
  };
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, write] of Object.entries(ways)) times.get(name)!.push(await timed(write));
  }
  for (const [name, list] of times) report(name, list);
  await lmdb.close();
}

function fileWriter(name: string, flags: number, room: "none" | "sparse" | "zeroed"): Way {
  const fd = fs.openSync(join(directory, name), constants.O_RDWR | constants.O_CREAT | flags, 0o600);
  const bytes = rounds * recordBytes;
  if (room === "sparse") fs.ftruncateSync(fd, bytes);
  if (room === "zeroed") fs.writeSync(fd, Buffer.alloc(bytes));
  fs.fsyncSync(fd);
  let position = 0;
  return () =>
    new Promise<void>((resolve, reject) => {
      const done = (error: Error | null) => (error === null ? resolve() : reject(error));
      const at = position;
      position += recordBytes;
      fs.write(fd, record, 0, recordBytes, at, (error) => {
        if (error !== null || flags !== 0) done(error);
        else fs.fdatasync(fd, done);
      });
    });
}

async function measureWal(): Promise<void> {
  let start = performance.now();
  const wal = await createWal(join(directory, "wal"), { memberId: 1n, clusterId: 2n });
  console.log(`${"a new WAL".padEnd(34)} ${(performance.now() - start).toFixed(1)} ms`);
  let index = 0;
  const save = () => {
    const entry = newEntry({ term: 1, index: ++index, data: Buffer.alloc(200, index) });
    return wal.save(newHardState({ term: 1, vote: 1n, commit: index - 1 }), [entry]);
  };
  const alone: number[] = [];
  for (let round = 0; round < rounds; round++) alone.push(await timed(save));
  report("WAL, one save at a time", alone);

  const saves = 200_000;
  let ended = 0;
  start = performance.now();
  const one = async () => {
    while (ended < saves) {
      await save();
      ended++;
    }
  };
  await Promise.all(Array.from({ length: 1000 }, one));
  const seconds = (performance.now() - start) / 1000;
  console.log(`${"WAL, 1000 savers".padEnd(34)} ${Math.round(ended / seconds)} saves a second`);
  await wal.close();
}

async function timed(way: Way): Promise<number> {
  const start = performance.now();
  await way();
  return (performance.now() - start) * 1000;
}

function report(name: string, microseconds: number[]): void {
  const sorted = [...microseconds].sort((a, b) => a - b);
  const at = (part: number) => `${Math.round(sorted[Math.floor(sorted.length * part)]!)}`.padStart(6);
  console.log(`${name.padEnd(34)} p50${at(0.5)} µs  p90${at(0.9)} µs  p99${at(0.99)} µs`);
}
