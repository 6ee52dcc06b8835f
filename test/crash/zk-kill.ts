import assert from "node:assert/strict";
import type { Random } from "../../src/etcd/base/random.ts";
import { RawClient } from "../support/raw-client.ts";
import { freePorts, type ServerProcess } from "../support/servers.ts";
import { type RunningServer, sleep, type Work, type Workload } from "./crash-run.ts";
import { StoreHistory } from "./history.ts";
import { ABSENT, Absentee } from "./zk-absentee.ts";
import { LastingWatcher } from "./zk-lasting-watcher.ts";
import { ZkLedger } from "./zk-ledger.ts";
import { NewestZxid, ZkLink } from "./zk-link.ts";
import { EventType, HOME } from "./zk-model.ts";
import { OneShotWatcher } from "./zk-one-shot-watcher.ts";
import { checkTree } from "./zk-tree-check.ts";
import { dataOf, ZkWrite } from "./zk-write.ts";
import { HOT, LINES, SHARED, ZkWriter } from "./zk-writer.ts";

const WRITERS = 6;
const TIMEOUT_MS = 10_000;
const ALIVE = { isKilled: false };

/**
 * ZooKeeper's clients in a crash run, with sessions that outlive the server. The store's history, seen through etcd's
 * door, is what they are held against. After each crash:
 *
 * - every acknowledged write is there, with the zxid, name and stat that its client was told, and one without an answer
 *   either whole or not at all (zk-ledger.ts); no sequence number is given twice, none is left out (zk-model.ts)
 * - the whole tree reads as that history made it (zk-tree-check.ts)
 * - every session is taken up again and has its ephemerals (zk-writer.ts), unless its client is away too long: then it
 *   ends, in one transaction, and watchers are told (zk-absentee.ts)
 * - zxids never go back (zk-link.ts)
 * - lasting watches were told of each change once, in order (zk-lasting-watcher.ts), and one-shot watches fired once
 *   (zk-one-shot-watcher.ts)
 */
export class ZooKeeperWorkload implements Workload {
  readonly flags: readonly string[];
  readonly workMsMax = 800;
  readonly #random: Random;
  readonly #history = new StoreHistory();
  readonly #ledger = new ZkLedger();
  readonly #reader: ZkLink;
  readonly #writers: readonly ZkWriter[];
  readonly #lasting: readonly LastingWatcher[];
  readonly #oneShots: OneShotWatcher;
  readonly #newAbsentee: (kill: number) => Absentee;
  /** Whose session is to end after the next restart, or is ending. */
  #absentee: Absentee | null = null;
  /** Whose session has ended, as far as watchers were told. */
  #gone: Absentee | null = null;
  #kills = 0;

  static async create(random: Random): Promise<ZooKeeperWorkload> {
    const [port] = await freePorts(1);
    return new ZooKeeperWorkload(random, port!);
  }

  constructor(random: Random, port: number) {
    this.flags = [
      ...["--zk-listen", `127.0.0.1:${port}=/zk`, "--zk-admin-enable-server=false"],
      // Short ticks let short sessions end on time; long ones must not end because a machine is slow.
      ...["--zk-tick-time", "100", "--zk-max-session-timeout", "60000"],
    ];
    this.#random = random;
    const common = { port, random, ledger: this.#ledger, newest: new NewestZxid() };
    this.#reader = new ZkLink({ ...common, timeoutMs: TIMEOUT_MS });
    this.#writers = Array.from({ length: WRITERS }, (_, index) => new ZkWriter({ ...common, name: `w${index}` }));
    this.#lasting = [
      new LastingWatcher({
        ...common,
        path: "/",
        mode: "recursive",
        onEvent: ({ type, path }) => {
          if (type === EventType.deleted) this.#absentee?.deleted(path);
        },
      }),
      new LastingWatcher({ ...common, path: SHARED, mode: "recursive" }),
      new LastingWatcher({ ...common, path: this.#writers[1]!.home, mode: "recursive" }),
      new LastingWatcher({ ...common, path: LINES[0]!, mode: "persistent" }),
      new LastingWatcher({ ...common, path: HOT, mode: "persistent" }),
      new LastingWatcher({ ...common, path: `${this.#writers[0]!.home}/s0`, mode: "persistent" }),
    ];
    this.#oneShots = new OneShotWatcher({
      ...common,
      targets: [
        { path: HOT, op: "getData" },
        { path: LINES[1]!, op: "getChildren" },
        ...[0, 1, 2].map((slot) => ({ path: `${this.#writers[2]!.home}/s${slot}`, op: "exists" as const })),
      ],
    });
    this.#newAbsentee = (kill) => new Absentee({ ...common, name: `absentee${kill}`, line: LINES[0]! });
  }

  async prepare(server: ServerProcess): Promise<void> {
    await this.#reader.attach(ALIVE);
    const paths = [HOME, SHARED, HOT, ...LINES, ABSENT, ...this.#writers.map(({ home }) => home)];
    for (const [index, path] of paths.entries()) {
      const token = `setup:${index}`;
      const step = { kind: "create", path, data: dataOf(token, 0), wantsStat: true } as const;
      const steps = [{ ...step, isEphemeral: false, isSequential: false }];
      const write = new ZkWrite({ token, session: this.#reader.sessionId, steps, isMulti: false });
      this.#ledger.add(write);
      await write.send(this.#reader);
    }
    await this.#settle(server);
    for (const watcher of [...this.#lasting, this.#oneShots]) {
      await watcher.begin(ALIVE);
      this.#ledger.keep(watcher.sessionId);
    }
    this.#ledger.keep(this.#reader.sessionId);
    for (const writer of this.#writers) await writer.resume(ALIVE);
  }

  work(server: RunningServer): Work {
    const client = new RawClient(server.process.endpoint);
    const watch = this.#history.follow(client);
    const late = async (watcher: LastingWatcher | OneShotWatcher): Promise<void> => {
      // Whoever stays away for a whole life of the server misses the more. The first one has to tell of an absentee's end.
      if (watcher !== this.#lasting[0] && this.#random.below(4) === 0) return;
      // So that some of what it missed is history, and some comes while it asks for that.
      await sleep(this.#random.below(150));
      await watcher.run(server);
    };
    const needed = Math.min(...this.#lasting.map(({ wholeZxid }) => wholeZxid));
    const isAway = this.#absentee;
    const hasBegun = isAway?.untilOver(server) ?? Promise.resolve();
    const absentee = isAway === null && server.kill % 3 === 1 ? this.#newAbsentee(server.kill) : null;
    const clients = [
      ...this.#writers.map((writer) => writer.run(server)),
      ...[...this.#lasting, this.#oneShots].map(late),
      ...(server.kill % 5 === 0 ? [this.#history.compact(client, this.#random, needed)] : []),
      ...(absentee === null ? [] : [absentee.run(server)]),
    ];
    const hasEnded = Promise.all([...clients, hasBegun]).then(() => {
      this.#gone = isAway;
      this.#absentee = absentee;
      this.#history.collect(watch);
      client.close();
    });
    return { hasBegun, hasEnded };
  }

  async verify(server: ServerProcess): Promise<void> {
    this.#kills++;
    await this.#settle(server);
    this.#gone?.check();
    this.#checkWatches();
    await this.#reader.attach(ALIVE);
    await this.#checkTree(server);
    for (const writer of this.#writers) await writer.resume(ALIVE);
    // Now and then on a quiet server: at other times there are writes while they come back.
    if (this.#kills % 5 === 0) await this.#catchUpWatches(server);
  }

  async finish(server: ServerProcess): Promise<void> {
    await this.#catchUpWatches(server);
    const client = new RawClient(server.endpoint);
    await this.#history.checkReplay(client);
    client.close();
  }

  progress(): string {
    const { acknowledged, unanswered, sessionsEnded, model } = this.#ledger;
    const told = this.#lasting.reduce((sum, watcher) => sum + watcher.told, 0);
    return [
      `${acknowledged} acknowledged writes`,
      `${unanswered} done without an answer`,
      `${told} events of lasting watches`,
      `${this.#oneShots.fired} of one-shot watches (${this.#oneShots.firedAtReturn} at a return)`,
      `${sessionsEnded} sessions ended`,
      `${model.znodes.size} znodes`,
    ].join(", ");
  }

  async #checkTree(server: ServerProcess): Promise<void> {
    const { model } = this.#ledger;
    for (;;) {
      const { zxid } = model;
      try {
        await checkTree(this.#reader, model);
        return;
      } catch (error) {
        // An absent client's session may end while the tree is read. Then it is read again.
        await this.#settle(server);
        if (model.zxid === zxid) throw error;
      }
    }
  }

  async #settle(server: ServerProcess): Promise<void> {
    const client = new RawClient(server.endpoint);
    await this.#history.catchUp(client);
    client.close();
    this.#ledger.settle(this.#history.events);
  }

  async #catchUpWatches(server: ServerProcess): Promise<void> {
    for (const watcher of this.#lasting) {
      assert.ok(await watcher.resume(ALIVE));
      await watcher.catchUp();
    }
    // The end of a session may have come in between.
    await this.#settle(server);
    this.#checkWatches();
  }

  #checkWatches(): void {
    for (const watcher of [...this.#lasting, this.#oneShots]) watcher.check(this.#ledger.model);
  }
}
