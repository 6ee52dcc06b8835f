import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../base/random.ts";
import { keyBytes, keyText } from "../mvcc/key-text.ts";
import { MemoryBackend } from "../mvcc/memory-backend.ts";
import { MemoryLeases } from "../mvcc/memory-leases.ts";
import { MvccStore } from "../mvcc/store.ts";
import { NaiveSource, type NaiveOp } from "../mvcc/watch-naive-source.ts";
import type { WatchChange, WatchSource } from "../mvcc/watch-source.ts";
import type { WatchSink } from "../port.ts";
import { newResponseHeader, newWatchCreateRequest, type WatchResponse } from "../wire/etcdserverpb.ts";
import { Event_EventType, type KeyValue } from "../wire/mvccpb.ts";
import { WatchServer } from "./watch-server.ts";
import type { MemberWatchStream } from "./watch-stream.ts";

/**
 * The watch server against a table that is too simple to be wrong: the list of everything that ever happened. A watch
 * must get exactly its part of that list, in order, each revision whole and once.
 */

const keys = ["a", "b", "c", "d"];
const streams = 3;
/** The credit of a client that reads everything at once. */
const everything = Number.POSITIVE_INFINITY;

type Command =
  | { readonly kind: "write"; readonly ops: readonly NaiveOp[] }
  | { readonly kind: "missed"; readonly ops: readonly NaiveOp[] }
  | { readonly kind: "compact"; readonly back: number }
  | { readonly kind: "create"; readonly stream: number; readonly create: CreateChoice }
  | { readonly kind: "cancel"; readonly stream: number; readonly id: bigint }
  | { readonly kind: "progress"; readonly stream: number }
  | { readonly kind: "stall"; readonly stream: number; readonly after: number }
  | { readonly kind: "drain"; readonly stream: number; readonly credit: number }
  | { readonly kind: "slice" }
  | { readonly kind: "tick" }
  | { readonly kind: "reopen"; readonly stream: number };

interface CreateChoice {
  readonly key: string;
  readonly rangeEnd: string;
  /** Relative to the present; null for 0. */
  readonly start: number | null;
  readonly watchId: bigint;
  readonly filters: number[];
  readonly prevKv: boolean;
  readonly progressNotify: boolean;
  readonly fragment: boolean;
}

const key = fc.constantFrom(...keys);
const stream = fc.nat({ max: streams - 1 });
const op: fc.Arbitrary<NaiveOp> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ put: key, value: fc.string({ maxLength: 3 }).map((text) => `v${text.length}`) }),
  },
  { weight: 1, arbitrary: fc.record({ delete: key }) },
);
// One transaction changes a key once at most: etcd refuses anything else.
const ops = fc.uniqueArray(op, {
  minLength: 1,
  maxLength: 3,
  selector: (one) => ("put" in one ? one.put : one.delete),
});
const createChoice: fc.Arbitrary<CreateChoice> = fc.record({
  key,
  rangeEnd: fc.constantFrom("", "", "c", "zz", "\0"),
  start: fc.oneof(fc.constant(null), fc.integer({ min: -12, max: 4 })),
  watchId: fc.constantFrom(0n, 0n, 0n, 1n, 5n),
  filters: fc.constantFrom<number[][]>([], [], [], [0], [1], [0, 1]),
  prevKv: fc.boolean(),
  progressNotify: fc.boolean(),
  fragment: fc.boolean(),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("write" as const), ops }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("missed" as const), ops }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("compact" as const), back: fc.nat({ max: 8 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("create" as const), stream, create: createChoice }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("cancel" as const), stream, id: fc.bigInt({ min: 0n, max: 5n }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("progress" as const), stream }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("stall" as const), stream, after: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("drain" as const), stream, credit: fc.integer({ min: 1, max: 8 }) }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: "slice" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "tick" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const), stream }) },
);

/** Everything that ever happened; no compaction touches it. */
interface Happened {
  readonly main: number;
  readonly type: number;
  readonly kv: KeyValue;
  readonly before: KeyValue | null;
}

/** What a watch is owed, and what it got. */
interface WatchRow {
  readonly create: CreateChoice;
  /** The first revision that it is owed. */
  readonly from: number;
  readonly startRevision: number;
  /** It was behind at some time, so a compaction may overtake it. */
  wasBehind: boolean;
  /** How many of its events it got. */
  got: number;
  compacted: boolean;
}

class Model {
  readonly log: Happened[] = [];
  readonly #current = new Map<string, KeyValue>();

  add(main: number, changes: readonly { type: number; kv: KeyValue }[]): void {
    for (const { type, kv } of changes) {
      const text = keyText(kv.key);
      this.log.push({ main, type, kv, before: this.#current.get(text) ?? null });
      if (type === Event_EventType.PUT) this.#current.set(text, kv);
      else this.#current.delete(text);
    }
  }

  /** All events of a watch, up to now. */
  owed(row: WatchRow): Happened[] {
    return this.log.filter(({ main, type, kv }) => {
      if (main < row.from || row.create.filters.includes(type)) return false;
      const text = keyText(kv.key);
      const { key: start, rangeEnd } = row.create;
      if (rangeEnd === "") return text === start;
      return text >= start && (rangeEnd === "\0" || text < rangeEnd);
    });
  }
}

/** The client's end of a stream: checks each response as it comes, against the model. */
class CheckingSink implements WatchSink {
  readonly rows = new Map<bigint, WatchRow>();
  /** Creates that are not answered yet, in order. */
  readonly asked: { row: WatchRow; wantedId: bigint; refused: boolean }[] = [];
  credit = everything;
  ended = false;
  #open: { id: bigint; revision: number } | null = null;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  write(response: WatchResponse): boolean {
    assert.ok(!this.ended);
    assert.ok(this.credit > 0, "nothing is written after the sink said no more");
    this.#check(response);
    this.credit -= 1;
    return this.credit > 0;
  }

  end(): void {
    this.ended = true;
  }

  #check(response: WatchResponse): void {
    const { watchId, events, created, canceled, compactRevision } = response;
    const revision = response.header!.revision;
    assert.ok(revision <= this.#world.source.currentRevision);
    if (this.#open) assert.deepEqual({ id: watchId, revision }, this.#open, "parts of a response come together");
    if (created) this.#checkCreated(response);
    else if (compactRevision !== 0) this.#checkCompacted(response);
    else if (canceled) assert.ok(this.rows.delete(watchId), "a cancel is answered for a watch that is there");
    else if (events.length > 0) this.#checkEvents(response);
    else if (watchId === -1n) for (const row of this.rows.values()) this.#checkProgress(row, revision);
    else this.#checkProgress(this.rows.get(watchId), revision);
    this.#open = response.fragment ? { id: watchId, revision } : null;
  }

  #checkCreated(response: WatchResponse): void {
    const answered = this.asked.shift();
    assert.ok(answered, "a create is answered once");
    assert.equal(response.canceled, answered.refused);
    if (answered.refused) {
      assert.equal(response.watchId, -1n);
      return;
    }
    if (answered.wantedId !== 0n) assert.equal(response.watchId, answered.wantedId);
    assert.ok(!this.rows.has(response.watchId));
    this.rows.set(response.watchId, answered.row);
  }

  #checkEvents({ watchId, events, header }: WatchResponse): void {
    const row = this.rows.get(watchId);
    assert.ok(row && !row.compacted, "events come for a watch that is there");
    const owed = this.#world.model.owed(row);
    const already = owed[row.got - 1];
    const isPart = this.#open !== null;
    if (already && !isPart) assert.ok(events[0]!.kv!.modRevision > already.main, "no revision is cut");
    for (const event of events) {
      const expected: Happened | undefined = owed[row.got];
      row.got += 1;
      assert.ok(expected, "nothing that did not happen");
      assert.equal(event.type, expected.type);
      assert.deepEqual(event.kv, expected.kv);
      assert.ok(expected.main <= header!.revision);
      this.#checkPrevious(row, expected, event.prevKv);
    }
  }

  #checkPrevious(row: WatchRow, expected: Happened, prevKv: KeyValue | null): void {
    const isKept = expected.main - 1 >= this.#world.source.compactRevision;
    if (!row.create.prevKv || expected.before === null) assert.equal(prevKv, null);
    else if (prevKv !== null || isKept) assert.deepEqual(prevKv, expected.before);
  }

  #checkCompacted({ watchId, events, canceled, compactRevision, cancelReason, header }: WatchResponse): void {
    const row = this.rows.get(watchId);
    assert.ok(row && !row.compacted);
    assert.deepEqual([events.length, canceled, cancelReason, header!.revision], [0, true, "", 0]);
    assert.ok(compactRevision <= this.#world.source.compactRevision);
    assert.ok(row.wasBehind, "who is synced is never overtaken");
    assert.ok(row.from < compactRevision);
    row.compacted = true;
  }

  /** Progress vouches for everything up to the revision. */
  #checkProgress(row: WatchRow | undefined, revision: number): void {
    assert.ok(row && !row.compacted);
    assert.ok(row.startRevision <= revision);
    const owed = this.#world.model.owed(row).filter(({ main }) => main <= revision);
    assert.ok(row.got >= owed.length, "progress comes after what it vouches for");
  }
}

/** A store that the world writes to and the server reads. */
interface WorldStore {
  readonly source: WatchSource;
  write(ops: readonly NaiveOp[]): { revision: number; changes: readonly WatchChange[] };
  compact(revision: number): void;
}

function naiveStore(): WorldStore {
  const source = new NaiveSource();
  return { source, write: (ops) => source.write(ops), compact: (revision) => source.compact(revision) };
}

/** The real one, on a backend that lends its bytes for a moment only. */
function mvccStore(): WorldStore {
  const source = new MvccStore({ leases: new MemoryLeases() }, new MemoryBackend());
  return {
    source,
    write(ops) {
      const txn = source.write();
      for (const op of ops) {
        if ("put" in op) txn.put(keyBytes(op.put), keyBytes(op.value), 0n);
        else txn.deleteRange(keyBytes(op.delete), new Uint8Array(0));
      }
      return txn.end();
    },
    compact(revision) {
      const job = source.scheduleCompaction(revision);
      // Half of the work now and half never: watches must not depend on when a compaction is done.
      if (revision % 2 === 0) while (!job.step(10));
    },
  };
}

class World {
  readonly source: WatchSource;
  readonly #store: WorldStore;
  readonly model = new Model();
  readonly server: WatchServer;
  readonly ends: { sink: CheckingSink; stream: MemberWatchStream }[] = [];
  readonly #soon: (() => void)[] = [];
  readonly #ticks = new Set<() => void>();

  constructor(store: WorldStore, responseRevisionsMax: number) {
    this.#store = store;
    this.source = store.source;
    this.server = new WatchServer(
      {
        maxRequestBytes: 0,
        progressIntervalMs: 1000,
        sliceBudget: 3,
        streamLimits: { queuedResponsesMax: 3, fragmentBytesMax: 60 },
        hubLimits: { responseRevisionsMax, nearRevisions: 4, pendingBytesMax: 1200 },
      },
      {
        source: this.source,
        header: (revision) => newResponseHeader({ revision }),
        random: seededRandom(1),
        timers: {
          every: (_intervalMs, task) => {
            this.#ticks.add(task);
            return () => void this.#ticks.delete(task);
          },
          soon: (task) => void this.#soon.push(task),
        },
      },
    );
    for (let i = 0; i < streams; i++) this.ends.push(this.#open());
  }

  #open(): { sink: CheckingSink; stream: MemberWatchStream } {
    const sink = new CheckingSink(this);
    return { sink, stream: this.server.open(sink) };
  }

  run(command: Command): void {
    switch (command.kind) {
      case "write": {
        const { revision, changes } = this.#store.write(command.ops);
        if (changes.length === 0) break;
        this.model.add(revision, changes);
        for (const { sink } of this.ends) if (sink.credit < everything) this.#mayBeBehind(sink);
        this.server.notify(revision, changes);
        break;
      }
      case "missed": {
        const { revision, changes } = this.#store.write(command.ops);
        if (changes.length === 0) break;
        this.model.add(revision, changes);
        for (const { sink } of this.ends) this.#mayBeBehind(sink);
        this.server.restored();
        break;
      }
      case "compact": {
        const revision = this.source.currentRevision - command.back;
        if (revision > this.source.compactRevision && revision > 0) this.#store.compact(revision);
        break;
      }
      case "create":
        this.#create(this.ends[command.stream]!, command.create);
        break;
      case "cancel":
        this.ends[command.stream]!.stream.request({
          requestUnion: { case: "cancelRequest", value: { watchId: command.id } },
        });
        break;
      case "progress":
        this.ends[command.stream]!.stream.request({ requestUnion: { case: "progressRequest", value: {} } });
        break;
      case "stall": {
        const { sink } = this.ends[command.stream]!;
        sink.credit = Math.min(sink.credit, command.after);
        this.#mayBeBehind(sink);
        break;
      }
      case "drain":
        this.drain(command.stream, command.credit);
        break;
      case "slice":
        this.#soon.shift()?.();
        break;
      case "tick":
        for (const task of this.#ticks) task();
        break;
      case "reopen":
        this.ends[command.stream]!.stream.close();
        assert.ok(this.ends[command.stream]!.sink.ended);
        this.ends[command.stream] = this.#open();
        break;
    }
  }

  #create({ sink, stream: end }: World["ends"][number], choice: CreateChoice): void {
    const now = this.source.currentRevision;
    const startRevision = choice.start === null ? 0 : now + choice.start;
    const isPast = startRevision !== 0 && startRevision <= now;
    const row: WatchRow = {
      create: choice,
      startRevision,
      from: startRevision === 0 ? now + 1 : startRevision,
      wasBehind: isPast || sink.credit < everything,
      got: 0,
      compacted: false,
    };
    const isEmpty = choice.rangeEnd !== "" && choice.rangeEnd !== "\0" && choice.key >= choice.rangeEnd;
    const refused = startRevision < 0 || isEmpty || (choice.watchId !== 0n && this.#isTaken(sink, choice.watchId));
    sink.asked.push({ row, wantedId: choice.watchId, refused });
    const value = newWatchCreateRequest({
      ...choice,
      key: keyBytes(choice.key),
      rangeEnd: keyBytes(choice.rangeEnd),
      startRevision,
    });
    end.request({ requestUnion: { case: "createRequest", value } });
  }

  /** Only certain while nothing waits in the queue, which the sequence of ids sees to: see `settled`. */
  #isTaken(sink: CheckingSink, id: bigint): boolean {
    this.#settle(sink);
    return sink.rows.has(id);
  }

  /** Lets the client read everything, so that it knows which ids are taken. */
  #settle(sink: CheckingSink): void {
    const index = this.ends.findIndex((end) => end.sink === sink);
    this.drain(index, everything);
  }

  drain(index: number, credit: number): void {
    const { sink, stream: end } = this.ends[index]!;
    sink.credit = credit;
    end.drained();
  }

  #mayBeBehind(sink: CheckingSink): void {
    for (const row of sink.rows.values()) row.wasBehind = true;
    for (const { row } of sink.asked) row.wasBehind = true;
  }

  /** Everybody reads; afterwards everybody has everything. */
  finish(): void {
    for (let turn = 0; turn < 1000 && (this.server.hub.hasWork || turn === 0); turn++) {
      for (let i = 0; i < streams; i++) this.drain(i, everything);
      for (const task of this.#soon.splice(0)) task();
    }
    assert.ok(!this.server.hub.hasWork, "catching up comes to an end");
    let watchers = 0;
    for (const { sink, stream: end } of this.ends) {
      assert.equal(sink.asked.length, 0, "every create is answered");
      for (const row of sink.rows.values()) {
        watchers += 1;
        if (!row.compacted) assert.equal(row.got, this.model.owed(row).length, "nothing is missing");
      }
      assert.equal(end.pendingEvents, 0);
    }
    const { counts } = this.server;
    assert.deepEqual([counts.watchers, counts.slowWatchers], [watchers, 0]);
  }
}

for (const [name, open] of Object.entries({ naive: naiveStore, mvcc: mvccStore })) {
  test(`every watch gets its part of what happened, once, in order, and no revision is cut: ${name} store`, () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 120, size: "max" }),
        fc.integer({ min: 1, max: 5 }),
        (commands, revisionsMax) => {
          const world = new World(open(), revisionsMax);
          for (const one of commands) world.run(one);
          world.finish();
        },
      ),
      { numRuns: 300 },
    );
  });
}
