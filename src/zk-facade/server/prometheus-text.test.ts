import assert from "node:assert/strict";
import { test } from "node:test";
import { PrometheusDoor } from "./prometheus-door.ts";
import { processMetrics } from "./process-metrics.ts";
import { prometheusText, providerPage } from "./prometheus-text.ts";
import { FakeStatus } from "./testing/fake-status.ts";
import { basicSummaryNames, counterNames, detailedSummaryNames } from "./zk-metrics.ts";

function page(...statuses: FakeStatus[]): string {
  return prometheusText(new Map(statuses.map((status, index) => [`/root${index}`, status])));
}

test("gauges, counters and summaries have ZooKeeper's bare names", () => {
  const status = new FakeStatus();
  status.stats.metrics.counters.connection_rejected.inc(3);
  status.stats.metrics.basic.node_changed_watch_count.add(2);
  for (const latencyMs of [1, 2, 3, 4, 100]) status.stats.answered(latencyMs, false);
  const text = page(status);
  for (const lines of [
    "# HELP znode_count znode_count\n# TYPE znode_count gauge\nznode_count 5\n",
    "# HELP avg_latency avg_latency\n# TYPE avg_latency gauge\navg_latency 22\n",
    "# TYPE connection_rejected counter\nconnection_rejected 3\n",
    '# TYPE node_changed_watch_count summary\nnode_changed_watch_count{quantile="0.5"} 2\n' +
      "node_changed_watch_count_count 1\nnode_changed_watch_count_sum 2\n",
    '# TYPE readlatency summary\nreadlatency{quantile="0.5"} 3\nreadlatency{quantile="0.9"} 100\n' +
      'readlatency{quantile="0.99"} 100\nreadlatency_count 5\nreadlatency_sum 110\n',
    '# TYPE updatelatency summary\nupdatelatency{quantile="0.5"} NaN\n',
    "# TYPE read_per_namespace summary\n# HELP write_per_namespace",
  ]) {
    assert.ok(text.includes(lines), lines);
  }
  const types = [...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1]!);
  assert.equal(new Set(types).size, types.length);
  for (const name of [...counterNames, ...basicSummaryNames, ...detailedSummaryNames]) {
    assert.ok(types.includes(name), name);
  }
  for (const name of ["version", "server_state"]) assert.ok(!types.includes(name), name);
});

test("namespaces are labels, and what they are called is escaped", () => {
  const status = new FakeStatus();
  status.stats.znodeRead('/a"b\\c\nd/x', 1);
  status.stats.quotaExceeded("/app/x");
  status.quotaList = [{ path: "/app", countLimit: 7, bytesLimit: -1, usedCount: 3, usedBytes: 10 }];
  const text = page(status);
  assert.ok(text.includes('read_per_namespace_count{key="a\\"b\\\\c\\nd"} 1\n'));
  assert.ok(text.includes('quota_exceeded_error_per_namespace{key="app"} 1\n'));
  assert.ok(text.includes('quota_count_limit_per_namespace{key="app"} 7\n'));
  assert.ok(text.includes('quota_bytes_limit_per_namespace{key="app"} -1\n'));
});

test("several roots are told apart, and the lines of a metric stay together", () => {
  const text = page(new FakeStatus(), new FakeStatus());
  assert.ok(
    text.includes('# TYPE znode_count gauge\nznode_count{root="/root0"} 5\nznode_count{root="/root1"} 5\n# HELP'),
  );
  assert.ok(text.includes('readlatency{root="/root1",quantile="0.5"} NaN\n'));
});

test("the provider's page has the process besides, and only the samples that are asked for", () => {
  const statuses = new Map([["/zk", new FakeStatus()]]);
  const all = providerPage(statuses, processMetrics(), null);
  assert.match(all, /^# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total \d/m);
  assert.match(all, /^process_start_time_seconds 1\d{9}\.?\d*$/m);
  assert.match(all, /^process_resident_memory_bytes \d{7,}$/m);
  assert.ok(all.includes("# TYPE ack_latency summary\n# HELP"));
  const some = providerPage(statuses, processMetrics(), new Set(["znode_count", "readlatency_sum", "ack_latency"]));
  assert.equal(
    some,
    "# HELP znode_count znode_count\n# TYPE znode_count gauge\nznode_count 5\n" +
      "# HELP readlatency readlatency\n# TYPE readlatency summary\nreadlatency_sum 0\n",
  );
});

test("every line is one that Prometheus reads", () => {
  const status = new FakeStatus();
  status.stats.znodeWritten("/a/b", 3);
  const sample = /^[a-zA-Z_][\w]*(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (NaN|-?\d+(\.\d+)?(e[+-]?\d+)?)$/;
  for (const line of page(status).slice(0, -1).split("\n")) {
    if (!line.startsWith("# ")) assert.match(line, sample);
  }
});

test("the provider's port serves the page and nothing else", async () => {
  let asked = 0;
  const door = await PrometheusDoor.open({ host: "127.0.0.1", port: 0 }, () => `a ${++asked}\n`);
  try {
    const base = `http://${door.addresses[0]!}`;
    for (const count of [1, 2]) {
      const response = await fetch(`${base}/metrics`);
      assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
      assert.equal(await response.text(), `a ${count}\n`);
    }
    assert.equal((await fetch(`${base}/`)).status, 404);
  } finally {
    await door.close();
    await door.close();
  }
});
