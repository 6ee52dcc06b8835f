import assert from "node:assert/strict";
import { test } from "node:test";
import { testScripts, type Execute } from "../../../test/script-runner.ts";
import { Event_EventType, type Event } from "../wire/mvccpb.ts";
import { END_OF_KEYS } from "./watch-interval-tree.ts";
import { defaultWatchHubLimits, WatchHub } from "./watch-hub.ts";
import type { HubStream, WatchOutlet } from "./watch-hub-stream.ts";
import type { WatchSpec, WatcherState } from "./watch-group.ts";
import { keyText } from "./key-text.ts";
import { NaiveSource, type NaiveOp } from "./watch-naive-source.ts";

testScripts(new URL("scripts/watch/", import.meta.url), startInterpreter);

/** An outlet that writes down what it gets and has as much room as it is told. */
class NotingOutlet implements WatchOutlet {
  room = 1000;
  readonly #name: string;
  readonly #note: (line: string) => void;

  constructor(name: string, note: (line: string) => void) {
    this.#name = name;
    this.#note = note;
  }

  events(watchId: bigint, events: Event[], revision: number): void {
    this.room -= 1;
    this.#note(`${this.#name}/${watchId} revision=${revision}: ${events.map(formatEvent).join(", ")}`);
  }

  compacted(watchId: bigint, compactRevision: number): void {
    this.room -= 1;
    this.#note(`${this.#name}/${watchId} compacted=${compactRevision}`);
  }
}

/**
 * put KEY VALUE | del KEY | txn OP; OP    one write, told to the watchers
 * compact REVISION
 * watch STREAM KEY[..END|..] [id=N] [rev=N] [prev] [noput] [nodelete]
 * cancel STREAM ID | close STREAM
 * room STREAM N                            the client has read: there is room for N responses
 * slice BUDGET|all                         one slice, or slices until nothing waits
 * synced STREAM [ID]                       may progress be reported?
 * missed OP; OP | restore                  writes that only a snapshot brings
 * counts
 */
function startInterpreter(): Execute {
  const source = new NaiveSource();
  const hub = new WatchHub(source, { ...defaultWatchHubLimits, responseRevisionsMax: 4, nearRevisions: 10 });
  const streams = new Map<string, { outlet: NotingOutlet; stream: HubStream }>();
  let lines: string[] = [];

  function streamOf(name: string): { outlet: NotingOutlet; stream: HubStream } {
    const known = streams.get(name);
    if (known) return known;
    const outlet = new NotingOutlet(name, (line) => lines.push(line));
    const opened = { outlet, stream: hub.openStream(outlet) };
    streams.set(name, opened);
    return opened;
  }

  function write(ops: readonly NaiveOp[]): string {
    const { revision, changes } = source.write(ops);
    if (changes.length > 0) hub.notify(revision, changes);
    return `revision=${revision}`;
  }

  return (line) => {
    const [command = "", ...args] = line.split(" ");
    const rest = line.slice(command.length + 1);
    const [name = "", argument = ""] = args;
    lines = [];
    switch (command) {
      case "put":
      case "del":
        lines.unshift(write([parseOp(line)]));
        break;
      case "txn":
        lines.unshift(write(rest.split("; ").map(parseOp)));
        break;
      case "missed":
        lines.push(`revision=${source.write(rest.split("; ").map(parseOp)).revision}`);
        break;
      case "restore":
        hub.restored();
        break;
      case "compact":
        source.compact(Number(name));
        break;
      case "watch": {
        const wanted = /id=(-?\d+)/.exec(line)?.[1] ?? "0";
        const id = streamOf(name).stream.watch(BigInt(wanted), parseSpec(args));
        lines.push(typeof id === "string" ? id : `${name}/${id} created`);
        break;
      }
      case "cancel":
        lines.push(streamOf(name).stream.cancel(BigInt(argument)) ? "cancelled" : "unknown");
        break;
      case "close":
        streamOf(name).stream.close();
        break;
      case "room":
        streamOf(name).outlet.room = Number(argument);
        streamOf(name).stream.roomMade();
        break;
      case "slice": {
        if (name === "all") runAll(hub);
        else hub.syncSlice(Number(name));
        if (hub.hasWork) lines.push("more work");
        break;
      }
      case "synced": {
        const { stream } = streamOf(name);
        lines.push(String(argument === "" ? stream.allSynced : stream.isSynced(BigInt(argument))));
        break;
      }
      case "counts": {
        const { streams: open, watchers, slowWatchers } = hub.counts;
        lines.push(`streams=${open} watchers=${watchers} slow=${slowWatchers}`);
        break;
      }
      default:
        assert.fail(`no such command: ${line}`);
    }
    return lines.join("\n");
  };
}

function parseOp(text: string): NaiveOp {
  const [kind, key = "", value = ""] = text.split(" ");
  return kind === "put" ? { put: key, value } : { delete: key };
}

function parseSpec(args: readonly string[]): WatchSpec {
  const [key = "", end] = (args[1] ?? "").split("..");
  return {
    key,
    end: end === undefined ? null : end === "" ? END_OF_KEYS : end,
    startRevision: Number(/rev=(\d+)/.exec(args.join(" "))?.[1] ?? "0"),
    prevKv: args.includes("prev"),
    noPut: args.includes("noput"),
    noDelete: args.includes("nodelete"),
  };
}

function formatEvent({ type, kv, prevKv }: Event): string {
  const what =
    type === Event_EventType.DELETE ? `del ${keyText(kv!.key)}` : `put ${keyText(kv!.key)}=${keyText(kv!.value)}`;
  return `${what}@${kv!.modRevision}${prevKv ? ` was ${keyText(prevKv.value)}@${prevKv.modRevision}` : ""}`;
}

const everything: WatchSpec = {
  key: "\0",
  end: END_OF_KEYS,
  startRevision: 0,
  prevKv: false,
  noPut: false,
  noDelete: false,
};

/** Brings one watcher into each state, then lets each thing happen that can happen to a watcher. */
const incidents = ["write", "room", "slice", "compact", "restore", "cancel"] as const;
type Incident = (typeof incidents)[number];

const outcomes: Record<Exclude<WatcherState, "gone">, Record<Incident, string>> = {
  synced: {
    write: "synced, gets the write",
    room: "synced, gets nothing",
    slice: "synced, gets nothing",
    compact: "synced, gets nothing",
    restore: "synced, gets nothing",
    cancel: "gone, gets nothing",
  },
  unsynced: {
    write: "unsynced, gets nothing",
    room: "unsynced, gets nothing",
    slice: "synced, gets history",
    compact: "compacted, gets the compact revision",
    restore: "synced, gets history",
    cancel: "gone, gets nothing",
  },
  victim: {
    write: "victim, gets nothing",
    room: "synced, gets history",
    slice: "victim, gets nothing",
    compact: "victim, gets nothing",
    restore: "victim, gets nothing",
    cancel: "gone, gets nothing",
  },
  compacted: {
    write: "compacted, gets nothing",
    room: "compacted, gets nothing",
    slice: "compacted, gets nothing",
    compact: "compacted, gets nothing",
    restore: "compacted, gets nothing",
    cancel: "gone, gets nothing",
  },
};

for (const [state, table] of Object.entries(outcomes)) {
  for (const incident of incidents) {
    test(`a ${state} watcher, ${incident}: ${table[incident]}`, () => {
      const { hub, source, stream, outlet } = watcherIn(state as WatcherState);
      let got = "nothing";
      outlet.events = (_id, events) => {
        got = events[0]!.kv!.modRevision === source.currentRevision && incident === "write" ? "the write" : "history";
      };
      outlet.compacted = () => (got = "the compact revision");
      switch (incident) {
        case "write":
          notify(hub, source, "later");
          break;
        case "room":
          outlet.room = 1000;
          stream.roomMade();
          if (state === "victim") runAll(hub);
          break;
        case "slice":
          hub.syncSlice(1000);
          break;
        case "compact":
          source.compact(source.currentRevision);
          runAll(hub);
          break;
        case "restore":
          hub.restored();
          runAll(hub);
          break;
        case "cancel":
          assert.ok(stream.cancel(0n));
          break;
      }
      assert.equal(`${stateOf(hub, stream)}, gets ${got}`, table[incident]);
    });
  }
}

function watcherIn(state: WatcherState): {
  hub: WatchHub;
  source: NaiveSource;
  stream: HubStream;
  outlet: NotingOutlet;
} {
  const source = new NaiveSource();
  const hub = new WatchHub(source);
  const outlet = new NotingOutlet("s", () => undefined);
  const stream = hub.openStream(outlet);
  for (let i = 0; i < 5; i++) notify(hub, source, String(i));
  if (state === "compacted") source.compact(4);
  stream.watch(0n, { ...everything, startRevision: state === "unsynced" || state === "compacted" ? 2 : 0 });
  if (state === "compacted") runAll(hub);
  if (state === "victim") {
    outlet.room = 0;
    notify(hub, source, "no room");
    notify(hub, source, "no room either");
  }
  assert.equal(stateOf(hub, stream), state);
  return { hub, source, stream, outlet };
}

function notify(hub: WatchHub, source: NaiveSource, value: string): void {
  const { revision, changes } = source.write([{ put: "key", value }]);
  hub.notify(revision, changes);
}

function runAll(hub: WatchHub): void {
  while (hub.hasWork) hub.syncSlice(1000);
}

/** Told from outside: what the accounts say of the only watcher. */
function stateOf(hub: WatchHub, stream: HubStream): WatcherState {
  if (!stream.has(0n)) return "gone";
  if (stream.isSynced(0n)) return "synced";
  if (stream.victims.size === 1) return "victim";
  return hub.counts.slowWatchers === 1 ? "unsynced" : "compacted";
}

test("watchers of the same keys and the same view share one array of events, live and from history", () => {
  const source = new NaiveSource();
  const hub = new WatchHub(source);
  const got: Event[][] = [];
  const outlet: WatchOutlet = { room: 1000, events: (_id, events) => got.push(events), compacted: () => assert.fail() };
  const stream = hub.openStream(outlet);
  for (let i = 0; i < 10; i++) stream.watch(0n, everything);
  for (let i = 0; i < 10; i++) stream.watch(0n, { ...everything, key: `${i}`, end: END_OF_KEYS });
  notify(hub, source, "live");
  assert.equal(got.length, 20);
  assert.equal(new Set(got).size, 1);
  const { revision, changes } = source.write([
    { put: "x", value: "1" },
    { put: "y", value: "2" },
  ]);
  hub.notify(revision, changes);
  got.length = 0;
  for (let i = 0; i < 10; i++) stream.watch(0n, { ...everything, startRevision: 2 });
  runAll(hub);
  assert.equal(got.length, 10);
  assert.equal(new Set(got).size, 1);
});

test("a revision of many changes is never cut, however small the slices", () => {
  const source = new NaiveSource();
  const hub = new WatchHub(source, { ...defaultWatchHubLimits, responseRevisionsMax: 2, responseBytesMax: 1 });
  for (let i = 0; i < 5; i++) {
    const ops = Array.from({ length: 30 }, (_, n) => ({ put: `key${n}`, value: `${i}` }));
    const { revision, changes } = source.write(ops);
    hub.notify(revision, changes);
  }
  const got: [number, number][] = [];
  const stream = hub.openStream({
    room: 1000,
    events: (_id, events) => got.push([events[0]!.kv!.modRevision, events.length]),
    compacted: () => assert.fail(),
  });
  stream.watch(0n, { ...everything, startRevision: 2 });
  while (hub.hasWork) hub.syncSlice(1);
  assert.deepEqual(
    got,
    [2, 3, 4, 5, 6].map((revision) => [revision, 30]),
  );
});

test("a watcher near the present does not wait for one that reads a long history", () => {
  const source = new NaiveSource();
  const hub = new WatchHub(source, { ...defaultWatchHubLimits, nearRevisions: 10 });
  for (let i = 0; i < 500; i++) notify(hub, source, `${i}`);
  const stream = hub.openStream({ room: 1000, events: () => undefined, compacted: () => assert.fail() });
  const far = stream.watch(0n, { ...everything, startRevision: 2 }) as bigint;
  hub.syncSlice(10);
  const near = stream.watch(0n, { ...everything, startRevision: 495 }) as bigint;
  for (let i = 0; i < 4; i++) hub.syncSlice(10);
  assert.ok(stream.isSynced(near));
  assert.ok(!stream.isSynced(far));
  runAll(hub);
  assert.ok(stream.isSynced(far));
});

test("a stream with very many watchers is closed in slices", () => {
  const source = new NaiveSource();
  const hub = new WatchHub(source);
  const stream = hub.openStream({ room: 1000, events: () => assert.fail(), compacted: () => assert.fail() });
  for (let i = 0; i < 5000; i++) stream.watch(0n, { ...everything, end: null, startRevision: i % 2 });
  stream.close();
  notify(hub, source, "nobody hears");
  assert.ok(hub.hasWork);
  runAll(hub);
  assert.deepEqual(hub.counts, { streams: 0, watchers: 0, slowWatchers: 0 });
});
