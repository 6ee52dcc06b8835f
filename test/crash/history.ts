import assert from "node:assert/strict";
import type { Random } from "../../src/etcd/base/random.ts";
import {
  newCompactionRequest,
  newHashKVRequest,
  newStatusRequest,
  newWatchCreateRequest,
} from "../../src/etcd/wire/etcdserverpb.ts";
import type { Event } from "../../src/etcd/wire/mvccpb.ts";
import type { RawClient, RawWatch } from "../support/raw-client.ts";
import { hashOfReplay } from "./replay.ts";

/**
 * All events of a store from its first revision on, as one watch saw them that was broken by each crash and taken up
 * again: without a gap, without a double.
 */
export class StoreHistory {
  readonly events: Event[] = [];
  #compacted = 0;

  get revision(): number {
    return this.events.at(-1)?.kv?.modRevision ?? 0;
  }

  /** Watches everything from where the history ends. */
  follow(client: RawClient): RawWatch {
    const watch = client.watch();
    const all = newWatchCreateRequest({
      key: Buffer.of(0),
      rangeEnd: Buffer.of(0),
      startRevision: this.revision + 1,
    });
    watch.send({ requestUnion: { case: "createRequest", value: all } });
    return watch;
  }

  /** Whole revisions only can be resumed from, and responses never split one. */
  collect(watch: RawWatch): void {
    for (const response of watch.responses) {
      assert.equal(response.canceled, false, `the watch was cancelled: ${JSON.stringify(response.cancelReason)}`);
      for (const event of response.events) {
        const previous = this.revision;
        const revision = event.kv!.modRevision;
        assert.ok(revision >= previous, `event at ${revision} after ${previous}`);
        assert.ok(revision <= previous + 1 || this.events.length === 0, `no event between ${previous} and ${revision}`);
        this.events.push(event);
      }
    }
    watch.close();
  }

  /** Up to what the store has at the time of the call. */
  async catchUp(client: RawClient): Promise<void> {
    const status = await client.call("status", newStatusRequest());
    const target = status.response!.header!.revision;
    assert.ok(target >= this.revision, `the store is at revision ${target}, a watch has seen ${this.revision}`);
    const watch = this.follow(client);
    if (this.revision < target) {
      const caughtUp = await watch.until((responses) =>
        responses.some(({ events }) => events.some((event) => event.kv!.modRevision >= target)),
      );
      assert.ok(caughtUp, `the watch did not reach revision ${target}`);
    }
    this.collect(watch);
  }

  /** Half of what the watch has seen, or less: never beyond what somebody wants to resume from. */
  async compact(client: RawClient, random: Random, limit = Number.POSITIVE_INFINITY): Promise<void> {
    const half = this.events[Math.floor(this.events.length / 2)]?.kv?.modRevision ?? 0;
    const revision = Math.min(half, limit);
    if (revision <= this.#compacted) return;
    // Whether it was acknowledged or not, it may have happened.
    await client.call("compact", newCompactionRequest({ revision, physical: random.below(2) === 0 }));
    this.#compacted = revision;
  }

  /** A store in memory to which the history is applied must have the server's HashKV. Nobody may be writing. */
  async checkReplay(client: RawClient): Promise<void> {
    const { revision } = this;
    await client.call("compact", newCompactionRequest({ revision: revision - 10, physical: true }));
    const hash = await client.call("hashKv", newHashKVRequest({ revision }));
    assert.equal(hash.error, null);
    assert.equal(hash.response!.compactRevision, revision - 10);
    const replayed = hashOfReplay(this.events, revision - 10);
    assert.equal(hash.response!.hash, replayed, "HashKV differs from the replayed history");
  }
}
