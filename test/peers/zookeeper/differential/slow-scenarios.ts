import type { Member } from "../../../support/zk-records.ts";
import type { OpenOptions, ReattachOptions, Request, Scenario, Step } from "./scenario.ts";

/**
 * What takes real time: sessions that expire, containers and znodes with a TTL that the server removes. For servers with
 * a tick of 200 ms (timeouts of 400 to 4000 ms) that look after containers every 200 ms. Each scenario has one thing that
 * happens by itself, so that there is one order in which it can happen.
 */
export const slowScenarios: ReadonlyMap<string, Scenario> = new Map(
  Object.entries({
    "a silent session expires, though it is connected": [
      ...watcherAndOwner(400),
      create(1, "/@/e", 1),
      create(1, "/@/p/f", 1),
      sleep(1500),
      ...look(0),
      reattach(1),
    ],
    "a session whose connection is gone expires": [
      ...watcherAndOwner(400),
      create(1, "/@/e", 1),
      drop(1),
      sleep(1500),
      ...look(0),
      reattach(1),
    ],
    "a session that is taken up again in time keeps its ephemerals": [
      ...watcherAndOwner(3000),
      create(1, "/@/e", 1),
      drop(1),
      sleep(1200),
      reattach(1),
      sleep(1200),
      ping(0),
      ping(1),
      sleep(1200),
      ...look(0),
      send(1, { op: "setData", fields: { path: "/@/e", data: "still" } }),
    ],
    "a ping keeps a session": [
      ...watcherAndOwner(2000),
      create(1, "/@/e", 1),
      ...Array.from({ length: 4 }, () => [sleep(900), ping(0), ping(1)]).flat(),
      ...look(0),
    ],
    "the timeout of the last connection counts": [
      ...watcherAndOwner(4000),
      create(1, "/@/e", 1),
      reattach(1, 400),
      sleep(1500),
      ...look(0),
    ],
    "a container goes with its last child": [
      ...watcherAndOwner(4000),
      send(1, { op: "createContainer", fields: { path: "/@/box", flags: 4 } }),
      create(1, "/@/box/child", 0),
      send(1, { op: "delete", fields: { path: "/@/box/child" } }),
      sleep(1500),
      ...look(0),
    ],
    "a container of a multi goes too": [
      ...watcherAndOwner(4000),
      multi(
        { op: "createContainer", path: "/@/box", flags: 4 },
        { op: "create", path: "/@/box/child" },
        { op: "delete", path: "/@/box/child" },
      ),
      sleep(1500),
      ...look(0),
    ],
    "a container that was never used stays, and one in use": [
      ...watcherAndOwner(4000),
      send(1, { op: "createContainer", fields: { path: "/@/new", flags: 4 } }),
      send(1, { op: "createContainer", fields: { path: "/@/used", flags: 4 } }),
      create(1, "/@/used/child", 0),
      sleep(1500),
      ...look(0),
    ],
    "a znode goes when its TTL is over": [
      ...watcherAndOwner(4000),
      send(1, { op: "createTtl", fields: { path: "/@/brief", flags: 5, ttl: 300 } }),
      sleep(1500),
      ...look(0),
    ],
    "a sequential znode goes when its TTL is over": [
      ...watcherAndOwner(4000),
      send(1, { op: "createTtl", fields: { path: "/@/brief-", flags: 6, ttl: 300 } }),
      sleep(1500),
      ...look(0),
    ],
    "a child keeps a znode whose TTL is over": [
      ...watcherAndOwner(4000),
      send(1, { op: "createTtl", fields: { path: "/@/brief", flags: 5, ttl: 1000 } }),
      create(1, "/@/brief/child", 0),
      sleep(2500),
      ...look(0),
      send(1, { op: "delete", fields: { path: "/@/brief/child" } }),
      sleep(1000),
      ...look(0),
    ],
    "a TTL counts from the last setData": [
      ...watcherAndOwner(4000),
      send(1, { op: "createTtl", fields: { path: "/@/brief", flags: 5, ttl: 2000 } }),
      sleep(1200),
      send(1, { op: "setData", fields: { path: "/@/brief", data: "longer" } }),
      sleep(1400),
      ...look(0),
      sleep(1800),
      ...look(0),
    ],
  } satisfies Record<string, readonly Step[]>).map(([name, steps], index) => [
    name,
    { seed: index, isLocal: true, steps },
  ]),
);

/** Slot 0 watches all, slot 1 does what is to be seen. */
function watcherAndOwner(timeoutMs: number): Step[] {
  return [
    open(0, 4000),
    open(1, timeoutMs),
    create(0, "/@", 0),
    create(0, "/@/p", 0),
    send(0, { op: "addWatch", fields: { path: "/@", mode: 1 } }),
    send(0, { op: "getChildren", fields: { path: "/@", watch: true } }),
    send(0, { op: "getChildren", fields: { path: "/@/p", watch: true } }),
  ];
}

function open(slot: number, timeoutMs: number): Step {
  const options: OpenOptions = { timeoutMs, readOnly: false, password: null, requests: [] };
  return { kind: "open", slot, options };
}

function reattach(slot: number, timeoutMs = 3000): Step {
  const options: ReattachOptions = {
    timeoutMs,
    readOnly: false,
    password: "right",
    lastZxidSeen: "seen",
    requests: [],
  };
  return { kind: "reattach", slot, options };
}

function send(slot: number, ...requests: Request[]): Step {
  return { kind: "send", slot, requests };
}

function create(slot: number, path: string, flags: number): Step {
  return send(slot, { op: "create", fields: { path, flags } });
}

function multi(...members: Member[]): Step {
  return send(1, { op: "multi", fields: { members } });
}

function drop(slot: number): Step {
  return { kind: "drop", slot };
}

function ping(slot: number): Step {
  return send(slot, { op: "ping", fields: {} });
}

function sleep(ms: number): Step {
  return { kind: "silence", ms };
}

function look(slot: number): Step[] {
  return [
    send(slot, { op: "getChildren2", fields: { path: "/@" } }),
    send(slot, { op: "getChildren2", fields: { path: "/@/p" } }),
    send(slot, { op: "getAllChildrenNumber", fields: { path: "/@" } }),
  ];
}
