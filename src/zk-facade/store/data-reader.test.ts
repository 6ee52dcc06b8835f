import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EtcdError } from "../../etcd/errors.ts";
import type { CallOptions } from "../../etcd/port.ts";
import { newRangeResponse, type RangeRequest, type RangeResponse } from "../../etcd/wire/etcdserverpb.ts";
import { newKeyValue } from "../../etcd/wire/mvccpb.ts";
import { KeySpace } from "../tree/key-space.ts";
import { DataReader } from "./data-reader.ts";

const keys = new KeySpace("/zk");
/** What an entry costs besides the bytes of its data, for a path of two letters. */
const OVERHEAD = 164;

/** What a member answers: to reads of its own state, and to those that it makes sure of. Undefined: no such key. */
interface Member {
  newest?: readonly [revision: number, data: string];
  pinned?: readonly [revision: number, data: string] | Error;
}

/** A port that answers by the script, and remembers what it was asked. */
class ScriptedMember {
  readonly asked: string[] = [];
  readonly #member: Member;

  constructor(member: Member) {
    this.#member = member;
  }

  range({ key, revision, serializable }: RangeRequest): Promise<RangeResponse> {
    const name = Buffer.from(key).toString();
    const isSure = serializable ? "" : " for sure";
    this.asked.push(revision === 0 ? `${name} as it stands here` : `${name} at ${revision}${isSure}`);
    const answer = revision === 0 ? this.#member.newest : this.#member.pinned;
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer === undefined) return Promise.resolve(newRangeResponse());
    const [modRevision, data] = answer;
    return Promise.resolve(newRangeResponse({ kvs: [newKeyValue({ key, modRevision, value: Buffer.from(data) })] }));
  }
}

function textOf(data: Uint8Array | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data).toString();
}

describe("a read", () => {
  const cases: readonly {
    readonly name: string;
    readonly member: Member;
    readonly data: string | undefined;
    readonly asked: readonly string[];
  }[] = [
    {
      name: "takes the newest data when that is what the tree knows, from any member at once",
      member: { newest: [7, "seven"], pinned: new Error("not to be asked") },
      data: "seven",
      asked: ["/zk/a as it stands here"],
    },
    {
      name: "goes back to the tree's revision when the data was written again since",
      member: { newest: [9, "nine"], pinned: [7, "seven"] },
      data: "seven",
      asked: ["/zk/a as it stands here", "/zk/a at 8 for sure"],
    },
    {
      name: "goes back to the tree's revision when the znode was deleted since",
      member: { pinned: [7, "seven"] },
      data: "seven",
      asked: ["/zk/a as it stands here", "/zk/a at 8 for sure"],
    },
    {
      name: "is made sure of when the member lags behind, and answers older data",
      member: { newest: [5, "five"], pinned: [7, "seven"] },
      data: "seven",
      asked: ["/zk/a as it stands here", "/zk/a at 8 for sure"],
    },
    {
      name: "has no answer when the tree's revision was compacted",
      member: { newest: [9, "nine"], pinned: new EtcdError("compacted") },
      data: undefined,
      asked: ["/zk/a as it stands here", "/zk/a at 8 for sure"],
    },
    {
      name: "has no answer when the tree and the store do not agree",
      member: { newest: [9, "nine"], pinned: [6, "six"] },
      data: undefined,
      asked: ["/zk/a as it stands here", "/zk/a at 8 for sure"],
    },
    {
      name: "has no answer when the store says that there was no such key",
      member: {},
      data: undefined,
      asked: ["/zk/a as it stands here", "/zk/a at 8 for sure"],
    },
  ];
  for (const { name, member, data, asked } of cases) {
    test(name, async () => {
      const port = new ScriptedMember(member);
      assert.equal(textOf(await new DataReader(port, keys, 0).read("/a", 7, 8)), data);
      assert.deepEqual(port.asked, asked);
    });
  }

  describe("of a store that is lost", () => {
    test("is made of any member, and made sure of by none", async () => {
      const member = { newest: [9, "nine"], pinned: [7, "seven"] } as const;
      const port = new ScriptedMember(member);
      assert.equal(textOf(await new DataReader(port, keys, 0).read("/a", 7, 8, { isLost: true })), "seven");
      assert.deepEqual(port.asked, ["/zk/a as it stands here", "/zk/a at 8"]);
    });

    test("fails soon when no member answers", async () => {
      const silent = (_request: RangeRequest, options?: CallOptions): Promise<RangeResponse> =>
        new Promise((_resolve, reject) =>
          options!.signal!.addEventListener("abort", () => reject(new Error("given up"))),
        );
      const reader = new DataReader({ range: silent }, keys, 0);
      const beganMs = performance.now();
      // The signal's timer alone would not keep the process.
      const alive = setInterval(() => undefined, 100);
      await assert.rejects(reader.read("/a", 7, 8, { isLost: true }), /given up/);
      clearInterval(alive);
      assert.ok(performance.now() - beganMs < 5000);
    });
  });

  test("passes on any other error of the store", async () => {
    const reader = new DataReader(new ScriptedMember({ pinned: new EtcdError("noLeader") }), keys, 0);
    await assert.rejects(reader.read("/a", 7, 8), { name: "EtcdError", code: "noLeader" });
    const broken = new Error("the connection is gone");
    const cut = new DataReader({ range: () => Promise.reject(broken) }, keys, 0);
    await assert.rejects(cut.read("/a", 7, 8), broken);
  });
});

/** A store in which every znode of two letters has data of ten bytes. */
class FullStore {
  revision = 1;

  range({ key }: RangeRequest): Promise<RangeResponse> {
    const kv = newKeyValue({ key, modRevision: this.revision, value: Buffer.alloc(10, "x") });
    return Promise.resolve(newRangeResponse({ kvs: [kv] }));
  }
}

const ENTRY = 10 + OVERHEAD;

/** Reads these znodes in their order, and says which of them are at hand afterwards. */
async function readAll(reader: DataReader, paths: readonly string[], revision = 1): Promise<void> {
  for (const path of paths) await reader.read(path, revision, revision);
}

describe("the cache", () => {
  test("has the data that was read, at the revision that wrote it and at no other", async () => {
    const reader = new DataReader(new FullStore(), keys, 100 * ENTRY);
    assert.equal(reader.cached("/a", 1), undefined);
    await reader.read("/a", 1, 1);
    assert.equal(textOf(reader.cached("/a", 1)), "xxxxxxxxxx");
    assert.equal(reader.cached("/a", 2), undefined);
    assert.equal(reader.cached("/b", 1), undefined);
  });

  test("keeps nothing that was read of the past: nobody will ask for it again", async () => {
    const reader = new DataReader(new ScriptedMember({ newest: [9, "nine"], pinned: [7, "seven"] }), keys, 100 * ENTRY);
    await reader.read("/a", 7, 8);
    assert.equal(reader.cached("/a", 7), undefined);
    assert.equal(reader.cached("/a", 9), undefined);
  });

  test("forgets what was not read for a generation, and keeps what was", async () => {
    // Three entries in each of the two generations.
    const reader = new DataReader(new FullStore(), keys, 6 * ENTRY);
    await readAll(reader, ["/a", "/b", "/c"]);
    await readAll(reader, ["/d"]);
    assert.notEqual(reader.cached("/a", 1), undefined, "of the old generation, and young from here on");
    await readAll(reader, ["/e", "/f"]);
    assert.notEqual(reader.cached("/a", 1), undefined);
    assert.equal(reader.cached("/b", 1), undefined);
    assert.equal(reader.cached("/c", 1), undefined);
    for (const path of ["/d", "/e", "/f"]) assert.notEqual(reader.cached(path, 1), undefined, path);
  });

  test("gives data of an old generation for its own revision only", async () => {
    const reader = new DataReader(new FullStore(), keys, 2 * ENTRY);
    await readAll(reader, ["/a", "/b"]);
    assert.equal(reader.cached("/a", 2), undefined);
    assert.notEqual(reader.cached("/a", 1), undefined);
  });

  test("is not filled by one znode that is written and read again and again", async () => {
    const store = new FullStore();
    const reader = new DataReader(store, keys, 6 * ENTRY);
    await readAll(reader, ["/b"]);
    for (let revision = 2; revision < 20; revision++) {
      store.revision = revision;
      await readAll(reader, ["/a"], revision);
    }
    assert.notEqual(reader.cached("/a", 19), undefined);
    assert.notEqual(reader.cached("/b", 1), undefined);
  });

  test("takes nothing that is larger than a generation, and nothing at all when it has no bytes", async () => {
    for (const cacheBytesMax of [0, 2 * ENTRY - 1]) {
      const reader = new DataReader(new FullStore(), keys, cacheBytesMax);
      await readAll(reader, ["/a"]);
      assert.equal(reader.cached("/a", 1), undefined);
    }
    const justLargeEnough = new DataReader(new FullStore(), keys, 2 * ENTRY);
    await readAll(justLargeEnough, ["/a"]);
    assert.notEqual(justLargeEnough.cached("/a", 1), undefined);
  });
});
