import assert from "node:assert/strict";
import { type RunningServer, sleep } from "./crash-run.ts";
import type { ZkLedger } from "./zk-ledger.ts";
import { type NewestZxid, ZkLink } from "./zk-link.ts";
import { HOME } from "./zk-model.ts";
import { dataOf, type Step, ZkWrite } from "./zk-write.ts";

/** Longer than the work before a kill takes, so that the crash finds the session alive. */
const TIMEOUT_MS = 1000;
const GRACE_MS = 10_000;

export const ABSENT = `${HOME}/absent`;

export interface AbsenteeOptions {
  readonly name: string;
  readonly port: number;
  readonly ledger: ZkLedger;
  readonly newest: NewestZxid;
  /** A sequential ephemeral goes there, among those of others. */
  readonly line: string;
}

/**
 * A client that makes ephemerals and goes down with the server, for good: when the server is back, its session must be
 * there for the whole timeout, and then end.
 */
export class Absentee {
  readonly #options: AbsenteeOptions;
  readonly #link: ZkLink;
  /** The znode whose end tells that of the session; null: the kill came before it was acknowledged. */
  #sign: string | null = null;
  #goneMs: number | null = null;

  constructor(options: AbsenteeOptions) {
    this.#options = options;
    this.#link = new ZkLink({ ...options, timeoutMs: TIMEOUT_MS, isSilent: true });
  }

  /** Makes the ephemerals. */
  async run(server: RunningServer): Promise<void> {
    const { name, line } = this.#options;
    try {
      if (!(await this.#link.attach(server))) return;
      const paths = [`${ABSENT}/${name}-a`, `${ABSENT}/${name}-b`, `${line}/n-`];
      await Promise.all(paths.map((path, index) => this.#create(path, index)));
      this.#sign = paths[0]!;
    } catch (error) {
      this.#link.excuse(error, server);
    }
  }

  /** A watcher was told that a znode is gone. */
  deleted(path: string): void {
    if (path === this.#sign) this.#goneMs = performance.now();
  }

  /** After the restart: until the session is over. */
  async untilOver({ startedMs }: RunningServer): Promise<void> {
    const { ledger } = this.#options;
    // A slow machine can take longer than the timeout to kill a server.
    if (this.#sign === null || ledger.endOf(this.#link.sessionId) !== undefined) return;
    assert.ok(ledger.model.znodes.has(this.#sign), "an ephemeral of an absent client is lost");
    const deadlineMs = startedMs + TIMEOUT_MS + GRACE_MS;
    while (this.#goneMs === null) {
      assert.ok(performance.now() < deadlineMs, "the session of an absent client does not end");
      await sleep(10);
    }
    const livedMs = this.#goneMs - startedMs;
    assert.ok(livedMs >= TIMEOUT_MS, `a session of ${TIMEOUT_MS} ms ended ${livedMs} ms after a restart`);
    assert.equal(await this.#link.isAlive(), false, "a session that ended was taken up again");
  }

  /** When the history is known: that all went in one transaction, the ledger sees. */
  check(): void {
    if (this.#goneMs === null) return;
    assert.ok(this.#options.ledger.endOf(this.#link.sessionId) !== undefined, "ephemerals went without their session");
  }

  async #create(path: string, index: number): Promise<void> {
    const token = `${this.#options.name}:${index}`;
    const isSequential = path.endsWith("/n-");
    const step: Step = {
      kind: "create",
      path,
      data: dataOf(token, 10),
      isEphemeral: true,
      isSequential,
      wantsStat: true,
    };
    const write = new ZkWrite({ token, session: this.#link.sessionId, steps: [step], isMulti: false });
    this.#options.ledger.add(write);
    await write.send(this.#link);
  }
}
