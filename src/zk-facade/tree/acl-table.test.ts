import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Acl } from "../wire/messages.ts";
import { AclTable, OPEN_ACL_ID } from "./acl-table.ts";
import { OPEN_ACL } from "./record.ts";

const acl = fc.array(
  fc.record({
    perms: fc.constantFrom(1, 31),
    scheme: fc.constantFrom("world", "digest", "1:"),
    id: fc.constantFrom("anyone", "", "1", "1:,"),
  }),
  { maxLength: 2 },
);

test("equal lists are one array, and different ones are not", () => {
  fc.assert(
    fc.property(fc.array(acl, { maxLength: 30 }), (lists) => {
      const table = new AclTable();
      const ids = lists.map((list) => table.retain(list));
      for (const [i, id] of ids.entries()) {
        assert.deepEqual(table.get(id).map(plain), lists[i]!.map(plain));
        for (const [j, other] of ids.entries()) assert.equal(id === other, same(lists[i]!, lists[j]!));
      }
    }),
  );
});

test("a list is forgotten with its last user, and its number used again", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(acl, fc.boolean()), { maxLength: 50 }), (steps) => {
      const table = new AclTable();
      const held: { readonly id: number; readonly list: readonly Acl[] }[] = [];
      for (const [list, isReleased] of steps) {
        if (!isReleased) held.push({ id: table.retain(list), list });
        else if (held.length > 0) table.release(held.shift()!.id);
        for (const one of held) assert.deepEqual(table.get(one.id).map(plain), one.list.map(plain));
      }
      for (const { id } of held) table.release(id);
      assert.equal(table.size, 1);
    }),
  );
});

test("the open list has one number for good", () => {
  const table = new AclTable();
  assert.equal(table.retain(null), OPEN_ACL_ID);
  assert.equal(table.retain([{ perms: 31, scheme: "world", id: "anyone" }]), OPEN_ACL_ID);
  for (let i = 0; i < 5; i++) table.release(OPEN_ACL_ID);
  assert.equal(table.get(OPEN_ACL_ID), OPEN_ACL);
});

function same(a: readonly Acl[], b: readonly Acl[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function plain({ perms, scheme, id }: Acl): Acl {
  return { perms, scheme, id };
}
