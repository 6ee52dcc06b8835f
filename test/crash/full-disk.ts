/**
 * Fills the disk under a running server: a small tmpfs with a ballast file in it. Writes must fail with a clear error,
 * reads must go on, nothing acknowledged may be lost; and when the ballast is taken away, service must resume by itself.
 * Then the same again with a kill while the disk is full.
 *
 * Mounting needs root, or a user namespace: run it as `unshare -rm` where it is not root.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newPutRequest, newRangeRequest } from "../../src/etcd/wire/etcdserverpb.ts";
import { RawClient } from "../support/raw-client.ts";
import { freePorts, type ServerProcess, startOurs } from "../support/servers.ts";

const MEGABYTE = 1024 * 1024;
const DISK_MEGABYTES = 64;
const BALLAST_MEGABYTES = 24;
const VALUE_BYTES = 32 * 1024;

const disk = mkdtempSync(join(tmpdir(), "full-disk-"));
run("mount", "-t", "tmpfs", "-o", `size=${DISK_MEGABYTES}m`, "tmpfs", disk);
try {
  await fillAndFree();
} finally {
  run("umount", disk);
  rmdirSync(disk);
  rmSync(`${disk}.log`);
}
console.log("1 passed, 0 failed");
process.exit(0);

async function fillAndFree(): Promise<void> {
  const [clientPort] = await freePorts(1);
  const start = (): Promise<ServerProcess> =>
    startOurs({ dataDir: join(disk, "data"), clientPort: clientPort!, logFile: `${disk}.log` });
  const ballast = join(disk, "ballast");
  const acknowledged = new Map<string, string>();
  let server = await start();
  try {
    for (const withKill of [false, true]) {
      writeFileSync(ballast, Buffer.alloc(withKill ? freeBytes() / 2 : BALLAST_MEGABYTES * MEGABYTE));
      const client = new RawClient(server.endpoint);
      const refusal = await writeUntilRefused(client, acknowledged);
      console.log(`${acknowledged.size} writes acknowledged, then: ${refusal}`);
      if (!/database space exceeded|request timed out/.test(refusal)) assert.fail(await endOf(server));
      await verify(server, client, acknowledged);
      client.close();
      if (withKill) await server.kill();
      rmSync(ballast);
      if (withKill) server = await start();
      const again = new RawClient(server.endpoint);
      await untilWritable(again, acknowledged);
      await verify(server, again, acknowledged);
      again.close();
      console.log(
        withKill ? "service resumed after a kill on a full disk" : "service resumed when there was room again",
      );
    }
  } finally {
    await server.stop();
  }
  server = await start();
  const last = new RawClient(server.endpoint);
  await verify(server, last, acknowledged);
  last.close();
  await server.stop();
}

/** Puts new keys, several at a time, until one is refused; returns the refusal's words. */
async function writeUntilRefused(client: RawClient, acknowledged: Map<string, string>): Promise<string> {
  for (;;) {
    const keys = Array.from({ length: 8 }, (_, index) => `key/${acknowledged.size + index}`);
    const outcomes = await Promise.all(keys.map((key) => put(client, key, acknowledged)));
    const refusal = outcomes.find((outcome): outcome is string => outcome !== null);
    if (refusal !== undefined) return refusal;
  }
}

async function put(client: RawClient, key: string, acknowledged: Map<string, string>): Promise<string | null> {
  const value = `${key}:`.padEnd(VALUE_BYTES, String(acknowledged.size % 10));
  const { error } = await client.call("put", newPutRequest({ key: Buffer.from(key), value: Buffer.from(value) }));
  if (error !== null) return error.details;
  acknowledged.set(key, value);
  return null;
}

async function untilWritable(client: RawClient, acknowledged: Map<string, string>): Promise<void> {
  const deadline = Date.now() + 30_000;
  let refusal = await put(client, "again", acknowledged);
  while (refusal !== null) {
    assert.ok(Date.now() < deadline, `still refused with room on the disk: ${refusal}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    refusal = await put(client, "again", acknowledged);
  }
}

async function verify(
  server: ServerProcess,
  client: RawClient,
  acknowledged: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [key, value] of acknowledged) {
    const { response, error } = await client.call("range", newRangeRequest({ key: Buffer.from(key) }));
    if (error !== null) assert.fail(`reading ${key}: ${error.details}; ${await endOf(server)}`);
    const stored = response!.kvs[0]?.value;
    assert.ok(stored !== undefined && Buffer.from(stored).toString() === value, `${key} was acknowledged and is lost`);
  }
}

/** What became of the server, for a failure's message. */
async function endOf(server: ServerProcess): Promise<string> {
  const running = new Promise<string>((resolve) => setTimeout(resolve, 200, "is running"));
  const end = await Promise.race([server.ended, running]);
  return `the server: ${end}; ${fatalLines(server)}`;
}

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
}

function run(command: string, ...arguments_: string[]): void {
  const { status, stderr } = spawnSync(command, arguments_, { encoding: "utf8" });
  assert.equal(status, 0, `${command} ${arguments_.join(" ")}: ${stderr}`);
}

function fatalLines(server: ServerProcess): string {
  const lines = readFileSync(server.logFile, "utf8").split("\n");
  return lines.filter((line) => line.includes('"level":"fatal"') || line.includes("cannot go on")).join("\n");
}
