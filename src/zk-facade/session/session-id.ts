import { assert } from "../../etcd/base/assert.ts";

/** 0x80…: ZooKeeper marks containers with it where the owner of an ephemeral would stand. */
const CONTAINER_MARK = -(2n ** 63n);
const SERVER_ID_MAX = 255;

/**
 * The ids of new sessions, as ZooKeeper lays them out:
 *
 *   server id:8  start:40  counter:16     start: milliseconds when the server started
 *
 * A counter that overflows runs on into the start's bits, as ZooKeeper's does. Ids are signed, as on the wire. An id is
 * also the id of the session's lease, so one that is taken is refused by the store, and the next one is tried.
 */
export class SessionIds {
  readonly #server: bigint;
  readonly #first: bigint;
  #next: bigint;

  /**
   * @param serverId 0 to 255; a ZooKeeper that stands alone is 1. Below 128 the ids are positive, also for etcd's clients.
   *   255 looks like the owner of a TTL znode to ZooKeeper, which refuses it where there are such znodes.
   * @param startMs wall-clock milliseconds: after a restart the ids must not be those of sessions that still live.
   */
  constructor({ serverId, startMs }: { readonly serverId: number; readonly startMs: number }) {
    assert(Number.isInteger(serverId) && serverId >= 0 && serverId <= SERVER_ID_MAX, "a server id out of 0 to 255");
    this.#server = BigInt(serverId) << 56n;
    this.#first = BigInt.asUintN(40, BigInt(Math.floor(startMs))) << 16n;
    this.#next = this.#first;
  }

  /** Never 0, never ZooKeeper's mark of a container, and none twice. */
  next(): bigint {
    for (;;) {
      const id = BigInt.asIntN(64, this.#server | this.#next);
      this.#next = BigInt.asUintN(56, this.#next + 1n);
      if (id !== 0n && id !== CONTAINER_MARK) return id;
    }
  }

  /** Whether `next` has returned it. */
  hasGiven(id: bigint): boolean {
    if (id === 0n || id === CONTAINER_MARK) return false;
    const unsigned = BigInt.asUintN(64, id);
    if (unsigned >> 56n !== this.#server >> 56n) return false;
    // Counted from the first one, since the counter runs round.
    return BigInt.asUintN(56, unsigned - this.#first) < BigInt.asUintN(56, this.#next - this.#first);
  }
}

/** As ZooKeeper prints a session. */
export function hex(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`;
}
