/**
 * What docs/compatibility.md calls absent or different and no other test looks at: that it is as the page says. When one
 * of these fails because something has been added, the page has a row to change.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get, request as httpRequest } from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { flagNames, flagRow, type FlagName } from "../src/etcd/config/flag-table.ts";
import { parseServeArguments } from "../src/etcd/config/serve-arguments.ts";
import { frameOf } from "../src/etcd/rpc/frame.ts";
import { grpcCode } from "../src/etcd/rpc/status.ts";
import * as pb from "../src/etcd/wire/etcdserverpb.ts";
import type { RunningServer } from "../src/main.ts";
import { auth, cluster, kv, TestClient } from "./edge/grpc-client.ts";
import { startInProcess } from "./support/in-process.ts";

/** etcd's metrics of one member, by their types; those of grpc-go's middleware too. */
const metricNames = {
  counter: `
    etcd_debugging_lease_granted_total etcd_debugging_lease_renewed_total etcd_debugging_lease_revoked_total
    etcd_debugging_mvcc_db_compaction_keys_total etcd_debugging_mvcc_events_total
    etcd_debugging_server_lease_expired_total etcd_mvcc_delete_total etcd_mvcc_put_total etcd_mvcc_range_total
    etcd_mvcc_txn_total etcd_network_client_grpc_received_bytes_total etcd_network_client_grpc_sent_bytes_total
    etcd_network_server_stream_failures_total etcd_server_client_requests_total etcd_server_health_failures
    etcd_server_health_success etcd_server_healthchecks_total etcd_server_heartbeat_send_failures_total
    etcd_server_leader_changes_seen_total etcd_server_learner_promote_failures etcd_server_learner_promote_successes
    etcd_server_proposals_failed_total etcd_server_read_indexes_failed_total etcd_server_slow_apply_total
    etcd_server_slow_read_indexes_total grpc_server_started_total grpc_server_handled_total
    grpc_server_msg_received_total grpc_server_msg_sent_total`,
  gauge: `
    etcd_cluster_version etcd_debugging_auth_revision etcd_debugging_mvcc_compact_revision
    etcd_debugging_mvcc_current_revision etcd_debugging_mvcc_db_compaction_last etcd_debugging_mvcc_keys_total
    etcd_debugging_mvcc_pending_events_total etcd_debugging_mvcc_slow_watcher_total
    etcd_debugging_mvcc_total_put_size_in_bytes etcd_debugging_mvcc_watch_stream_total
    etcd_debugging_mvcc_watcher_total etcd_debugging_server_alarms etcd_disk_defrag_inflight
    etcd_disk_wal_write_bytes_total etcd_mvcc_db_open_read_transactions etcd_mvcc_db_total_size_in_bytes
    etcd_mvcc_db_total_size_in_use_in_bytes etcd_server_feature_enabled etcd_server_go_version
    etcd_server_has_leader etcd_server_healthcheck etcd_server_id etcd_server_is_leader etcd_server_is_learner
    etcd_server_proposals_applied_total etcd_server_proposals_committed_total etcd_server_proposals_pending
    etcd_server_quota_backend_bytes etcd_server_snapshot_apply_in_progress_total etcd_server_version os_fd_limit
    os_fd_used`,
  histogram: `
    etcd_debugging_lease_ttl_total etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds
    etcd_debugging_mvcc_db_compaction_total_duration_milliseconds
    etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds etcd_disk_backend_commit_duration_seconds
    etcd_disk_backend_defrag_duration_seconds etcd_disk_backend_snapshot_duration_seconds
    etcd_disk_wal_fsync_duration_seconds etcd_disk_wal_write_duration_seconds etcd_mvcc_hash_duration_seconds
    etcd_mvcc_hash_rev_duration_seconds etcd_server_apply_duration_seconds etcd_server_range_duration_seconds
    etcd_snap_fsync_duration_seconds`,
} as const;

describe("flags", () => {
  /** Those that are refused for another reason first, unless they come with what belongs to them. */
  const companions: Partial<Record<FlagName, string[]>> = {
    "discovery-token": ["--discovery-endpoints=http://a:1"],
    "discovery-endpoints": ["--discovery-token=x"],
  };
  const later = flagNames.filter((name) => flagRow(name).later);

  test("there are flags of what is not there yet", () => assert.ok(later.length > 30));

  for (const name of later) {
    test(`--${name} is refused`, () => {
      const value = flagRow(name).kind === "boolean" ? "true" : "http://a:1";
      const parsed = parseServeArguments([`--${name}=${value}`, ...(companions[name] ?? [])], {}, () => "");
      assert.equal(parsed.kind, "refused");
      assert.match(String(parsed.fields["error"]), /^--[\w-]+ is not supported yet$/);
    });
  }

  const withoutEffect = [
    ...["--max-snapshots=3", "--initial-election-tick-advance=false", "--strict-reconfig-check=false"],
    ...["--max-learners=2", "--corrupt-check-time=1h", "--downgrade-check-time=1s", "--raft-read-timeout=9s"],
    ...["--raft-write-timeout=9s", "--compact-hash-check-time=2m", "--backend-bbolt-freelist-type=array"],
    ...["--v2-deprecation=not-yet", "--socket-reuse-address", "--bcrypt-cost=5", "--auth-token-ttl=10"],
    ...["--tls-max-version=TLS1.3", "--self-signed-cert-validity=2"],
    ...["--discovery-dial-timeout=1s", "--discovery-insecure-skip-tls-verify", "--distributed-tracing-address=a:1"],
  ];
  const gates = ["InitialCorruptCheck", "CompactHashCheck", "SetMemberLocalAddr"];
  for (const flag of [...withoutEffect, ...gates.map((gate) => `--feature-gates=${gate}=true`)]) {
    test(`${flag} is taken`, () => assert.equal(parseServeArguments([flag], {}, () => "").kind, "serve"));
  }
});

describe("a server", { concurrency: 1, timeout: 120_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "compatibility-"));
  let server: RunningServer;
  let address: string;
  let client: TestClient;

  before(async () => {
    server = await startInProcess(join(directory, "data"), ["--max-concurrent-streams", "5000"]);
    address = server.clientAddresses[0]!;
    client = new TestClient(address);
  });

  after(async () => {
    client.close();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  test("what would change the cluster, or make a user or a role, is not implemented", async () => {
    const failures = await Promise.all([
      client.failure(cluster.MemberAdd, pb.newMemberAddRequest()),
      client.failure(cluster.MemberRemove, pb.newMemberRemoveRequest()),
      client.failure(cluster.MemberUpdate, pb.newMemberUpdateRequest()),
      client.failure(cluster.MemberPromote, pb.newMemberPromoteRequest()),
      client.failure(auth.UserAdd, pb.newAuthUserAddRequest({ name: "a" })),
      client.failure(auth.RoleAdd, pb.newAuthRoleAddRequest({ name: "a" })),
    ]);
    for (const { code, details } of failures) {
      assert.equal(code, grpcCode.unimplemented);
      assert.match(details, /^\w+ is not implemented: /);
    }
  });

  test("what asks for a user or a role does not find it", async () => {
    const noUser = { code: grpcCode.failedPrecondition, details: "etcdserver: user name not found" };
    const noRole = { code: grpcCode.failedPrecondition, details: "etcdserver: role name not found" };
    const perm = { permType: 0, key: Buffer.from("k"), rangeEnd: new Uint8Array() };
    assert.deepEqual(
      await Promise.all([
        client.failure(auth.UserGet, pb.newAuthUserGetRequest({ name: "a" })),
        client.failure(auth.UserDelete, pb.newAuthUserDeleteRequest({ name: "a" })),
        client.failure(auth.UserChangePassword, pb.newAuthUserChangePasswordRequest({ name: "a" })),
        client.failure(auth.UserGrantRole, pb.newAuthUserGrantRoleRequest({ user: "a" })),
        client.failure(auth.UserRevokeRole, pb.newAuthUserRevokeRoleRequest({ name: "a" })),
      ]),
      Array<unknown>(5).fill(noUser),
    );
    assert.deepEqual(
      await Promise.all([
        client.failure(auth.RoleGet, pb.newAuthRoleGetRequest({ role: "a" })),
        client.failure(auth.RoleDelete, pb.newAuthRoleDeleteRequest({ role: "a" })),
        client.failure(auth.RoleGrantPermission, pb.newAuthRoleGrantPermissionRequest({ name: "a", perm })),
        client.failure(auth.RoleRevokePermission, pb.newAuthRoleRevokePermissionRequest({ role: "a" })),
      ]),
      Array<unknown>(4).fill(noRole),
    );
  });

  test("Health.List is not there", async () => {
    const { code } = await client.failure({ ...kv.Range, path: "/grpc.health.v1.Health/List" }, pb.newRangeRequest());
    assert.equal(code, grpcCode.unimplemented);
  });

  test("a token is not looked at while auth is off", async () => {
    const request = pb.newRangeRequest({ key: Buffer.from("k") });
    const { count } = await client.unary(kv.Range, request, { metadata: { token: "nonsense", authorization: "x" } });
    assert.equal(count, 0);
  });

  test("a request in gzip is answered uncompressed", async () => {
    const session = http2.connect(`http://${address}`);
    const headers = { ":method": "POST", ":path": kv.Put.path, "content-type": "application/grpc", te: "trailers" };
    const stream = session.request({ ...headers, "grpc-encoding": "gzip" });
    let answer: http2.IncomingHttpHeaders = {};
    stream.once("response", (received) => (answer = received));
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    const frame = frameOf(gzipSync(pb.encodePutRequest(pb.newPutRequest({ key: Buffer.from("zipped") }))));
    // The first byte of a frame says that the message is compressed.
    frame[0] = 1;
    stream.end(frame);
    await once(stream, "close");
    session.close();
    assert.equal(answer["grpc-encoding"], undefined);
    const whole = Buffer.concat(chunks);
    assert.equal(whole[0], 0);
    assert.ok(pb.decodePutResponse(whole.subarray(5)).header!.revision > 1);
  });

  test("--max-concurrent-streams is told to clients", async () => {
    const session = http2.connect(`http://${address}`);
    const [settings] = (await once(session, "remoteSettings")) as [http2.Settings];
    session.close();
    assert.equal(settings.maxConcurrentStreams, 5000);
  });

  test("a burst of resets ends its connection, and the server goes on", async () => {
    const session = http2.connect(`http://${address}`);
    session.on("error", () => undefined);
    await once(session, "remoteSettings");
    const headers = { ":method": "POST", ":path": "/etcdserverpb.Watch/Watch", "content-type": "application/grpc" };
    const isOpen = (): boolean => !session.closed && !session.destroyed;
    const closed = new Promise<void>((resolve) => session.once("close", () => resolve()));
    for (let round = 0; round < 40 && isOpen(); round++) {
      for (let n = 0; n < 100 && isOpen(); n++) {
        const stream = session.request(headers);
        stream.on("error", () => undefined);
        stream.close(http2.constants.NGHTTP2_CANCEL);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await closed;
    assert.ok((await client.unary(kv.Range, pb.newRangeRequest({ key: Buffer.from("k") }))).header);
  });

  test("Go's debug pages are not there", async () => {
    for (const path of ["/debug/pprof/", "/debug/pprof/heap", "/debug/requests", "/debug/events"]) {
      assert.equal((await fetch(`http://${address}${path}`)).status, 404, path);
    }
  });

  test("an upgrade to WebSocket is not taken", async () => {
    const [host, port] = address.split(":");
    const headers = {
      ...{ connection: "Upgrade", upgrade: "websocket" },
      ...{ "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" },
    };
    const request = httpRequest({ host, port, path: "/v3/watch", headers });
    const outcome = new Promise<string>((resolve, reject) => {
      request.once("upgrade", () => resolve("upgraded"));
      request.once("response", (response) => {
        response.resume();
        resolve(String(response.statusCode));
      });
      request.once("error", reject);
    });
    request.end();
    assert.equal(await outcome, "501");
  });

  test("names of response headers are in lower case", async () => {
    const names = await new Promise<string[]>((resolve, reject) => {
      get(`http://${address}/version`, (response) => {
        response.resume();
        resolve(response.rawHeaders.filter((_, index) => index % 2 === 0));
      }).once("error", reject);
    });
    assert.ok(names.includes("content-type"), names.join());
  });

  test("the peer port is open, and nobody answers there", async () => {
    const [host, port] = server.peerAddresses[0]!.split(":");
    const socket = net.connect(Number(port), host);
    socket.on("error", () => undefined);
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.write("GET /members HTTP/1.1\r\nhost: a\r\n\r\n");
    await once(socket, "close");
    assert.equal(answer, "");
  });

  test("every metric of a single etcd is on the page, with its type", async () => {
    const page = await (await fetch(`http://${address}/metrics`)).text();
    for (const [type, names] of Object.entries(metricNames)) {
      for (const name of names.trim().split(/\s+/))
        assert.ok(page.includes(`# TYPE ${name} ${type}\n`), `${name} ${type}`);
    }
  });

  test("metrics: what is absent, and what is there without ever moving", async () => {
    await client.unary(kv.Put, pb.newPutRequest({ key: Buffer.from("counted") }));
    const page = await (await fetch(`http://${address}/metrics`)).text();
    const absent = [
      ...["etcd_network_peer_", "etcd_network_snapshot_", "etcd_network_active_peers", "etcd_network_known_peers"],
      ...["etcd_network_disconnected_peers", "etcd_snap_db_", "etcd_debugging_store_", "etcd_debugging_snap_save_"],
      ...["etcd_debugging_disk_backend_commit_", "go_", "promhttp_"],
    ];
    const names = page.split("\n").map((line) => line.replace(/^# (HELP|TYPE) /, ""));
    for (const prefix of absent) {
      assert.deepEqual(
        names.filter((name) => name.startsWith(prefix)),
        [],
      );
    }
    const unmoved = [
      "etcd_server_heartbeat_send_failures_total",
      ...["etcd_server_snapshot_apply_in_progress_total", "etcd_server_learner_promote_successes"],
      "etcd_mvcc_db_open_read_transactions",
      "etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds_count",
    ];
    for (const name of unmoved) assert.ok(names.includes(`${name} 0`), name);
    assert.ok(!names.includes("etcd_disk_wal_fsync_duration_seconds_count 0"));
  });
});
