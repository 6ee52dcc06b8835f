import type { WatchResponse } from "../wire/etcdserverpb.ts";
import type { KeyValue } from "../wire/mvccpb.ts";

/**
 * Responses that wait for their client, oldest first, with the accounts that tell when it is too slow. It does not
 * refuse anything: who fills it asks before, whether there is room.
 */
export class WatchQueue {
  #entries: Entry[] = [];
  /** Entries before it are taken already. */
  #head = 0;
  #bytes = 0;
  #controls = 0;
  #events = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  /** About what the responses hold in memory; what several share is counted for each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many of them answer a request of the client. */
  get controls(): number {
    return this.#controls;
  }

  /** How many events are in them. */
  get events(): number {
    return this.#events;
  }

  push(response: WatchResponse): void {
    const entry = { response, bytes: memoryBytes(response) };
    this.#entries.push(entry);
    this.#account(entry, 1);
  }

  shift(): WatchResponse | undefined {
    const entry = this.#entries[this.#head];
    if (!entry) return undefined;
    this.#head += 1;
    this.#account(entry, -1);
    // Taken entries are dropped when they are half of the array: each is moved once at most.
    if (this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry.response;
  }

  clear(): void {
    this.#entries = [];
    this.#head = this.#bytes = this.#controls = this.#events = 0;
  }

  #account({ response, bytes }: Entry, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    this.#events += sign * response.events.length;
    if (response.created || response.canceled) this.#controls += sign;
  }
}

interface Entry {
  readonly response: WatchResponse;
  readonly bytes: number;
}

const responseOverheadBytes = 256;
const eventOverheadBytes = 128;

function memoryBytes(response: WatchResponse): number {
  let bytes = responseOverheadBytes;
  for (const { kv, prevKv } of response.events) bytes += eventOverheadBytes + pairBytes(kv) + pairBytes(prevKv);
  return bytes;
}

function pairBytes(kv: KeyValue | null): number {
  return kv ? kv.key.length + kv.value.length : 0;
}
