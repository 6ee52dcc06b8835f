import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { EtcdError } from "../../etcd/errors.ts";
import { silentLogger } from "../../etcd/base/logger.ts";
import type { KeyOp } from "../tree/testing/key-store.ts";
import { del, keys, put } from "../tree/testing/tree-run.ts";
import type { ZnodeTree } from "../tree/znode-tree.ts";
import { VersionedEtcd } from "./testing/versioned-etcd.ts";
import { TreeFeed } from "./tree-feed.ts";

const SESSION = "/zk.session/0000000000000001";

/** A feed over an etcd that is moved by hand, and what its listener was told. */
class Bench {
  readonly etcd = new VersionedEtcd();
  readonly told: string[] = [];
  feed!: TreeFeed;

  async load(): Promise<this> {
    this.feed = await TreeFeed.load(this.etcd, keys, { wallMs: () => 1000 }, silentLogger);
    return this;
  }

  async follow(): Promise<this> {
    await this.load();
    this.feed.follow({
      applied: ({ revision, changes }) => {
        assert.equal(this.feed.revision, revision, "the tree stands exactly there");
        this.told.push(`${changes.map(({ type, path }) => `${type} ${path}`).join(", ")} @${revision}`);
      },
      advanced: (revision) => this.told.push(`advanced @${revision}`),
      replaced: (before, tree) => {
        assert.equal(this.feed.tree, tree);
        this.told.push(`replaced @${before.revision} by @${tree.revision}`);
      },
    });
    return this;
  }

  /** The watch ends, and nobody remembers what is written before the next one begins. */
  loseHistory(...writes: readonly KeyOp[]): void {
    this.etcd.stream.end(new Error("the member stopped"));
    for (const write of writes) this.etcd.write(write);
    this.etcd.compact();
  }

  takeTold(): string[] {
    return this.told.splice(0);
  }
}

/** All that has been resolved has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The clock of timers stands until it is told to go on. */
function stopTimers(context: TestContext): (ms: number) => Promise<void> {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  return async (ms) => {
    context.mock.timers.tick(ms);
    await settled();
  };
}

function pathsOf(tree: ZnodeTree): string[] {
  return [...tree.paths()].filter((path) => !path.startsWith("/zookeeper") && path !== "/");
}

describe("loading", () => {
  test("reads data by its name, and the values that no record tells of", async () => {
    const bench = new Bench();
    bench.etcd.write(put("/zk/a", "four"), put("/zk/a/b", ""), put(SESSION, "s"));
    const { feed } = await bench.load();
    assert.deepEqual(pathsOf(feed.tree), ["/a", "/a/b"]);
    assert.equal(feed.tree.get("/a")!.dataLength, 4);
    assert.deepEqual(
      Array.from(feed.tree.sessions(), ({ id }) => id),
      [1n],
    );
    assert.equal(feed.revision, 2);
    const ofData = bench.etcd.ranges.filter(({ rangeEnd }) => Buffer.compare(rangeEnd, keys.rangeEnd) === 0);
    assert.deepEqual(
      ofData.map(({ keysOnly }) => keysOnly),
      [true],
    );
  });

  test("shows one revision, however the store changes from page to page", async () => {
    const bench = new Bench();
    const many = Array.from({ length: 10_500 }, (_, at) =>
      put(`/zk.session/${at.toString(16).padStart(16, "0")}`, "s"),
    );
    bench.etcd.write(...many, put("/zk/a", "x"), put("/zk/b", "x"));
    bench.etcd.beforeRange = ({ revision }) => {
      if (revision !== 0) bench.etcd.write(put(`/zk/late${bench.etcd.revision}`), del("/zk/b"), del(SESSION));
    };
    const { feed } = await bench.load();
    assert.equal(feed.revision, 2);
    assert.deepEqual(pathsOf(feed.tree).sort(), ["/a", "/b"]);
    assert.equal([...feed.tree.sessions()].length, 10_500);
    assert.ok(bench.etcd.revision > 4, "it did change");
    assert.ok(bench.etcd.ranges.every(({ serializable }) => !serializable));
  });

  test("begins again when what it reads is compacted", async () => {
    const bench = new Bench();
    bench.etcd.write(put("/zk/a", "x"));
    let left = 2;
    bench.etcd.beforeRange = ({ revision }) => {
      if (revision === 0 || left-- <= 0) return;
      bench.etcd.write(put(`/zk/late${bench.etcd.revision}`));
      bench.etcd.compact();
    };
    const { feed } = await bench.load();
    assert.deepEqual(pathsOf(feed.tree).sort(), ["/a", "/late2", "/late3"]);
    assert.equal(feed.revision, 4);
  });

  test("fails when the store cannot be read", async () => {
    const bench = new Bench();
    bench.etcd.beforeRange = () => {
      throw new EtcdError("noLeader");
    };
    await assert.rejects(bench.load(), { code: "noLeader" });
  });
});

describe("following", () => {
  test("applies one revision after the other, and tells the end of what came together", async () => {
    const bench = await new Bench().follow();
    bench.etcd.write(put("/zk/a"));
    assert.deepEqual(bench.takeTold(), ["created /a @2", "advanced @2"]);
    bench.etcd.isFlowing = false;
    bench.etcd.write(put("/zk/a/b"), put("/zk/a/c"));
    bench.etcd.write(put("/zk/a", "x"));
    bench.etcd.flow();
    assert.deepEqual(bench.takeTold(), ["created /a/b, created /a/c @3", "dataChanged /a @4", "advanced @4"]);
  });

  test("goes on behind what was loaded, with nothing left out", async () => {
    const bench = await new Bench().load();
    bench.etcd.write(put("/zk/between"));
    await bench.follow();
    assert.deepEqual(pathsOf(bench.feed.tree), ["/between"]);
    assert.equal(bench.etcd.stream.startRevision, 3);
  });

  test("believes the revision of a response's header only where it brings no events", async () => {
    const bench = await new Bench().follow();
    bench.etcd.write(put("/elsewhere"));
    bench.etcd.stream.say({ created: true });
    assert.equal(bench.feed.revision, 1);
    bench.etcd.isFlowing = false;
    bench.etcd.write(put("/zk/a"));
    const events = bench.etcd.eventsSince(3);
    bench.etcd.write(put("/zk/b"));
    bench.etcd.stream.say({ events });
    assert.equal(bench.feed.revision, 3);
    bench.etcd.stream.say({});
    assert.equal(bench.feed.revision, 4);
    bench.etcd.stream.say({});
    assert.deepEqual(bench.takeTold(), ["created /a @3", "advanced @3", "advanced @4"]);
  });

  test("watches again when a watch ends, and ignores what it knows", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    bench.etcd.write(put("/zk/a"));
    const first = bench.etcd.stream;
    first.end(new Error("the member stopped"));
    bench.etcd.write(put("/zk/b"));
    await pass(199);
    assert.equal(bench.etcd.stream, first, "not at once");
    await pass(1);
    assert.equal(bench.etcd.stream.startRevision, 3);
    assert.deepEqual(bench.takeTold(), ["created /a @2", "advanced @2", "created /b @3", "advanced @3"]);
    bench.etcd.stream.say({ events: bench.etcd.eventsSince(2) });
    assert.deepEqual(bench.takeTold(), ["advanced @3"]);
    first.say({ events: [], header: { ...bench.etcd.header(), revision: 99 } });
    assert.equal(bench.feed.revision, 3, "what an old watch says counts no more");
  });

  test("watches again when a watch is cancelled for another reason than a compaction", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    bench.etcd.ranges.length = 0;
    const first = bench.etcd.stream;
    first.say({ canceled: true, cancelReason: "etcdserver: permission denied" });
    await pass(200);
    assert.ok(first.isClosed);
    bench.etcd.write(put("/zk/a"));
    assert.deepEqual(bench.takeTold(), ["created /a @2", "advanced @2"]);
    assert.deepEqual(bench.etcd.ranges, [], "no history is lost: nothing is read anew");
  });

  test("reads the tree anew when a compaction overtook the watch", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    bench.etcd.write(put("/zk/a"));
    bench.takeTold();
    bench.loseHistory(put("/zk/b"), del("/zk/a"));
    const before = bench.feed.tree;
    await pass(200);
    assert.deepEqual(bench.takeTold(), ["replaced @2 by @4", "advanced @4"]);
    assert.deepEqual(pathsOf(before), ["/a"]);
    assert.deepEqual(pathsOf(bench.feed.tree), ["/b"]);
    assert.equal(bench.etcd.streams.length, 3, "the first, the one that was cancelled, the next");
    assert.ok(bench.etcd.streams[1]!.isClosed);
    bench.etcd.write(put("/zk/b", "x"));
    assert.deepEqual(bench.takeTold(), ["dataChanged /b @5", "advanced @5"]);
  });

  test("tries again when the tree cannot be read anew", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    bench.loseHistory(put("/zk/a"), put("/zk/b"));
    let left = 2;
    bench.etcd.beforeRange = () => {
      if (left-- > 0) throw new EtcdError("noLeader");
    };
    await pass(200);
    assert.deepEqual(bench.takeTold(), []);
    await pass(200);
    assert.deepEqual(bench.takeTold(), []);
    await pass(200);
    assert.deepEqual(bench.takeTold(), ["replaced @1 by @3", "advanced @3"]);
  });

  test("whoever waits for a revision is told by a reload, too", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    bench.loseHistory(put("/zk/a"), put("/zk/b"));
    let isReached = false;
    const reached = bench.feed.reached(3).then(() => (isReached = true));
    await settled();
    assert.equal(isReached, false);
    await pass(200);
    await reached;
    assert.equal(bench.feed.revision, 3);
  });
});

describe("waiting", () => {
  test("asks for progress, again and again, until the revision is there", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    const { stream } = bench.etcd;
    stream.answersProgress = false;
    bench.etcd.write(put("/elsewhere"));
    let isReached = false;
    const reached = bench.feed.reached(2).then(() => (isReached = true));
    assert.equal(stream.progressAsked, 1);
    await pass(250);
    assert.equal(stream.progressAsked, 3);
    assert.equal(isReached, false);
    stream.say({ watchId: -1n });
    await reached;
    assert.equal(bench.feed.revision, 2);
    await pass(1000);
    assert.equal(stream.progressAsked, 3, "and then no more");
  });

  test("asks once for all who wait, time after time", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    const { stream } = bench.etcd;
    stream.answersProgress = false;
    for (const revision of [2, 3, 4]) bench.etcd.write(put(`/elsewhere${revision}`));
    const reached = Promise.all([2, 3, 4].map((revision) => bench.feed.reached(revision)));
    assert.equal(stream.progressAsked, 3, "whoever comes asks at once");
    await pass(250);
    assert.equal(stream.progressAsked, 5);
    stream.say({ watchId: -1n });
    await reached;
    bench.etcd.write(put("/elsewhere"));
    const last = bench.feed.reached(5);
    await pass(100);
    assert.equal(stream.progressAsked, 7, "and again when somebody waits again");
    stream.say({ watchId: -1n });
    await last;
    await pass(1000);
    assert.equal(stream.progressAsked, 7);
  });

  test("is over at once for what is there, and in the order of the revisions for what comes", async () => {
    const bench = await new Bench().follow();
    bench.etcd.write(put("/zk/a"));
    await bench.feed.reached(2);
    assert.equal(bench.etcd.stream.progressAsked, 0);
    const order: number[] = [];
    for (const revision of [5, 3, 4]) void bench.feed.reached(revision).then(() => order.push(revision));
    bench.etcd.write(put("/zk/b"));
    await settled();
    assert.deepEqual(order, [3]);
    bench.etcd.write(put("/zk/c"));
    bench.etcd.write(put("/zk/d"));
    await settled();
    assert.deepEqual(order, [3, 4, 5]);
  });
});

describe("a barrier", () => {
  test("waits until the tree has all that was written before it", async () => {
    const bench = await new Bench().follow();
    bench.etcd.isFlowing = false;
    bench.etcd.write(put("/zk/a"));
    bench.etcd.write(put("/elsewhere"));
    let passed = 0;
    const barrier = bench.feed.barrier().then((revision) => (passed = revision));
    await settled();
    assert.equal(passed, 0);
    bench.etcd.flow();
    await barrier;
    assert.equal(passed, 3);
    assert.deepEqual(pathsOf(bench.feed.tree), ["/a"]);
    assert.equal(bench.etcd.ranges.at(-1)!.serializable, false, "any member may lag behind");
  });

  test("is shared by all who come while another one is under way, and sees what they wrote", async () => {
    const bench = await new Bench().follow();
    bench.etcd.ranges.length = 0;
    bench.etcd.isFlowing = false;
    bench.etcd.write(put("/zk/a"));
    const first = bench.feed.barrier();
    await settled();
    bench.etcd.write(put("/zk/b"));
    const second = bench.feed.barrier();
    bench.etcd.write(put("/zk/c"));
    const third = bench.feed.barrier();
    await settled();
    assert.equal(bench.etcd.ranges.length, 1, "the next one begins when the first is over");
    bench.etcd.flow();
    assert.deepEqual(await Promise.all([first, second, third]), [2, 4, 4]);
    assert.equal(bench.etcd.ranges.length, 2);
    await bench.feed.barrier();
    assert.equal(bench.etcd.ranges.length, 3);
  });

  test("that fails takes nobody with it who came later", async () => {
    const bench = await new Bench().follow();
    bench.etcd.beforeRange = () => {
      bench.etcd.beforeRange = () => undefined;
      throw new EtcdError("noLeader");
    };
    const outcomes = await Promise.allSettled([bench.feed.barrier(), bench.feed.barrier()]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["rejected", "fulfilled"],
    );
  });
});

describe("closing", () => {
  test("ends the watch and lets everybody go who waits", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    bench.etcd.isFlowing = false;
    const waits = Promise.all([bench.feed.reached(7), bench.feed.reached(8)]);
    bench.feed.close();
    await waits;
    assert.ok(bench.etcd.stream.isClosed);
    const { progressAsked } = bench.etcd.stream;
    await bench.feed.reached(9);
    bench.feed.close();
    await pass(1000);
    assert.equal(bench.etcd.streams.length, 1, "a watch that was closed is not begun again");
    assert.equal(bench.etcd.stream.progressAsked, progressAsked);
  });

  test("begins no watch that was to be begun again", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    bench.etcd.stream.end(new Error("the member stopped"));
    bench.feed.close();
    await pass(1000);
    assert.equal(bench.etcd.streams.length, 1);
  });

  test("drops a tree that is being read anew", async (context) => {
    const pass = stopTimers(context);
    const bench = await new Bench().follow();
    bench.loseHistory(put("/zk/a"), put("/zk/b"));
    let answer: () => void = () => undefined;
    bench.etcd.beforeRange = () => new Promise((resolve) => (answer = resolve));
    await pass(200);
    bench.feed.close();
    bench.etcd.beforeRange = () => undefined;
    answer();
    await pass(1000);
    assert.deepEqual(bench.takeTold(), []);
    assert.equal(bench.feed.revision, 1);
    assert.equal(bench.etcd.streams.length, 2);
  });
});
