import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { testBackendContract, type BackendUnderTest } from "../mvcc/backend-contract.ts";
import { StorageError } from "./errors.ts";
import { LmdbBackend, openLmdbBackend } from "./lmdb-backend.ts";
import { LmdbEnvironment } from "./lmdb-environment.ts";

async function openAt(directory: string): Promise<BackendUnderTest> {
  const backend = await openLmdbBackend(directory, { unsafeNoFsync: true });
  return {
    backend,
    async crash() {
      await backend.close();
      return openAt(directory);
    },
    async close() {
      await backend.close();
      await rm(directory, { recursive: true });
    },
  };
}

testBackendContract("LmdbBackend", async () => openAt(await mkdtemp(join(tmpdir(), "lmdb-backend-"))));

const text = (value: string): Buffer => Buffer.from(value);
const nothing = new Uint8Array(0);

async function newDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "lmdb-backend-"));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

function pairsOf(backend: LmdbBackend, bucket: "key" | "meta" = "key"): string[] {
  const pairs: string[] = [];
  backend.scan(bucket, nothing, null, (key, value) => {
    pairs.push(`${Buffer.from(key).toString("latin1")}=${Buffer.from(value).toString("latin1")}`);
    return true;
  });
  return pairs;
}

/** A backend whose commits fail as long as `failing` has errors to give, as the binding makes them fail. */
async function failingBackend(t: TestContext): Promise<{ backend: LmdbBackend; failing: { code: number }[] }> {
  const directory = await newDirectory(t);
  await (await openLmdbBackend(directory, { unsafeNoFsync: true })).close();
  const [name] = (await readdir(directory)).filter((each) => each.endsWith(".mdb"));
  const environment = await LmdbEnvironment.openExisting(join(directory, name!), { unsafeNoFsync: true });
  const failing: { code: number }[] = [];
  const real = environment.root.batch.bind(environment.root);
  t.mock.method(environment.root, "batch", (write: () => void) => {
    const failure = failing.shift();
    if (failure === undefined) return real(write);
    const cause = Object.assign(new Error("native"), failure);
    const commitError = Promise.reject(cause);
    commitError.catch(() => undefined);
    return Promise.reject(Object.assign(new Error("Commit failed (see commitError for details)"), { commitError }));
  });
  const backend = new LmdbBackend(directory, { unsafeNoFsync: true }, 1, environment);
  t.after(() => backend.close());
  return { backend, failing };
}

const errnoNoSpace = 28;

test("commits under way never hide or undo a write, whatever happens when", async (t) => {
  const { backend, failing } = await failingBackend(t);
  const key = fc.integer({ min: 0, max: 15 }).map((n) => text(`k${n}`));
  const operation = fc.oneof(
    { weight: 5, arbitrary: fc.record({ op: fc.constant("put" as const), key, value: fc.nat(99) }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("delete" as const), key }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constantFrom("commit", "fail", "wait", "defragment") }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("read" as const), key, key2: key }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
      const model = new Map<string, string>();
      for (const pair of pairsOf(backend)) backend.delete("key", text(pair.split("=")[0]!));
      const underWay: Promise<unknown>[] = [];
      for (const step of operations) {
        if ("value" in step) {
          backend.put("key", step.key, text(String(step.value)));
          model.set(step.key.toString(), String(step.value));
        } else if (step.op === "delete" && "key" in step) {
          backend.delete("key", step.key);
          model.delete(step.key.toString());
        } else if ("key2" in step) {
          const value = backend.get("key", step.key);
          assert.equal(value && Buffer.from(value).toString(), model.get(step.key.toString()));
          const [start, end] = [step.key, step.key2].sort(Buffer.compare) as [Buffer, Buffer];
          const seen: string[] = [];
          backend.scan("key", start, end, (at, held) => seen.push(`${String(at)}=${String(held)}`) < 3);
          const expected = [...model.keys()].sort().filter((each) => each >= start.toString() && each < end.toString());
          assert.deepEqual(
            seen,
            expected.slice(0, 3).map((each) => `${each}=${model.get(each)!}`),
          );
        } else if (step.op === "wait") await Promise.allSettled(underWay.splice(0));
        else {
          if (step.op === "fail") failing.push({ code: errnoNoSpace });
          underWay.push((step.op === "defragment" ? backend.defragment() : backend.commit()).catch(assertNoSpace));
        }
      }
      failing.length = 0;
      await Promise.all(underWay);
      await backend.commit();
      assert.deepEqual(
        pairsOf(backend),
        [...model.keys()].sort().map((at) => `${at}=${model.get(at)!}`),
      );
    }),
    { numRuns: 100 },
  );
});

function assertNoSpace(error: unknown): void {
  assert.ok(error instanceof StorageError && error.retryable && error.message.includes("no space left"), String(error));
}

test("a commit that finds the disk full keeps its batch for the next one", async (t) => {
  const { backend, failing } = await failingBackend(t);
  backend.put("key", text("a"), text("1"));
  failing.push({ code: errnoNoSpace }, { code: -30792 });
  await assert.rejects(backend.commit(), (error) => (assertNoSpace(error), true));
  backend.put("key", text("a"), text("2"));
  backend.put("key", text("b"), text("2"));
  await assert.rejects(backend.commit(), (error) => (assertNoSpace(error), true));
  assert.equal(backend.pendingOperations, 0);
  assert.deepEqual(pairsOf(backend), ["a=2", "b=2"]);
  // Nothing new came in, and there is still something to commit.
  await backend.commit();
  const snapshot = backend.snapshot();
  assert.equal(String(snapshot.pairs("key").next()?.value), "2");
  snapshot.close();
});

test("after any other failure nothing more is committed", async (t) => {
  const { backend, failing } = await failingBackend(t);
  backend.put("key", text("a"), text("1"));
  failing.push({ code: -30796 });
  const isFinal = (error: unknown) => error instanceof StorageError && !error.retryable;
  await assert.rejects(backend.commit(), isFinal);
  await assert.rejects(backend.commit(), isFinal);
  await assert.rejects(backend.defragment(), isFinal);
  assert.deepEqual(pairsOf(backend), ["a=1"]);
});

test("a visit may read: what it was lent stays as it is", async (t) => {
  const backend = await openLmdbBackend(await newDirectory(t), { unsafeNoFsync: true });
  const long = (n: number) => `${n}`.padEnd(100, "x");
  for (let i = 0; i < 5; i++) backend.put("key", text(long(i)), text(`value ${i}`));
  backend.put("meta", text("m".repeat(500)), Buffer.alloc(300, "m"));
  await backend.commit();
  backend.put("key", text(`1${"x".repeat(50)}`), text("open"));
  const seen: string[] = [];
  backend.scan("key", nothing, null, (key, value) => {
    assert.equal(backend.get("meta", text("m".repeat(500)))?.length, 300);
    backend.scan("meta", nothing, null, () => true);
    seen.push(`${String(key)}=${String(value)}`);
    return true;
  });
  assert.deepEqual(seen, pairsOf(backend));
  assert.equal(seen.length, 6);
  await backend.close();
});

test("a visit that writes, and keys beyond LMDB's limit, are broken invariants", async (t) => {
  const backend = await openLmdbBackend(await newDirectory(t), { unsafeNoFsync: true });
  backend.put("key", text("a"), text("1"));
  await backend.commit();
  assert.throws(
    () => backend.scan("key", nothing, null, () => (backend.delete("key", text("a")), true)),
    /does not write/,
  );
  assert.throws(() => backend.put("key", nothing, nothing), /1 to 1978 bytes/);
  assert.throws(() => backend.put("authUsers", Buffer.alloc(1979), nothing), /1 to 1978 bytes/);
  assert.equal(backend.get("authUsers", Buffer.alloc(1979)), undefined);
  backend.put("authUsers", Buffer.alloc(1978, "k"), text("longest"));
  await backend.commit();
  assert.equal(String(backend.get("authUsers", Buffer.alloc(1978, "k"))), "longest");
  await backend.close();
});

test("a defragmentation gives room back, keeps every pair and survives a crash at each step", async (t) => {
  const directory = await newDirectory(t);
  let backend = await openLmdbBackend(directory, { unsafeNoFsync: true });
  const key = (i: number) => text(`key ${String(i).padStart(6, "0")}`);
  for (let i = 0; i < 20_000; i++) backend.put("key", key(i), Buffer.alloc(100, i));
  await backend.commit();
  for (let i = 0; i < 20_000; i++) if (i % 10 !== 0) backend.delete("key", key(i));
  await backend.commit();
  const [sizeBefore, inUse] = [backend.sizeBytes(), backend.sizeInUseBytes()];
  assert.ok(inUse < sizeBefore / 2);
  const expected = pairsOf(backend);

  const defragmented = backend.defragment();
  backend.put("key", text("meanwhile"), text("1"));
  const committed = backend.commit();
  await Promise.all([defragmented, committed]);
  assert.ok(backend.sizeBytes() < sizeBefore / 2);
  assert.deepEqual(pairsOf(backend), [...expected, "meanwhile=1"]);
  await backend.close();
  assert.deepEqual(
    (await readdir(directory)).filter((name) => !name.endsWith("-lock")),
    ["0000000000000002.mdb"],
  );

  // A crash before the new file has its name leaves a rest; after that, it leaves the old file.
  await copyFile(join(directory, "0000000000000002.mdb"), join(directory, "0000000000000003.mdb"));
  await writeFile(join(directory, "next.tmp"), "half");
  backend = await openLmdbBackend(directory, { unsafeNoFsync: true });
  assert.deepEqual(pairsOf(backend), [...expected, "meanwhile=1"]);
  assert.deepEqual(
    (await readdir(directory)).filter((name) => !name.endsWith("-lock")),
    ["0000000000000003.mdb"],
  );
  await backend.close();
});

test("a snapshot keeps its view, and the old file, until it is closed", async (t) => {
  const directory = await newDirectory(t);
  const backend = await openLmdbBackend(directory, { unsafeNoFsync: true });
  backend.put("key", text("a"), text("1"));
  await backend.commit();
  const snapshot = backend.snapshot();
  backend.put("key", text("a"), text("2"));
  await backend.commit();
  await backend.defragment();
  assert.deepEqual(pairsOf(backend), ["a=2"]);
  assert.equal(String(snapshot.pairs("key").next()?.value), "1");
  const files = async () => (await readdir(directory)).filter((name) => name.endsWith(".mdb")).sort();
  assert.deepEqual(await files(), ["0000000000000001.mdb", "0000000000000002.mdb"]);
  snapshot.close();
  snapshot.close();
  await backend.close();
  assert.deepEqual(await files(), ["0000000000000002.mdb"]);
});

test("a process killed with SIGKILL finds each batch whole or not at all, and all that were acknowledged", async (t) => {
  const directory = await newDirectory(t);
  const source = `
    import { openLmdbBackend } from ${JSON.stringify(new URL("lmdb-backend.ts", import.meta.url).href)};
    const backend = await openLmdbBackend(${JSON.stringify(directory)});
    for (let batch = 1; ; batch++) {
      const value = Buffer.from(String(batch));
      for (let i = 0; i < 200; i++) backend.put("key", Buffer.from("key " + i), value);
      backend.put("meta", Buffer.from("batch"), value);
      await backend.commit();
      process.stdout.write(batch + "\\n");
    }`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      if (output.split("\n").length > 40) child.kill("SIGKILL");
    });
    child.on("close", () => resolve());
  });
  const acknowledged = Math.max(...output.split("\n").slice(0, -1).map(Number));
  const backend = await openLmdbBackend(directory);
  const batch = Number(String(backend.get("meta", text("batch"))));
  assert.ok(batch >= acknowledged && acknowledged >= 39, `${batch} of ${acknowledged}`);
  assert.deepEqual(new Set(pairsOf(backend).map((pair) => pair.split("=")[1])), new Set([String(batch)]));
  await backend.close();
});
