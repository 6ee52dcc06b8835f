/** The plain pages: health, version, metrics, debug. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type EdgeServer, startEdgeServer } from "../../../test/edge/edge-server.ts";
import { bytes } from "../../../test/edge/fake-port.ts";
import { kv } from "../../../test/edge/grpc-client.ts";
import { EtcdError } from "../errors.ts";
import { AlarmType, newAlarmMember, newPutRequest } from "../wire/etcdserverpb.ts";

const servers: EdgeServer[] = [];
after(async () => {
  for (const server of servers) await server.stop();
});

async function start(overrides: Parameters<typeof startEdgeServer>[0] = {}): Promise<EdgeServer> {
  const server = await startEdgeServer(overrides);
  servers.push(server);
  return server;
}

async function get(url: string, method = "GET"): Promise<[number, string]> {
  const response = await fetch(url, { method });
  return [response.status, await response.text()];
}

test("/health: alarms first, then the leader, then a read", async () => {
  const { url, port, member, metrics } = await start();
  assert.deepEqual(await get(`${url}/health`), [200, '{"health":"true","reason":""}']);
  const bad = (reason: string): [number, string] => [503, `{"health":"false","reason":"${reason}"}\n`];

  const failing = port.range.bind(port);
  port.range = () => Promise.reject(new EtcdError("timeout"));
  assert.deepEqual(await get(`${url}/health`), bad("RANGE ERROR:etcdserver: request timed out"));
  member.leader = false;
  assert.deepEqual(await get(`${url}/health`), bad("RAFT NO LEADER"));
  assert.deepEqual(await get(`${url}/health?serializable=true`), bad("RANGE ERROR:etcdserver: request timed out"));
  member.alarmList = [newAlarmMember({ memberId: 9n, alarm: AlarmType.NOSPACE })];
  assert.deepEqual(await get(`${url}/health`), bad("ALARM NOSPACE"));

  port.range = failing;
  member.leader = true;
  assert.deepEqual(await get(`${url}/health?exclude=CORRUPT`), bad("ALARM NOSPACE"));
  assert.equal((await get(`${url}/health?exclude=CORRUPT&exclude=NOSPACE`))[0], 200);
  assert.deepEqual([metrics.healthSuccess.value, metrics.healthFailures.value], [2, 5]);
});

test("/livez and /readyz, whole and check by check", async () => {
  const { url, port, member, metrics } = await start();
  assert.deepEqual(await get(`${url}/livez`), [200, "ok\n"]);
  assert.deepEqual(await get(`${url}/livez?verbose`), [200, "[+]serializable_read ok\nok\n"]);
  assert.deepEqual(await get(`${url}/readyz?verbose&exclude=linearizable_read&exclude=nope`), [
    200,
    "[+]data_corruption ok\n[+]serializable_read ok\n[+]non_learner ok\nok\n",
  ]);

  member.alarmList = [newAlarmMember({ alarm: AlarmType.NOSPACE })];
  assert.equal((await get(`${url}/readyz`))[0], 200);
  member.alarmList = [newAlarmMember({ alarm: AlarmType.CORRUPT })];
  member.learner = true;
  const range = port.range.bind(port);
  port.range = (request) => (request.serializable ? range(request) : Promise.reject(new EtcdError("noLeader")));
  assert.deepEqual(await get(`${url}/readyz`), [
    503,
    "[-]data_corruption failed: alarm activated: CORRUPT\n[+]serializable_read ok\n" +
      "[-]linearizable_read failed: etcdserver: no leader\n[-]non_learner failed: not supported for learner\n\n",
  ]);
  assert.deepEqual(await get(`${url}/readyz/serializable_read`), [200, "ok\n"]);
  assert.equal((await get(`${url}/readyz/linearizable_read`))[0], 503);
  assert.equal((await get(`${url}/readyz/nope`))[0], 404);
  assert.equal((await get(`${url}/livez`))[0], 200);
  assert.equal(metrics.healthCheck.with("readyz", "non_learner").value, 0);
  assert.equal(metrics.healthChecks.with("readyz", "linearizable_read", "error").value, 2);
});

test("/version, before and after the members agreed", async () => {
  const { url, member } = await start();
  assert.deepEqual(await get(`${url}/version`), [
    200,
    '{"etcdserver":"3.6.14","etcdcluster":"3.6.0","storage":"3.6.0"}',
  ]);
  member.clusterVersion = null;
  assert.match((await get(`${url}/version`))[1], /"etcdcluster":"not_decided"/);
});

test("the plain pages are for GET only", async () => {
  const { url } = await start();
  for (const path of ["/health", "/livez", "/readyz/non_learner", "/version", "/debug/vars"]) {
    for (const method of ["POST", "DELETE"]) {
      const response = await fetch(url + path, { method });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET"], path);
      assert.equal(await response.text(), "Method Not Allowed\n");
    }
  }
});

test("/debug/vars is JSON with Raft's state in it", async () => {
  const { url } = await start();
  const [status, text] = await get(`${url}/debug/vars`);
  const vars = JSON.parse(text) as Record<string, unknown>;
  assert.equal(status, 200);
  assert.deepEqual(vars["raft.status"], {
    id: "abc",
    term: 2,
    vote: "abc",
    commit: 10,
    lead: "abc",
    raftState: "StateLeader",
    applied: 9,
    progress: { abc: { match: 10, next: 11, state: "StateReplicate" } },
    leadtransferee: "0",
  });
  assert.ok((vars["file_descriptor_limit"] as number) > 0);
});

test("/metrics speaks of calls, state and what was observed, under etcd's names", async () => {
  const { url, client, metrics, member } = await start({ extensiveMetrics: true });
  await client.unary(kv.Put, newPutRequest({ key: bytes("foo") }));
  await client.failure(kv.Put, newPutRequest());
  metrics.walFsyncSeconds.observe(0.003);
  metrics.walFsyncSeconds.observe(100);
  metrics.applySeconds.with("v3", "Put", "true").observe(0.0001);
  member.alarmList = [newAlarmMember({ memberId: 0xabcn, alarm: AlarmType.NOSPACE })];

  const response = await fetch(`${url}/metrics`);
  assert.match(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const lines = new Set((await response.text()).split("\n"));
  const expected = [
    "# TYPE etcd_disk_wal_fsync_duration_seconds histogram",
    'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} 0',
    'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.004"} 1',
    'etcd_disk_wal_fsync_duration_seconds_bucket{le="8.192"} 1',
    'etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 2',
    "etcd_disk_wal_fsync_duration_seconds_count 2",
    "etcd_disk_wal_fsync_duration_seconds_sum 100.003",
    'etcd_server_apply_duration_seconds_bucket{version="v3",op="Put",success="true",le="0.0001"} 1',
    'etcd_debugging_lease_ttl_total_bucket{le="1.048576e+06"} 0',
    "etcd_server_has_leader 1",
    "etcd_debugging_mvcc_keys_total 1",
    "etcd_debugging_mvcc_current_revision 2",
    "etcd_mvcc_db_total_size_in_bytes 4096",
    "etcd_server_proposals_committed_total 10",
    'etcd_server_id{server_id="abc"} 1',
    'etcd_server_version{server_version="3.6.14"} 1',
    'etcd_cluster_version{cluster_version="3.6"} 1',
    'etcd_debugging_server_alarms{server_id="abc",alarm_type="NOSPACE"} 1',
    'etcd_server_feature_enabled{name="LeaseCheckpoint",stage="ALPHA"} 0',
    'etcd_server_client_requests_total{type="unary",client_api_version="unknown"} 2',
    'grpc_server_started_total{grpc_type="unary",grpc_service="etcdserverpb.KV",grpc_method="Put"} 2',
    'grpc_server_handled_total{grpc_type="unary",grpc_service="etcdserverpb.KV",grpc_method="Put",grpc_code="OK"} 1',
    'grpc_server_handled_total{grpc_type="unary",grpc_service="etcdserverpb.KV",grpc_method="Put",grpc_code="InvalidArgument"} 1',
    'grpc_server_handled_total{grpc_type="bidi_stream",grpc_service="etcdserverpb.Watch",grpc_method="Watch",grpc_code="Unavailable"} 0',
    'grpc_server_handling_seconds_count{grpc_type="unary",grpc_service="etcdserverpb.KV",grpc_method="Put"} 2',
  ];
  for (const line of expected) assert.ok(lines.has(line), line);
  assert.ok([...lines].some((line) => /^process_resident_memory_bytes \d+/.test(line)));
});

test("the metrics listener has metrics and health, and nothing else", async () => {
  const { metricsUrl } = await start();
  for (const path of ["/metrics", "/health", "/livez", "/readyz"]) {
    assert.equal((await get(metricsUrl + path))[0], 200, path);
  }
  for (const path of ["/version", "/debug/vars", "/v3/kv/range"]) assert.equal((await get(metricsUrl + path))[0], 404);
});
