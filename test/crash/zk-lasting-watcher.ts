import assert from "node:assert/strict";
import type { WatchEvent } from "../support/zk-records.ts";
import { type RunningServer, sleep } from "./crash-run.ts";
import { type NewestZxid, ZkLink } from "./zk-link.ts";
import { EventType, type ModelChange, parentOf, type ZkModel } from "./zk-model.ts";

const TIMEOUT_MS = 10_000;
const PROBE_EVERY_MS = 20;
const MODES = { persistent: 0, recursive: 1 } as const;

interface Told {
  readonly type: number;
  readonly path: string;
}

export interface LastingWatcherOptions {
  readonly port: number;
  readonly newest: NewestZxid;
  readonly path: string;
  readonly mode: keyof typeof MODES;
  readonly onEvent?: (event: WatchEvent) => void;
}

/**
 * A client with one persistent or recursive watch, which it brings back after each crash with setWatches2. It must be told
 * of each change exactly once, in order, as if it had been connected all the time.
 *
 * A crash may come between two events of one transaction. Such a transaction counts as not told: the client asks for what
 * came after the last one that it has whole, and is told all of it again.
 */
export class LastingWatcher {
  readonly #options: LastingWatcherOptions;
  readonly #link: ZkLink;
  #events: WatchEvent[] = [];
  /** Events up to it have been compared, or came before the watch. */
  #comparedTo = 0;
  told = 0;

  constructor(options: LastingWatcherOptions) {
    this.#options = options;
    this.#link = new ZkLink({ ...options, timeoutMs: TIMEOUT_MS, onEvent: (event) => this.#told(event) });
  }

  get sessionId(): bigint {
    return this.#link.sessionId;
  }

  /** What it needs to be told comes behind it. */
  get wholeZxid(): number {
    return this.#link.wholeZxid;
  }

  async begin(server: Pick<RunningServer, "isKilled">): Promise<void> {
    const { path, mode } = this.#options;
    await this.#link.attach(server);
    const { err, zxid } = await this.#link.call("addWatch", { path, mode: MODES[mode] });
    assert.equal(err, 0);
    this.#comparedTo = zxid;
  }

  /** Takes up the session and the watch; rejects when the connection ends before they are there. False: killed. */
  async resume(server: Pick<RunningServer, "isKilled">): Promise<boolean> {
    const { path, mode } = this.#options;
    const relativeZxid = this.#link.wholeZxid;
    this.#events = this.#events.filter(({ zxid }) => zxid <= relativeZxid);
    if (!(await this.#link.attach(server))) return false;
    const { err } = await this.#link.call("setWatches2", { relativeZxid, [mode]: [path] });
    assert.equal(err, 0);
    return true;
  }

  /** Asks now and then how far the server is, until it is gone. */
  async run(server: RunningServer): Promise<void> {
    try {
      if (!this.#link.isConnected && !(await this.resume(server))) return;
      for (;;) {
        await this.#link.call("exists", { path: this.#options.path });
        await sleep(PROBE_EVERY_MS);
      }
    } catch (error) {
      this.#link.excuse(error, server);
    }
  }

  /** On a quiet server: all has been told when this resolves. */
  async catchUp(): Promise<void> {
    await this.#link.call("sync", { path: "/" });
  }

  /** Compares what came with what happened, as far as the model knows and this client should. */
  check(model: ZkModel): void {
    const { mode, path } = this.#options;
    const whole = this.#link.wholeZxid;
    const last = this.#events.at(-1)?.zxid ?? 0;
    const changes = model.changesBetween(this.#comparedTo, Math.max(whole, last));
    const expected = byZxid(changes.flatMap((change) => this.#tellings(change)));
    const unordered = new Set(changes.flatMap(({ zxid, isUnordered }) => (isUnordered ? [zxid] : [])));
    const found = byZxid(this.#events);
    const name = `the ${mode} watch on ${path}`;
    for (const zxid of found.keys()) {
      assert.ok(expected.has(zxid), `${name} was told of ${zxid}, where nothing happened to it`);
    }
    for (const [zxid, tellings] of expected) {
      const wanted = spell(tellings);
      const came = spell(found.get(zxid) ?? []);
      if (unordered.has(zxid)) {
        const rank = new Map(came.map((word, index) => [word, index]));
        wanted.sort((a, b) => (rank.get(a) ?? came.length) - (rank.get(b) ?? came.length));
      }
      // Of the last one, the rest was lost with the connection.
      const due = zxid > whole ? wanted.slice(0, came.length) : wanted;
      assert.deepEqual(came, due, `what ${name} was told of ${zxid}, all of it up to ${whole}`);
    }
    this.told += this.#events.filter(({ zxid }) => zxid <= whole).length;
    this.#events = this.#events.filter(({ zxid }) => zxid > whole);
    this.#comparedTo = Math.max(this.#comparedTo, whole);
  }

  drop(): void {
    this.#link.drop();
  }

  #told(event: WatchEvent): void {
    this.#events.push(event);
    this.#options.onEvent?.(event);
  }

  #tellings({ zxid, type, path }: ModelChange): (Told & { readonly zxid: number })[] {
    const { path: watched, mode } = this.#options;
    if (mode === "recursive") {
      const isWithin = watched === "/" || path === watched || path.startsWith(`${watched}/`);
      return isWithin ? [{ zxid, type, path }] : [];
    }
    if (path === watched) return [{ zxid, type, path }];
    const changesChildren = type !== EventType.dataChanged && parentOf(path) === watched;
    return changesChildren ? [{ zxid, type: EventType.childrenChanged, path: watched }] : [];
  }
}

function byZxid<Event extends Told & { readonly zxid: number }>(events: readonly Event[]): Map<number, Event[]> {
  const groups = new Map<number, Event[]>();
  for (const event of events) {
    const group = groups.get(event.zxid);
    if (group === undefined) groups.set(event.zxid, [event]);
    else group.push(event);
  }
  return groups;
}

function spell(tellings: readonly Told[]): string[] {
  return tellings.map(({ type, path }) => `${type} ${path}`);
}
