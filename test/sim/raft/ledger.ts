import assert from "node:assert/strict";
import type { Entry } from "../../../src/etcd/wire/raftpb.ts";

/**
 * What the whole cluster has promised so far, kept outside of it. Each member reports what it does; what contradicts
 * an earlier report breaks one of Raft's guarantees (paper, figure 3).
 */
export class Ledger {
  readonly #leaders = new Map<number, bigint>();
  /** Entries by index and term, each with the term before it: by induction, equal entries have equal histories. */
  readonly #entries = new Map<string, string>();
  readonly #terms = new Map<number, number>();
  readonly #states = new Map<number, string>();
  #committed = 0;

  /** The highest index that any member has applied. */
  get committed(): number {
    return this.#committed;
  }

  /** Election safety: at most one leader per term. Leader completeness: its log holds whatever was committed before. */
  leads(id: bigint, term: number, log: { firstIndex(): number; term(index: number): number | null }): void {
    const known = this.#leaders.get(term);
    assert.ok(known === undefined || known === id, `two leaders in term ${term}: ${known} and ${id}`);
    if (known === id) return;
    this.#leaders.set(term, id);
    for (let index = log.firstIndex(); index <= this.#committed; index++) {
      assert.equal(
        log.term(index),
        this.#terms.get(index),
        `leader ${id} of term ${term} lacks committed entry ${index}`,
      );
    }
  }

  /** Log matching: who holds an entry holds the same one, and the same before it. */
  holds(entry: Entry, previousTerm: number | null): void {
    if (previousTerm === null) return;
    const key = `${entry.index}/${entry.term}`;
    const content = `${entry.type} ${Buffer.from(entry.data ?? []).toString("latin1")} after ${previousTerm}`;
    const known = this.#entries.get(key);
    assert.ok(known === undefined || known === content, `entry ${key} differs: ${known} and ${content}`);
    this.#entries.set(key, content);
  }

  /** State machine safety: all members apply the same entries at the same indexes, and so reach the same states. */
  applied(index: number, term: number, state: string): void {
    const known = this.#states.get(index);
    if (known !== undefined) {
      assert.equal(term, this.#terms.get(index), `another entry was applied at ${index}`);
      assert.equal(state, known, `another state was reached at ${index}`);
      return;
    }
    this.#states.set(index, state);
    this.#terms.set(index, term);
    this.#committed = Math.max(this.#committed, index);
  }

  /** A read that began when `floor` was committed must not be served from an older state. */
  read(index: number, floor: number): void {
    assert.ok(index >= floor, `a read at ${index} misses what was committed before it began, up to ${floor}`);
  }
}
