import type { Acl } from "../wire/messages.ts";
import { isOpen, OPEN_ACL } from "./record.ts";

/** The number of the open list in every table. */
export const OPEN_ACL_ID = 0;

/**
 * Access lists by small numbers, equal ones once: a million znodes share a handful of them. A list is counted by who uses
 * it and forgotten with its last user, so that lists come and go without a trace. The open list stays.
 */
export class AclTable {
  readonly #lists: (readonly Acl[])[] = [OPEN_ACL];
  readonly #uses: number[] = [1];
  readonly #ids = new Map<string, number>();
  readonly #free: number[] = [];
  /** The list that was asked for last: znodes that are made together often have the same one. */
  #lastId = OPEN_ACL_ID;

  /** How many lists are in use, the open one included. */
  get size(): number {
    return this.#lists.length - this.#free.length;
  }

  get(id: number): readonly Acl[] {
    return this.#lists[id]!;
  }

  /** Counts one more user of the list, null being the open one, and answers its number. */
  retain(acl: readonly Acl[] | null): number {
    if (acl === null || isOpen(acl)) return OPEN_ACL_ID;
    const id = equal(acl, this.#lists[this.#lastId]!) ? this.#lastId : this.#idOf(acl);
    this.#lastId = id;
    this.#uses[id]!++;
    return id;
  }

  release(id: number): void {
    if (id === OPEN_ACL_ID || --this.#uses[id]! > 0) return;
    this.#ids.delete(keyOf(this.#lists[id]!));
    this.#lists[id] = OPEN_ACL;
    this.#free.push(id);
    if (this.#lastId === id) this.#lastId = OPEN_ACL_ID;
  }

  #idOf(acl: readonly Acl[]): number {
    const key = keyOf(acl);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#free.pop() ?? this.#lists.length;
    this.#lists[id] = acl;
    this.#uses[id] = 0;
    this.#ids.set(key, id);
    return id;
  }
}

function equal(a: readonly Acl[], b: readonly Acl[]): boolean {
  return a.length === b.length && a.every((entry, i) => equalEntries(entry, b[i]!));
}

function equalEntries(a: Acl, b: Acl): boolean {
  return a.perms === b.perms && a.scheme === b.scheme && a.id === b.id;
}

/** Lengths keep the texts apart, whatever is in them. */
function keyOf(acl: readonly Acl[]): string {
  return acl
    .map((entry) => `${entry.perms}:${entry.scheme.length}:${entry.scheme}:${entry.id.length}:${entry.id}`)
    .join();
}
