/** What a supervisor sees of the program `etcd`: how it ends when clients are connected, and what it will not start on. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { grpcCode } from "../../src/etcd/rpc/status.ts";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { kv, lease, TestClient } from "../edge/grpc-client.ts";
import { Child } from "../support/child.ts";
import { bytes, Watch } from "./live-server.ts";

const READY = "serving client traffic insecurely; this is strongly discouraged!";
const root = mkdtempSync(join(tmpdir(), "process-"));

function start(name: string, flags: readonly string[] = []): Child {
  return new Child("src/bin/etcd.ts", [
    ...["--data-dir", join(root, name), "--listen-peer-urls", "http://127.0.0.1:0"],
    ...["--listen-client-urls", "http://127.0.0.1:0", "--advertise-client-urls", "http://localhost:2379"],
    ...flags,
  ]);
}

async function ready(child: Child): Promise<TestClient> {
  await child.logged(READY);
  return new TestClient(String(child.log().find((line) => line["msg"] === READY)?.["address"]));
}

/** A directory that a member has been started and stopped on. */
async function prepared(name: string): Promise<string> {
  const child = start(name);
  (await ready(child)).close();
  child.process.kill("SIGTERM");
  await child.ended;
  return join(root, name, "member");
}

/** It ends with 1, and its last word is a fatal line that gives the reason. */
async function refuses(child: Child, reason: RegExp): Promise<void> {
  const { code, signal } = await child.ended;
  const last = child.log().at(-1);
  assert.deepEqual([code, signal, last?.["level"]], [1, null, "fatal"]);
  assert.match(String(last?.["error"]), reason);
}

describe("a process", { concurrency: 2, timeout: 180_000 }, () => {
  after(() => rmSync(root, { recursive: true }));

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal} with watches, renewals and calls open ends it within seconds, of that signal`, async () => {
      const child = start(signal);
      const client = await ready(child);
      const watches = Array.from({ length: 20 }, () => new Watch(client));
      for (const watch of watches) await watch.create({ key: bytes("a") });
      const renewals = client.bidi(lease.LeaseKeepAlive);
      renewals.send({ id: 5n });
      await renewals.next();
      const { header } = await client.unary(kv.Put, pb.newPutRequest({ key: bytes("a"), value: bytes("kept") }));
      const startedAt = performance.now();
      child.process.kill(signal);
      const ended = await child.ended;
      assert.deepEqual([ended.code, ended.signal], [null, signal]);
      assert.ok(performance.now() - startedAt < 5000, `it took ${performance.now() - startedAt} ms`);
      for (const { status } of [...watches, renewals]) assert.equal((await status).code, grpcCode.unavailable);
      client.close();
      assert.deepEqual(
        child.log().filter(({ level }) => level !== "info" && level !== "warn"),
        [],
      );

      const again = start(signal);
      const next = await ready(again);
      const { kvs } = await next.unary(kv.Range, pb.newRangeRequest({ key: bytes("a") }));
      assert.deepEqual([kvs[0]?.modRevision, Buffer.from(kvs[0]!.value).toString()], [header!.revision, "kept"]);
      next.close();
      again.process.kill(signal);
      await again.ended;
    });
  }

  test("a directory that another process uses", async () => {
    const holder = start("held");
    const client = await ready(holder);
    await refuses(start("held"), /is held by process \d+: the data directory is in use/);
    // The one that was first does not notice.
    await client.unary(kv.Put, pb.newPutRequest({ key: bytes("a") }));
    client.close();
    holder.process.kill("SIGTERM");
    await holder.ended;
  });

  test("a directory of another member", async () => {
    await prepared("other");
    const flags = [
      "--name=stranger",
      "--initial-advertise-peer-urls=http://127.0.0.1:9",
      "--initial-cluster=stranger=http://127.0.0.1:9",
    ];
    await refuses(start("other", flags), /belongs to another member/);
  });

  test("the directory of a real etcd", async () => {
    mkdirSync(join(root, "bolt/member/snap"), { recursive: true });
    writeFileSync(join(root, "bolt/member/snap/db"), "a bbolt file");
    await refuses(start("bolt"), /holds the data of an etcd server/);
  });

  test("a store that was cut short, and a log that is gone", async () => {
    const member = await prepared("damaged");
    const store = join(member, "snap/store");
    const file = readdirSync(store).find((name) => name.endsWith(".mdb"))!;
    rmSync(join(member, "wal"), { recursive: true });
    await refuses(start("damaged"), /has a store but no log/);
    truncateSync(join(store, file), 4096);
    await refuses(start("damaged"), /cut short|damaged/);
  });
});
