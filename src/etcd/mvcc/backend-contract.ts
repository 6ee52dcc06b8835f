/* eslint-disable no-restricted-imports, no-restricted-syntax -- a test suite, shared by the tests of every backend */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bucketNames, type Backend, type BucketName, type SortedKeys } from "./backend.ts";

/** One backend under test, on a fresh and empty place. */
export interface BackendUnderTest {
  readonly backend: Backend;
  /**
   * Stops without a commit, as a crash would, and opens what is there. A real one may also close in good order, as long
   * as what was not committed is dropped.
   */
  crash(): Promise<BackendUnderTest>;
  /** Stops for good and takes its place away. */
  close(): Promise<void>;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const first = bytes(0);

/**
 * What every {@link Backend} must do; each implementation's test calls it once. Needs node:test, so it is for tests only.
 */
export function testBackendContract(name: string, open: () => Promise<BackendUnderTest>): void {
  /** The body returns what is left to close: after a crash, another one. */
  const checkOverTime = (sentence: string, body: (under: BackendUnderTest) => Promise<BackendUnderTest>): void => {
    void test(`${name}: ${sentence}`, async () => {
      const left = await body(await open());
      await left.close();
    });
  };
  const check = (sentence: string, body: (under: BackendUnderTest) => void): void => {
    checkOverTime(sentence, (under) => {
      body(under);
      return Promise.resolve(under);
    });
  };

  check("an absent key is undefined, an empty value is not", ({ backend }) => {
    assert.equal(backend.get("meta", text("a")), undefined);
    backend.put("meta", text("a"), bytes());
    assert.deepEqual([...backend.get("meta", text("a"))!], []);
  });

  check("reads see the writes of the batch that is still open", ({ backend }) => {
    backend.put("key", text("a"), text("1"));
    backend.put("key", text("b"), text("2"));
    backend.put("key", text("a"), text("3"));
    backend.delete("key", text("b"));
    assert.deepEqual(all(backend, "key"), ["61=33"]);
    assert.deepEqual([...backend.get("key", text("a"))!], [...text("3")]);
    assert.equal(backend.get("key", text("b")), undefined);
  });

  checkOverTime("a scan lays the open batch over what is committed", async (under) => {
    const { backend } = under;
    for (const key of ["b", "d", "f"]) backend.put("key", text(key), text("old"));
    await backend.commit();
    backend.put("key", text("a"), text("new"));
    backend.delete("key", text("d"));
    backend.put("key", text("f"), text("new"));
    backend.put("key", text("g"), text("new"));
    const keys = all(backend, "key").map((pair) => Buffer.from(pair, "hex").toString());
    assert.deepEqual(keys, ["a", "b", "f", "g"]);
    assert.deepEqual(all(backend, "key", text("f")), ["66=6e6577", "67=6e6577"]);
    assert.deepEqual(all(backend, "key", text("b"), text("f")), ["62=6f6c64"]);
    return under;
  });

  check("buckets do not mix", ({ backend }) => {
    for (const name of bucketNames) backend.put(name, text("k"), text(name));
    for (const name of bucketNames) {
      assert.deepEqual(all(backend, name), [`6b=${Buffer.from(name).toString("hex")}`]);
    }
  });

  check("a scan is in the order of unsigned bytes, shorter first", ({ backend }) => {
    const keys = ["00", "0000", "01", "7f", "7fff", "80", "8000", "c3", "ff", "ff00", "ffff"];
    for (const key of [...keys].reverse()) backend.put("key", Buffer.from(key, "hex"), bytes());
    assert.deepEqual(
      all(backend, "key"),
      keys.map((key) => `${key}=`),
    );
  });

  check("a scan holds start, not end, and stops when it is told to", ({ backend }) => {
    for (const key of ["a", "b", "c", "d"]) backend.put("key", text(key), bytes());
    assert.deepEqual(all(backend, "key", text("b"), text("d")), ["62=", "63="]);
    assert.deepEqual(all(backend, "key", text("b"), text("b")), []);
    assert.deepEqual(all(backend, "key", text("c"), text("b")), []);
    assert.deepEqual(all(backend, "key", text("bb"), null), ["63=", "64="]);
    assert.deepEqual(all(backend, "key", text("e"), null), []);
    let visits = 0;
    backend.scan("key", first, null, () => ++visits < 2);
    assert.equal(visits, 2);
  });

  checkOverTime("all pairs of a bucket are visited as a scan would, also those of the open batch", async (under) => {
    const { backend } = under;
    assert.deepEqual(visited(backend), []);
    for (let i = 0; i < 5000; i++) backend.put("key", numbered(i), new Uint8Array(i % 50));
    backend.put("key", numbered(2500), new Uint8Array(100_000).fill(7));
    backend.put("meta", text("m"), text("1"));
    await backend.commit();
    assert.deepEqual(visited(backend), all(backend, "key"));
    for (let i = 1000; i < 2000; i++) backend.delete("key", numbered(i));
    await backend.commit();
    backend.put("key", numbered(1500), text("new"));
    backend.delete("key", numbered(0));
    assert.deepEqual(visited(backend), all(backend, "key"));
    let visits = 0;
    backend.visitAll("key", () => ++visits < 3);
    assert.equal(visits, 3);
    return under;
  });

  checkOverTime("of many keys those that exist are visited, wherever they are", async (under) => {
    const { backend } = under;
    for (let i = 0; i < 6000; i++) backend.put("key", numbered(2 * i), text(`value ${i}`));
    backend.put("key", numbered(8000), new Uint8Array(50_000).fill(7));
    await backend.commit();
    const agree = (wanted: readonly number[]): void => {
      const found = new Map<number, string>();
      backend.visitKeys("key", sortedKeys(wanted), (index, { valueBytes, valueStart, valueEnd }) => {
        assert.ok(!found.has(index), "a key is visited once");
        found.set(index, Buffer.from(valueBytes.subarray(valueStart, valueEnd)).toString("hex"));
      });
      wanted.forEach((number, i) => {
        const value = backend.get("key", numbered(number));
        assert.equal(found.get(i), value === undefined ? undefined : Buffer.from(value).toString("hex"));
      });
    };
    const each = (step: number, from = 0): number[] => Array.from({ length: 20_000 / step }, (_, i) => from + i * step);
    const choices = [[], [0], [1], [8000], [19_999], each(1), each(7), each(400, 11), [3, 4, 12_000, 12_002]];
    for (const wanted of choices) agree(wanted);
    for (let i = 500; i < 900; i++) backend.delete("key", numbered(i));
    for (let i = 3000; i < 13_000; i += 100) backend.put("key", numbered(i), text("open"));
    for (const wanted of choices) agree(wanted);
    return under;
  });

  check("a delete of an absent key is no error", ({ backend }) => {
    backend.delete("lease", text("nothing"));
    assert.deepEqual(all(backend, "lease"), []);
  });

  check("a value may be large", ({ backend }) => {
    const large = new Uint8Array(2_000_000).map((_, i) => i * 31);
    backend.put("key", text("k"), large);
    assert.equal(Buffer.compare(backend.get("key", text("k"))!, large), 0);
  });

  checkOverTime("pending operations are those since the last commit", async (under) => {
    const { backend } = under;
    assert.equal(backend.pendingOperations, 0);
    backend.put("key", text("a"), bytes());
    backend.delete("key", text("a"));
    assert.equal(backend.pendingOperations, 2);
    await backend.commit();
    assert.equal(backend.pendingOperations, 0);
    return under;
  });

  checkOverTime("a crash keeps what was committed and drops what was not", async (under) => {
    under.backend.put("key", text("a"), text("1"));
    under.backend.put("key", text("b"), text("1"));
    under.backend.put("meta", text("m"), text("1"));
    await under.backend.commit();
    under.backend.put("key", text("c"), text("2"));
    under.backend.put("meta", text("m"), text("2"));
    under.backend.delete("key", text("a"));
    const next = await under.crash();
    assert.deepEqual(all(next.backend, "key"), ["61=31", "62=31"]);
    assert.deepEqual(all(next.backend, "meta"), ["6d=31"]);
    assert.equal(next.backend.pendingOperations, 0);
    return next;
  });

  checkOverTime(
    "a commit is of the batch at the time of the call; writes go on while it is under way",
    async (under) => {
      under.backend.put("key", text("a"), text("1"));
      const sealed = under.backend.commit();
      under.backend.put("key", text("b"), text("2"));
      assert.deepEqual(all(under.backend, "key"), ["61=31", "62=32"]);
      await sealed;
      assert.deepEqual(all(under.backend, "key"), ["61=31", "62=32"]);
      const next = await under.crash();
      assert.deepEqual(all(next.backend, "key"), ["61=31"]);
      return next;
    },
  );

  checkOverTime("sizes are whole, and the part in use is not above what is allocated", async (under) => {
    const { backend } = under;
    for (let i = 0; i < 100; i++) backend.put("key", text(`key ${i}`), new Uint8Array(1000));
    await backend.commit();
    assert.ok(Number.isSafeInteger(backend.sizeBytes()) && Number.isSafeInteger(backend.sizeInUseBytes()));
    assert.ok(backend.sizeInUseBytes() >= 100_000);
    assert.ok(backend.sizeInUseBytes() <= backend.sizeBytes());
    return under;
  });

  void test(`${name}: it agrees with a plain map through puts, deletes, commits and crashes`, async () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 3 }).map((k) => k.map((byte) => byte % 4));
    const bucket = fc.constantFrom<BucketName[]>("key", "meta");
    const operation = fc.oneof(
      { weight: 6, arbitrary: fc.record({ op: fc.constant("put" as const), bucket, key, value: fc.uint8Array() }) },
      { weight: 3, arbitrary: fc.record({ op: fc.constant("delete" as const), bucket, key }) },
      { weight: 1, arbitrary: fc.record({ op: fc.constantFrom("commit" as const, "crash" as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        let under = await open();
        let live = new Map<string, Uint8Array>();
        let durable = new Map<string, Uint8Array>();
        for (const step of operations) {
          switch (step.op) {
            case "put":
              under.backend.put(step.bucket, step.key.slice(), step.value.slice());
              live.set(modelKey(step.bucket, step.key), step.value);
              break;
            case "delete":
              under.backend.delete(step.bucket, step.key.slice());
              live.delete(modelKey(step.bucket, step.key));
              break;
            case "commit":
              await under.backend.commit();
              durable = new Map(live);
              break;
            case "crash":
              under = await under.crash();
              live = new Map(durable);
          }
        }
        const expected = [...live].map(([at, value]) => `${at}=${Buffer.from(value).toString("hex")}`).sort();
        const actual = (["key", "meta"] as const).flatMap((name) =>
          all(under.backend, name).map((pair) => `${name}/${pair}`),
        );
        await under.close();
        assert.deepEqual(actual.sort(), expected);
      }),
      { numRuns: 50 },
    );
  });
}

function modelKey(bucket: BucketName, key: Uint8Array): string {
  return `${bucket}/${Buffer.from(key).toString("hex")}`;
}

function numbered(number: number): Uint8Array {
  return text(String(number).padStart(8, "0"));
}

function sortedKeys(numbers: readonly number[]): SortedKeys {
  return { bytes: Buffer.concat(numbers.map(numbered)), keyBytes: 8, count: numbers.length };
}

/** The pairs of bucket "key", as {@link all} has them. */
function visited(backend: Backend): string[] {
  const pairs: string[] = [];
  backend.visitAll("key", ({ keyBytes, keyStart, keyEnd, valueBytes, valueStart, valueEnd }) => {
    const key = Buffer.from(keyBytes.subarray(keyStart, keyEnd));
    pairs.push(`${key.toString("hex")}=${Buffer.from(valueBytes.subarray(valueStart, valueEnd)).toString("hex")}`);
    return true;
  });
  return pairs;
}

/** The pairs of a scan as `key=value` in hex, copied while they are lent. */
function all(backend: Backend, bucket: BucketName, start = first, end: Uint8Array | null = null): string[] {
  const pairs: string[] = [];
  backend.scan(bucket, start, end, (key, value) => {
    pairs.push(`${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`);
    return true;
  });
  return pairs;
}
