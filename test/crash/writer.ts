import type { Random } from "../../src/etcd/base/random.ts";
import {
  newDeleteRangeRequest,
  newPutRequest,
  newRangeRequest,
  newRequestOp,
  newTxnRequest,
} from "../../src/etcd/wire/etcdserverpb.ts";
import type { RawClient } from "../support/raw-client.ts";

const SLOTS = 40;

/** What a writer knows of one key: the state that was acknowledged, and what may have happened since. */
interface Known {
  /** The acknowledged value; null: acknowledged as deleted, or never written. */
  value: string | null;
  /** The revision of that acknowledgement. */
  revision: number;
  /** Values (null: deleted) that were asked for after it without an answer; any of them may stand now. */
  readonly unanswered: (string | null)[];
}

/**
 * One client of a crash run: writes into keys of its own, one request after the other, and remembers what was
 * acknowledged. After a crash the store must hold, for each key, the acknowledged state or a later unanswered one.
 */
export class Writer {
  readonly prefix: string;
  readonly #random: Random;
  readonly #known = new Map<string, Known>();
  #counter = 0;
  acknowledged = 0;
  newestRevision = 0;

  constructor(prefix: string, random: Random) {
    this.prefix = prefix;
    this.#random = random;
  }

  /** Writes until a request fails, which is how a crash looks from here. */
  async run(client: RawClient): Promise<void> {
    for (;;) {
      const key = `${this.prefix}/${this.#random.below(SLOTS)}`;
      const known = this.#of(key);
      const dice = this.#random.below(10);
      const value = dice < 8 ? `${++this.#counter}:${"x".repeat(this.#random.below(300))}` : null;
      known.unanswered.push(value);
      const revision = await this.#write(client, key, value, dice < 3);
      if (revision === null) return;
      known.value = value;
      known.revision = revision;
      known.unanswered.length = 0;
      this.acknowledged++;
      if (revision < this.newestRevision) throw new Error(`revision ${revision} after ${this.newestRevision}`);
      this.newestRevision = revision;
    }
  }

  /** Throws if the store lost or invented something. */
  async verify(client: RawClient): Promise<void> {
    const prefix = Buffer.from(`${this.prefix}/`);
    const end = Buffer.from(`${this.prefix}0`);
    const all = await client.call("range", newRangeRequest({ key: prefix, rangeEnd: end }));
    if (all.response === null) throw new Error(`cannot read back: ${all.error?.details ?? "?"}`);
    const stored = new Map(all.response.kvs.map((kv) => [Buffer.from(kv.key).toString(), kv]));
    for (const [key, known] of this.#known) {
      const kv = stored.get(key);
      const value = kv === undefined ? null : Buffer.from(kv.value).toString();
      const isAcknowledged = value === known.value && (kv === undefined || kv.modRevision === known.revision);
      if (!isAcknowledged && !known.unanswered.includes(value)) {
        throw new Error(`${key} is ${show(value)}, acknowledged was ${show(known.value)} at ${known.revision}`);
      }
      // What stands now was seen by a reader: from here on it counts as acknowledged.
      known.value = value;
      known.revision = kv?.modRevision ?? known.revision;
      known.unanswered.length = 0;
    }
    if (all.response.header!.revision < this.newestRevision) throw new Error("the revision went back");
  }

  async #write(client: RawClient, key: string, value: string | null, inTxn: boolean): Promise<number | null> {
    const bytes = Buffer.from(key);
    if (value === null) {
      const deleted = await client.call("deleteRange", newDeleteRangeRequest({ key: bytes }));
      return deleted.response?.header?.revision ?? null;
    }
    const put = newPutRequest({ key: bytes, value: Buffer.from(value) });
    if (!inTxn) return (await client.call("put", put)).response?.header?.revision ?? null;
    const count = newPutRequest({ key: Buffer.from(`${this.prefix}.count`), value: Buffer.from(`${this.#counter}`) });
    const success = [put, count].map((request) => newRequestOp({ request: { case: "requestPut", value: request } }));
    return (await client.call("txn", newTxnRequest({ success }))).response?.header?.revision ?? null;
  }

  #of(key: string): Known {
    let known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, (known = { value: null, revision: 0, unanswered: [] }));
    return known;
  }
}

const show = (value: string | null): string => (value === null ? "absent" : JSON.stringify(value.slice(0, 20)));
