import assert from "node:assert/strict";
import { test } from "node:test";
import { EventType, OpCode } from "../wire/messages.ts";
import { ConnectionStats, operationName, ServerStats } from "./server-stats.ts";
import { HandClock } from "./testing/fake-status.ts";
import { PerNamespace } from "./zk-metrics.ts";

test("what a connection counts counts for its server", () => {
  const server = new ServerStats(new HandClock());
  const connections = [new ConnectionStats(server), new ConnectionStats(server)];
  for (const connection of connections) {
    connection.packetReceived(48);
    connection.greetingSent();
    connection.packetReceived(20);
    connection.replySent(88);
    connection.eventSent(30);
    connection.answered(OpCode.getData, 7, 0x12, 100.9, 103.1, false);
  }
  assert.equal(server.packetsReceived, 4);
  assert.equal(server.packetsSent, 6);
  assert.equal(server.metrics.counters.bytes_received_count.value, 136);
  assert.equal(server.metrics.counters.response_bytes.value, 176);
  assert.equal(server.metrics.counters.watch_bytes.value, 60);
  assert.deepEqual([server.responseSizes.last, server.responseSizes.min, server.responseSizes.max], [30, 30, 88]);
  assert.deepEqual([server.latency.count, server.latency.max], [2, 3]);
  assert.equal(server.metrics.detailed.readlatency.count, 2);
  assert.equal(server.metrics.detailed.updatelatency.count, 0);
  const [{ packetsReceived, packetsSent, lastOperation, lastXid, lastZxid, lastLatencyMs } = assert.fail()] =
    connections;
  assert.deepEqual(
    { packetsReceived, packetsSent, lastOperation, lastXid, lastZxid, lastLatencyMs },
    { packetsReceived: 2, packetsSent: 3, lastOperation: "GETD", lastXid: 7, lastZxid: 0x12, lastLatencyMs: 3 },
  );
});

test("a ping leaves the last xid alone, and the minimum starts at 0 until the counters are reset", () => {
  const connection = new ConnectionStats(new ServerStats(new HandClock()));
  connection.answered(OpCode.setData, 4, 9, 0, 6, true);
  connection.answered(OpCode.ping, -2, 9, 10, 12, false);
  assert.equal(connection.lastXid, 4);
  assert.equal(connection.lastOperation, "PING");
  assert.equal(connection.minLatencyMs, 0);
  assert.equal(connection.averageLatencyMs, 4);
  connection.reset();
  assert.deepEqual([connection.lastXid, connection.lastZxid, connection.minLatencyMs], [-1, -1, 0]);
  connection.answered(OpCode.setData, 5, 10, 20, 26, true);
  assert.equal(connection.minLatencyMs, 6);
});

test("a time that runs backwards counts as none", () => {
  const server = new ServerStats(new HandClock());
  new ConnectionStats(server).answered(OpCode.exists, 1, 1, 50, 49, false);
  assert.deepEqual([server.latency.min, server.latency.max], [0, 0]);
});

test("every operation that is counted has ZooKeeper's name of it", () => {
  const uncounted = new Set(["notification", "auth", "sasl", "error"]);
  for (const [name, opCode] of Object.entries(OpCode)) {
    assert.equal(operationName(opCode) === "NA", uncounted.has(name), name);
  }
});

test("namespaces are the first components of paths, and the root is none", () => {
  const server = new ServerStats(new HandClock());
  server.znodeRead("/", 5);
  server.znodeRead("/app/config", 10);
  server.znodeRead("/app", 0);
  server.znodeWritten("/app/config", 10);
  server.quotaExceeded("/app/x");
  const reads = server.metrics.readPerNamespace.members;
  assert.deepEqual([...reads.keys()], ["app"]);
  // The length of the path, of the data, and of a stat.
  assert.equal(reads.get("app")?.sum, 11 + 10 + 68 + 4 + 68);
  assert.equal(server.metrics.writePerNamespace.members.get("app")?.sum, 21);
  assert.equal(server.metrics.quotaExceededPerNamespace.members.get("app")?.value, 1);
});

test("the watchers of events are counted by the type of the event", () => {
  const server = new ServerStats(new HandClock());
  server.watchersFired(EventType.created, 1);
  server.watchersFired(EventType.deleted, 2);
  server.watchersFired(EventType.deleted, 4);
  server.watchersFired(EventType.dataChanged, 5);
  server.watchersFired(EventType.childrenChanged, 7);
  const { basic } = server.metrics;
  const numbers = (["created", "deleted", "changed", "children"] as const).map((name) => {
    const { count, sum, min, max } = basic[`node_${name}_watch_count`];
    return [count, sum, min, max];
  });
  assert.deepEqual(numbers, [
    [1, 1, 1, 1],
    [2, 6, 2, 4],
    [1, 5, 5, 5],
    [1, 7, 7, 7],
  ]);
});

test("namespaces past the bound are not told apart", () => {
  const set = new PerNamespace(() => ({ count: 0 }));
  for (let i = 0; i < 5000; i++) set.of(`/n${i}/x`);
  assert.equal(set.members.size, 1000);
  assert.equal(set.of("/n4999"), null);
  assert.notEqual(set.of("/n7"), null);
});

test("a reset leaves what ZooKeeper leaves", () => {
  const clock = new HandClock();
  const server = new ServerStats(clock);
  const connection = new ConnectionStats(server);
  connection.packetReceived(40);
  connection.replySent(20);
  connection.answered(OpCode.exists, 1, 1, 0, 5, false);
  server.authFailed = 2;
  server.traceMask = 5n;
  clock.now += 1500;
  server.reset();
  assert.deepEqual([server.packetsReceived, server.packetsSent, server.latency.count], [0, 0, 0]);
  assert.deepEqual([server.responseSizes.last, server.metrics.counters.bytes_received_count.value], [-1, 0]);
  assert.equal(connection.packetsReceived, 1);
  assert.deepEqual([server.authFailed, server.traceMask, server.uptimeMs()], [2, 5n, 1500]);
});
