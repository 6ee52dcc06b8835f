import assert from "node:assert/strict";
import type { Random } from "../../src/etcd/base/random.ts";
import type { RunningServer } from "./crash-run.ts";
import type { ZkLedger } from "./zk-ledger.ts";
import { type NewestZxid, ZkLink } from "./zk-link.ts";
import { HOME } from "./zk-model.ts";
import { dataOf, sendRefused, type Step, tokenOf, ZkWrite } from "./zk-write.ts";

const SLOTS = 12;
const REQUESTS_UNDER_WAY = 16;
const TIMEOUT_MS = 10_000;
/** Sequential names that a writer has before it deletes the oldest. */
const NAMES_MAX = 15;
/** On average. */
const REQUESTS_PER_SESSION = 500;

export const SHARED = `${HOME}/shared`;
/** Parents of sequential names of all writers. */
export const LINES = [`${SHARED}/line0`, `${SHARED}/line1`];
/** The znode that all writers set. */
export const HOT = `${SHARED}/hot`;

/** A writer's own znodes by path, as they will be when all that was sent is done. */
type OwnZnodes = Map<string, { readonly version: number; readonly isEphemeral: boolean }>;

export interface ZkWriterOptions {
  readonly name: string;
  readonly port: number;
  readonly random: Random;
  readonly ledger: ZkLedger;
  readonly newest: NewestZxid;
}

/**
 * One client of a crash run that writes all the time, many requests under way: into znodes of its own, whose versions it
 * therefore knows beforehand, and into some that all writers share. Its session lives through the crashes.
 */
export class ZkWriter {
  readonly home: string;
  readonly #options: ZkWriterOptions;
  readonly #link: ZkLink;
  #own: OwnZnodes = new Map();
  /** Its sequential names that were acknowledged, oldest first. */
  #names: { readonly path: string; readonly isEphemeral: boolean }[] = [];
  #writes = 0;
  /** The answered ends of its sessions, until the history tells of them. */
  readonly #closed: { readonly session: bigint; readonly zxid: number }[] = [];
  #isClosing = false;

  constructor(options: ZkWriterOptions) {
    this.#options = options;
    this.home = `${HOME}/${options.name}`;
    this.#link = new ZkLink({ ...options, timeoutMs: TIMEOUT_MS });
  }

  /** On a quiet server whose state the ledger's model has: the session must be there, with its ephemerals. */
  async resume(server: Pick<RunningServer, "isKilled">): Promise<void> {
    const { ledger, newest } = this.#options;
    this.#checkClosed();
    const newestBefore = newest.value;
    const isOver = this.#isClosing && ledger.endOf(this.#link.sessionId) !== undefined;
    await this.#link.attach(server, { mayBeOver: isOver });
    this.#isClosing = false;
    ledger.keep(this.#link.sessionId);
    const { body, zxid } = await this.#link.call("getEphemerals", { prefix: "/" });
    assert.ok(zxid >= newestBefore, `after a restart the zxid is ${zxid}, seen was ${newestBefore}`);
    const owned = ledger.model.ephemeralsOf(this.#link.sessionId);
    assert.deepEqual([...body!.ephemerals].sort(), owned.sort(), "ephemerals of a session that went on");
    this.#readModel();
  }

  /** Until the server is gone. */
  async run(server: RunningServer): Promise<void> {
    const underWay = new Set<Promise<void>>();
    const errors: unknown[] = [];
    const failed = (error: unknown): void => void errors.push(error);
    while (errors.length === 0) {
      if (this.#options.random.below(REQUESTS_PER_SESSION) === 0) {
        await Promise.all(underWay);
        const isNew = await this.#renewSession(server).catch(failed);
        if (isNew === false) return;
        continue;
      }
      const request: Promise<void> = this.#request()
        .catch(failed)
        .finally(() => underWay.delete(request));
      underWay.add(request);
      if (underWay.size >= REQUESTS_UNDER_WAY) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    for (const error of errors) this.#link.excuse(error, server);
  }

  drop(): void {
    this.#link.drop();
  }

  #request(): Promise<void> {
    const { random } = this.#options;
    const dice = random.below(100);
    if (dice < 5) return sendRefused(this.#link, HOT, []);
    if (dice < 10) return sendRefused(this.#link, HOT, this.#ownSteps(new Map(this.#own), 1 + random.below(3)));
    // What all writers share is in each multi, so that they get into each other's way.
    if (dice < 25) return this.#write([...this.#ownSteps(this.#own, 1 + random.below(4)), this.#sharedStep()], true);
    if (dice < 50) return this.#write([this.#sharedStep()], false);
    if (this.#names.length > NAMES_MAX) {
      const { path } = this.#names.shift()!;
      return this.#write([{ kind: "delete", path, version: -1 }], false);
    }
    return this.#write(this.#ownSteps(this.#own, 1), false);
  }

  /** In the store, its steps carry one token: that of the write. */
  async #write(steps: readonly Step[], isMulti: boolean): Promise<void> {
    const write = new ZkWrite({ token: this.#token(), session: this.#link.sessionId, steps, isMulti });
    this.#writes++;
    this.#options.ledger.add(write);
    await write.send(this.#link);
    for (const [index, step] of steps.entries()) {
      if (step.kind !== "create" || !step.isSequential) continue;
      this.#names.push({ path: write.results[index]!.path!, isEphemeral: step.isEphemeral });
    }
  }

  /** Steps that must succeed in this order. A znode may occur several times. */
  #ownSteps(view: OwnZnodes, count: number): Step[] {
    return Array.from({ length: count }, () => this.#ownStep(view));
  }

  #ownStep(view: OwnZnodes): Step {
    const { random } = this.#options;
    const path = `${this.home}/s${random.below(SLOTS)}`;
    const found = view.get(path);
    if (found === undefined) {
      const isEphemeral = random.below(5) < 2;
      view.set(path, { version: 0, isEphemeral });
      return { kind: "create", path, data: this.#data(), isEphemeral, isSequential: false, wantsStat: this.#coin() };
    }
    const version = this.#coin() ? found.version : -1;
    if (random.below(3) === 0) {
      view.delete(path);
      return { kind: "delete", path, version };
    }
    view.set(path, { ...found, version: found.version + 1 });
    return { kind: "set", path, data: this.#data(), version };
  }

  #sharedStep(): Step {
    const { random } = this.#options;
    const line = LINES[random.below(LINES.length + 1)];
    if (line === undefined) return { kind: "set", path: HOT, data: this.#data(), version: -1 };
    const isEphemeral = this.#coin();
    const path = `${line}/n-`;
    return { kind: "create", path, data: this.#data(), isEphemeral, isSequential: true, wantsStat: this.#coin() };
  }

  #data(): string {
    return dataOf(this.#token(), this.#options.random.below(300));
  }

  #token(): string {
    return `${this.#options.name}:${this.#writes}`;
  }

  #coin(): boolean {
    return this.#options.random.below(2) === 0;
  }

  #readModel(): void {
    const { name, ledger } = this.#options;
    const { znodes } = ledger.model;
    const known = (path: string): { path: string; version: number; isEphemeral: boolean } => {
      const { version, owner } = znodes.get(path)!;
      return { path, version, isEphemeral: owner !== 0n };
    };
    this.#own = new Map([...znodes.get(this.home)!.children].map((path) => [path, known(path)]));
    const names = LINES.flatMap((line) => [...znodes.get(line)!.children]);
    this.#names = names.filter((path) => tokenOf(znodes.get(path)!.data).startsWith(`${name}:`)).map(known);
  }

  /** Closes the session, with what hangs on it, and opens another one. False: killed; `resume` opens it. */
  async #renewSession(server: RunningServer): Promise<boolean> {
    const { ledger } = this.#options;
    const { sessionId } = this.#link;
    ledger.letGo(sessionId);
    this.#isClosing = true;
    const { err, zxid } = await this.#link.call("closeSession", {});
    assert.equal(err, 0, "closeSession");
    this.#isClosing = false;
    this.#closed.push({ session: sessionId, zxid });
    this.#link.forget();
    this.#own = new Map([...this.#own].filter(([, { isEphemeral }]) => !isEphemeral));
    this.#names = this.#names.filter(({ isEphemeral }) => !isEphemeral);
    if (!(await this.#link.attach(server))) return false;
    ledger.keep(this.#link.sessionId);
    return true;
  }

  #checkClosed(): void {
    for (const { session, zxid } of this.#closed.splice(0)) {
      assert.equal(this.#options.ledger.endOf(session), zxid, "the end of a session is not where its client was told");
    }
  }
}
