import type { Random } from "../../../src/etcd/base/random.ts";
import {
  newCompactionRequest,
  newCompare,
  newDeleteRangeRequest,
  newHashKVRequest,
  newLeaseGrantRequest,
  newLeaseRevokeRequest,
  newLeaseTimeToLiveRequest,
  newPutRequest,
  newRangeRequest,
  newRequestOp,
  newTxnRequest,
  newWatchCreateRequest,
  type Compare,
  type DeleteRangeRequest,
  type LeaseGrantRequest,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  type TxnRequest,
  type WatchCreateRequest,
} from "../../../src/etcd/wire/etcdserverpb.ts";
import type { CallName, RequestOf } from "../../support/raw-client.ts";

/** What the next request may refer to; both servers stand at the same place when it is generated. */
export interface World {
  revision: number;
  compacted: number;
}

export type Step =
  | { readonly kind: "call"; readonly name: CallName; readonly request: RequestOf<CallName> }
  | { readonly kind: "keepAlive"; readonly id: bigint }
  | { readonly kind: "watch"; readonly create: WatchCreateRequest }
  | { readonly kind: "cancelWatch"; readonly id: bigint };

const EMPTY = new Uint8Array(0);
const leaseIds = [1n, 2n, 3n, 0x7fffffffffffffffn, -5n];
const keys = ["a", "a/1", "a/2", "a0", "b", "b\0", "c", "cc", "d", "\0", "\x7f", "\xff", "\xff\xff", "k".repeat(300)];

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

export interface GeneratorOptions {
  /**
   * Also asks for what only a current etcd refuses (an old one dies of it or lets it pass), and for hashes of a compacted
   * history, which have changed since.
   */
  readonly current: boolean;
}

/** Random requests over a few keys and leases, dense in the cases where servers differ: edges before averages. */
export class Generator {
  readonly #random: Random;
  readonly #options: GeneratorOptions;

  constructor(random: Random, options: GeneratorOptions) {
    this.#random = random;
    this.#options = options;
  }

  step(world: World): Step {
    const call = <Name extends CallName>(name: Name, request: RequestOf<Name>): Step => ({
      kind: "call",
      name,
      request,
    });
    const dice = this.#random.below(100);
    if (dice < 28) return call("put", this.#put());
    if (dice < 50) return call("range", this.#range(world, false));
    if (dice < 58) return call("deleteRange", this.#deleteRange());
    if (dice < 78) return call("txn", this.#txn(world, 0));
    if (dice < 81)
      return call("compact", newCompactionRequest({ revision: this.#compactRevision(world), physical: true }));
    if (dice < 86) return call("leaseGrant", this.#leaseGrant());
    if (dice < 89) return call("leaseRevoke", newLeaseRevokeRequest({ id: this.#leaseId() }));
    if (dice < 91)
      return call("leaseTimeToLive", newLeaseTimeToLiveRequest({ id: this.#leaseId(), keys: this.#chance(50) }));
    if (dice < 92) return call("leaseLeases", {});
    if (dice < 93) return { kind: "keepAlive", id: this.#leaseId() };
    if (dice < 95 && this.#options.current)
      return call("hashKv", newHashKVRequest({ revision: this.#revision(world) }));
    if (dice < 99) return { kind: "watch", create: this.#watch(world) };
    return { kind: "cancelWatch", id: BigInt(this.#random.below(6)) };
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#random.below(values.length)]!;
  }

  #key(): Uint8Array {
    return this.#chance(1) ? EMPTY : bytes(this.#pick(keys));
  }

  #rangeEnd(): Uint8Array {
    if (this.#chance(40)) return EMPTY;
    return this.#chance(25) ? bytes("\0") : bytes(this.#pick(keys));
  }

  #value(): Uint8Array {
    return this.#chance(10) ? EMPTY : bytes(`v${this.#random.below(50)}`);
  }

  #leaseId(): bigint {
    return this.#pick(leaseIds);
  }

  #revision(world: World): number {
    const dice = this.#random.below(10);
    if (dice < 5) return 0;
    if (dice === 5) return world.revision + 1 + this.#random.below(3);
    if (dice === 6) return Math.max(0, world.compacted + this.#random.below(3) - 1);
    if (dice === 7 && this.#options.current) return -1;
    return 1 + this.#random.below(world.revision);
  }

  #compactRevision(world: World): number {
    const dice = this.#random.below(10);
    if (dice === 0) return world.revision + 5;
    if (dice === 1) return world.compacted;
    if (dice === 2 && this.#options.current) return -1;
    return Math.max(world.compacted, world.revision - this.#random.below(40));
  }

  #put(): PutRequest {
    const ignoreValue = this.#chance(8);
    const ignoreLease = this.#chance(8);
    return newPutRequest({
      key: this.#key(),
      value: ignoreValue && this.#chance(80) ? EMPTY : this.#value(),
      lease: ignoreLease && this.#chance(80) ? 0n : this.#chance(25) ? this.#leaseId() : 0n,
      prevKv: this.#chance(30),
      ignoreValue,
      ignoreLease,
    });
  }

  #deleteRange(): DeleteRangeRequest {
    return newDeleteRangeRequest({ key: this.#key(), rangeEnd: this.#rangeEnd(), prevKv: this.#chance(50) });
  }

  /**
   * A delete to the end of the keys slips through etcd's check for duplicates. If a put of the same transaction builds on
   * a key that it took away, a real etcd panics; nothing is to be compared there.
   */
  #deleteInTxn(): DeleteRangeRequest {
    const request = this.#deleteRange();
    return request.rangeEnd.length === 1 && request.rangeEnd[0] === 0 ? { ...request, rangeEnd: EMPTY } : request;
  }

  #range(world: World, inTxn: boolean): RangeRequest {
    const filter = (): number => (this.#chance(10) ? 1 + this.#random.below(world.revision + 2) : 0);
    return newRangeRequest({
      key: this.#key(),
      rangeEnd: this.#rangeEnd(),
      limit: this.#chance(40) ? this.#random.below(5) - 1 : 0,
      revision: inTxn && this.#chance(70) ? 0 : this.#revision(world),
      sortOrder: this.#options.current && this.#chance(1) ? 3 + this.#random.below(3) : this.#random.below(3),
      sortTarget: this.#chance(50) ? 0 : this.#options.current && this.#chance(2) ? 9 : this.#random.below(5),
      serializable: this.#chance(30),
      keysOnly: this.#chance(15),
      countOnly: this.#chance(10),
      minModRevision: filter(),
      maxModRevision: filter(),
      minCreateRevision: filter(),
      maxCreateRevision: filter(),
    });
  }

  #compare(world: World): Compare {
    const number = (): number => (this.#chance(30) ? 0 : this.#random.below(world.revision + 2));
    const target = this.#random.below(5);
    const union = (
      [
        { case: "version", value: this.#random.below(4) },
        { case: "createRevision", value: number() },
        { case: "modRevision", value: number() },
        { case: "value", value: this.#value() },
        { case: "lease", value: this.#chance(50) ? 0n : this.#leaseId() },
      ] as const
    )[this.#chance(95) ? target : this.#random.below(5)]!;
    return newCompare({
      result: this.#random.below(4),
      target,
      key: this.#key(),
      rangeEnd: this.#chance(20) ? this.#rangeEnd() : EMPTY,
      targetUnion: this.#chance(4) ? null : union,
    });
  }

  #txn(world: World, depth: number): TxnRequest {
    const many = <T>(bound: number, make: () => T): T[] => Array.from({ length: this.#random.below(bound) }, make);
    return newTxnRequest({
      compare: many(3, () => this.#compare(world)),
      success: many(depth === 0 ? 5 : 3, () => this.#operation(world, depth)),
      failure: many(depth === 0 ? 4 : 3, () => this.#operation(world, depth)),
    });
  }

  #operation(world: World, depth: number): RequestOp {
    const dice = this.#random.below(100);
    if (dice < 2) return newRequestOp();
    if (dice < 45) return newRequestOp({ request: { case: "requestPut", value: this.#put() } });
    if (dice < 70) return newRequestOp({ request: { case: "requestRange", value: this.#range(world, true) } });
    if (dice < 85 || depth > 2) {
      return newRequestOp({ request: { case: "requestDeleteRange", value: this.#deleteInTxn() } });
    }
    return newRequestOp({ request: { case: "requestTxn", value: this.#txn(world, depth + 1) } });
  }

  #leaseGrant(): LeaseGrantRequest {
    const ttl = this.#chance(10)
      ? this.#pick([0, -1, 1, 9_000_000_000, 9_000_000_001])
      : 1000 + this.#random.below(1000);
    // A lease that could expire during the run would expire at two different moments.
    return newLeaseGrantRequest({ id: this.#leaseId(), ttl: ttl < 100 ? 1000 : ttl });
  }

  #watch(world: World): WatchCreateRequest {
    const dice = this.#random.below(10);
    const startRevision = dice < 3 ? 0 : dice === 3 ? world.revision + 3 : 1 + this.#random.below(world.revision + 1);
    return newWatchCreateRequest({
      key: this.#key(),
      rangeEnd: this.#rangeEnd(),
      startRevision: this.#options.current && this.#chance(3) ? -1 : startRevision,
      prevKv: this.#chance(40),
      filters: this.#chance(15) ? [this.#random.below(2)] : [],
      fragment: this.#chance(10),
      watchId: this.#chance(15) ? BigInt(this.#random.below(8)) : 0n,
    });
  }
}
