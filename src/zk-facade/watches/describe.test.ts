import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionText, watchesByConnection, watchesByPath, watchSummary } from "./describe.ts";
import { WatchTable } from "./watch-table.ts";

interface Client {
  readonly sessionId: bigint;
}

const first: Client = { sessionId: 0x1000001a2b30000n };
const second: Client = { sessionId: -1n };

function table(): WatchTable<Client> {
  const table = new WatchTable<Client>();
  table.add("/a", "data", first);
  table.add("/a/b", "recursive", first);
  table.add("/a", "persistent", second);
  table.add("/only/children", "child", second);
  return table;
}

test("wchs counts connections, paths and watches", () => {
  assert.equal(watchSummary(table().counts), "2 connections watching 2 paths\nTotal watches:3\n");
  assert.equal(watchSummary(new WatchTable().counts), "0 connections watching 0 paths\nTotal watches:0\n");
});

test("wchc lists the paths of each session, and ends with an empty line", () => {
  assert.equal(
    watchesByConnection(table().byConnection(), ({ sessionId }) => sessionId),
    "0x1000001a2b30000\n\t/a\n\t/a/b\n0xffffffffffffffff\n\t/a\n\n",
  );
});

test("wchp lists the sessions of each path, and ends with an empty line", () => {
  assert.equal(
    watchesByPath(table().byPath(), ({ sessionId }) => sessionId),
    "/a\n\t0x1000001a2b30000\n\t0xffffffffffffffff\n/a/b\n\t0x1000001a2b30000\n\n",
  );
});

test("without watches an empty line remains", () => {
  const none = new WatchTable<Client>();
  const idOf = ({ sessionId }: Client): bigint => sessionId;
  assert.equal(watchesByConnection(none.byConnection(), idOf), "\n");
  assert.equal(watchesByPath(none.byPath(), idOf), "\n");
});

test("ids are printed as unsigned hex without padding", () => {
  assert.deepEqual([0n, 0xabn, -(2n ** 63n)].map(sessionText), ["0x0", "0xab", "0x8000000000000000"]);
});
