import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EtcdError } from "../errors.ts";
import { MemoryBackend } from "../mvcc/memory-backend.ts";
import { Lessor } from "./lessor.ts";

/** The lessor against a table that is searched from end to end at each question. */

const ids = [1n, 2n, 3n, -4n, 5n];
const keys = ["a", "b", "c", "d"];
const revokeRetryMs = 3000;
const extendMs = 1000;

type Command =
  | { readonly kind: "grant"; readonly id: bigint; readonly ttl: number }
  | { readonly kind: "put"; readonly key: string; readonly id: bigint }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "revoke" | "renew"; readonly id: bigint }
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "expired"; readonly limit: number }
  | { readonly kind: "checkpoint"; readonly id: bigint; readonly remainingTtl: number }
  | { readonly kind: "promote" | "demote" | "restart" };

const id = fc.constantFrom(...ids);
const key = fc.constantFrom(...keys);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("grant" as const), id, ttl: fc.integer({ min: -1, max: 12 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("put" as const), key, id: fc.oneof(id, fc.constant(0n)) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("revoke" as const), id }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("renew" as const), id }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("time" as const),
      ms: fc.integer({ min: 0, max: 10 }).map((n) => n * 500),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("expired" as const), limit: fc.constantFrom(1, 2, 500) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("checkpoint" as const),
      id,
      remainingTtl: fc.integer({ min: 0, max: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("promote" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("demote" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

interface Row {
  readonly ttl: number;
  remainingTtl: number;
  endsMs: number;
  /** Not named before this time. */
  quietUntilMs: number;
}

class World {
  readonly #backend = new MemoryBackend();
  readonly #checkpoints: boolean;
  readonly #rows = new Map<bigint, Row>();
  /** What the store would know. */
  readonly #leaseOf = new Map<string, bigint>();
  readonly #gone: string[] = [];
  readonly #goneExpected: string[] = [];
  readonly #waiting: bigint[] = [];
  #lessor: Lessor;
  #isPrimary = false;
  #nowMs = 0;

  constructor(checkpoints: boolean) {
    this.#checkpoints = checkpoints;
    this.#lessor = this.#open();
  }

  run(step: Command): void {
    switch (step.kind) {
      case "grant":
        this.#grant(step.id, step.ttl);
        break;
      case "put":
        this.#unhang(step.key);
        if (this.#rows.has(step.id)) {
          this.#lessor.attach(step.id, step.key);
          this.#leaseOf.set(step.key, step.id);
        }
        break;
      case "delete":
        this.#unhang(step.key);
        break;
      case "revoke":
        this.#revoke(step.id);
        break;
      case "renew":
        this.#renew(step.id);
        break;
      case "time":
        this.#nowMs += step.ms;
        break;
      case "expired":
        this.#expire(step.limit);
        break;
      case "checkpoint": {
        this.#lessor.checkpoint(step.id, step.remainingTtl, this.#nowMs);
        const row = this.#rows.get(step.id);
        if (row) row.remainingTtl = step.remainingTtl;
        break;
      }
      case "promote":
        this.#lessor.promote(this.#nowMs, extendMs);
        this.#isPrimary = true;
        for (const row of this.#rows.values()) {
          row.endsMs = this.#nowMs + extendMs + (row.remainingTtl || row.ttl) * 1000;
          row.quietUntilMs = 0;
        }
        break;
      case "demote":
        this.#demote();
        break;
      case "restart":
        this.#demote();
        this.#lessor = this.#open();
        for (const [key, leaseId] of this.#leaseOf) this.#lessor.attach(leaseId, key);
        break;
    }
    this.#compare();
  }

  #open(): Lessor {
    return new Lessor({ electionTimeoutMs: 1000, checkpoints: this.#checkpoints, revokeRetryMs }, this.#backend);
  }

  #grant(leaseId: bigint, ttl: number): void {
    if (this.#rows.has(leaseId)) {
      assert.equal(
        codeOf(() => this.#lessor.grant(leaseId, ttl, this.#nowMs)),
        "leaseExists",
      );
      return;
    }
    const counts = Math.max(ttl, 2);
    assert.deepEqual(this.#lessor.grant(leaseId, ttl, this.#nowMs), { ttl: counts });
    const endsMs = this.#isPrimary ? this.#nowMs + counts * 1000 : Number.POSITIVE_INFINITY;
    this.#rows.set(leaseId, { ttl: counts, remainingTtl: 0, endsMs, quietUntilMs: 0 });
  }

  #revoke(leaseId: bigint): void {
    if (!this.#rows.delete(leaseId)) {
      assert.equal(
        codeOf(() => this.#lessor.revoke(leaseId)),
        "leaseNotFound",
      );
      return;
    }
    const hung = this.#keysOf(leaseId);
    assert.deepEqual(this.#lessor.revoke(leaseId), hung);
    for (const one of hung) this.#leaseOf.delete(one);
    this.#endWaiting((waited) => waited === leaseId, "revoked");
  }

  #renew(leaseId: bigint): void {
    const row = this.#rows.get(leaseId);
    if (!this.#isPrimary || !row) {
      const expected = this.#isPrimary ? "leaseNotFound" : "notPrimaryLessor";
      assert.equal(
        codeOf(() => this.#lessor.renew(leaseId, this.#nowMs)),
        expected,
      );
      return;
    }
    const renewal = this.#lessor.renew(leaseId, this.#nowMs);
    if (row.endsMs <= this.#nowMs) {
      assert.deepEqual(renewal, { state: "expired" });
      this.#lessor.whenGone(leaseId, (end) => this.#gone.push(`${leaseId} ${end}`));
      this.#waiting.push(leaseId);
    } else if (this.#checkpoints && row.remainingTtl > 0) {
      assert.deepEqual(renewal, { state: "checkpointed" });
    } else {
      assert.deepEqual(renewal, { state: "renewed", ttl: row.ttl });
      row.endsMs = this.#nowMs + row.ttl * 1000;
    }
  }

  #expire(limit: number): void {
    const due = [...this.#rows].filter(
      ([, row]) => this.#isPrimary && row.endsMs <= this.#nowMs && row.quietUntilMs <= this.#nowMs,
    );
    const named = this.#lessor.expired(this.#nowMs, limit);
    assert.equal(named.length, Math.min(limit, due.length));
    assert.equal(new Set(named).size, named.length);
    for (const one of named) {
      const row = due.find(([leaseId]) => leaseId === one)?.[1];
      assert.ok(row, "no lease ends early, and none is named twice in a row");
      row.quietUntilMs = this.#nowMs + revokeRetryMs;
    }
  }

  #demote(): void {
    this.#lessor.demote();
    this.#isPrimary = false;
    for (const row of this.#rows.values()) row.endsMs = Number.POSITIVE_INFINITY;
    this.#endWaiting(() => true, "demoted");
  }

  #endWaiting(isMeant: (leaseId: bigint) => boolean, end: string): void {
    for (const leaseId of this.#waiting.splice(0)) {
      if (isMeant(leaseId)) this.#goneExpected.push(`${leaseId} ${end}`);
      else this.#waiting.push(leaseId);
    }
  }

  #unhang(one: string): void {
    const leaseId = this.#leaseOf.get(one);
    if (leaseId === undefined) return;
    this.#lessor.detach(leaseId, one);
    this.#leaseOf.delete(one);
  }

  #keysOf(leaseId: bigint): string[] {
    return keys.filter((one) => this.#leaseOf.get(one) === leaseId);
  }

  #compare(): void {
    assert.equal(this.#lessor.size, this.#rows.size);
    for (const one of keys) assert.equal(this.#lessor.leaseOf(one), this.#leaseOf.get(one) ?? 0n);
    for (const leaseId of ids) {
      const row = this.#rows.get(leaseId);
      assert.equal(this.#lessor.has(leaseId), row !== undefined);
      if (!row) continue;
      assert.deepEqual(this.#lessor.keysOf(leaseId), this.#keysOf(leaseId));
      if (!this.#isPrimary) continue;
      const remainingSeconds = Math.trunc((row.endsMs - this.#nowMs) / 1000) + 0;
      const life = { ttl: row.ttl, remainingSeconds, keys: this.#keysOf(leaseId) };
      assert.deepEqual(this.#lessor.timeToLive(leaseId, this.#nowMs), life);
    }
    const ends = this.#lessor.leases().map((leaseId) => this.#rows.get(leaseId)!.endsMs);
    assert.deepEqual(
      ends,
      [...ends].sort((a, b) => (a < b ? -1 : 1)),
    );
    assert.deepEqual([...this.#gone].sort(), [...this.#goneExpected].sort());
  }
}

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof EtcdError) return error.code;
    throw error;
  }
  return "no error";
}

test("the lessor agrees with a table, over restarts and changes of the leader", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120, size: "max" }), fc.boolean(), (steps, checkpoints) => {
      const world = new World(checkpoints);
      for (const step of steps) world.run(step);
    }),
    { numRuns: 300 },
  );
});
