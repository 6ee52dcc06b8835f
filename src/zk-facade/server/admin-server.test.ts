import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { silentLogger } from "../../etcd/base/logger.ts";
import { OpCode } from "../wire/messages.ts";
import { AdminServer } from "./admin-server.ts";
import { FakeStatus } from "./testing/fake-status.ts";

const SESSION = 72058411832639488n;

describe("AdminServer", { timeout: 30_000 }, () => {
  const status = new FakeStatus();
  const other = new FakeStatus();
  let server: AdminServer;
  let base: string;

  before(async () => {
    const client = status.connect({ remotePort: 45784, sessionId: SESSION });
    client.stats.packetReceived(49);
    client.stats.greetingSent();
    client.stats.answered(OpCode.createSession, 0, 1, 12_000, 12_006, true);
    status.connect({ remotePort: 2, isSecure: true });
    status.sessionList = [{ sessionId: SESSION, timeoutMs: 30_000, expiresMs: 1_795_361_662_168 }];
    status.owners = [[SESSION, ["/a/e"]]];
    status.watched = [[SESSION, "/a"]];
    status.settings.configText = "tickTime=2000\n";
    status.zxid = 3;
    other.size = { znodes: 99, ephemerals: 0, dataBytes: 0 };
    const properties = new Map([
      ["zookeeper.foo", "1"],
      ["zookeeper.ssl.keyStore.password", "secret"],
    ]);
    server = await AdminServer.open(
      { host: "127.0.0.1", port: 0, idleTimeoutMs: 5000, commandUrl: "/commands" },
      {
        statuses: new Map([
          ["/zk", status],
          ["/other", other],
        ]),
        properties,
        logger: silentLogger,
      },
    );
    base = `http://${server.addresses[0]!}`;
  });

  after(() => server.close());

  async function ask(
    path: string,
    init: RequestInit = {},
  ): Promise<{ code: number; type: string | null; text: string }> {
    const response = await fetch(`${base}${path}`, init);
    return { code: response.status, type: response.headers.get("content-type"), text: await response.text() };
  }

  async function command(name: string): Promise<Record<string, unknown>> {
    const { code, type, text } = await ask(`/commands/${name}`);
    assert.deepEqual([code, type], [200, "application/json"]);
    return JSON.parse(text) as Record<string, unknown>;
  }

  test("lists its commands, with and without a slash at the end, whatever the method", async () => {
    const names = [
      ...["configuration", "connection_stat_reset", "connections", "dirs", "dump", "environment", "get_trace_mask"],
      ...["hash", "initial_configuration", "is_read_only", "last_snapshot", "leader", "monitor"],
      ...["observer_connection_stat_reset", "observers", "restore", "ruok", "server_stats", "set_trace_mask"],
      ...["snapshot", "stat_reset", "stats", "system_properties", "voting_view", "watch_summary", "watches"],
      ...["watches_by_path", "zabstate"],
    ];
    const list = names.map((name) => `<a href="/commands/${name}">${name}</a>\n<br/>\n`).join("");
    for (const path of ["/commands", "/commands/"]) {
      assert.deepEqual(await ask(path), { code: 200, type: null, text: list });
    }
    assert.equal((await ask("/commands", { method: "POST", body: "x" })).text, list);
  });

  test("prints JSON exactly as ZooKeeper does", async () => {
    assert.equal(
      (await ask("/commands/conf")).text,
      `{
  "client_port" : 2181,
  "data_dir" : "/data/version-2",
  "data_log_dir" : "/log/version-2",
  "tick_time" : 2000,
  "max_client_cnxns" : 60,
  "min_session_timeout" : 4000,
  "max_session_timeout" : 40000,
  "server_id" : 0,
  "client_port_listen_backlog" : -1,
  "command" : "configuration",
  "error" : null
}`,
    );
    assert.equal(
      (await ask("/commands/dump")).text,
      `{
  "expiry_time_to_session_ids" : {
    "1795361664000" : [ 72058411832639488 ]
  },
  "session_id_to_ephemeral_paths" : {
    "72058411832639488" : [ "/a/e" ]
  },
  "command" : "dump",
  "error" : null
}`,
    );
    assert.equal(
      (await ask("/commands/lead")).text,
      `{\n  "error" : "server is not initialized",\n  "command" : "leader"\n}`,
    );
  });

  test("connections and statistics", async () => {
    const { text } = await ask("/commands/cons");
    assert.match(text, /"session_id" : 72058411832639488,/);
    const full = {
      remote_socket_address: "127.0.0.1:45784",
      interest_ops: 1,
      outstanding_requests: 0,
      packets_received: 1,
      packets_sent: 1,
      session_id: Number(SESSION),
      last_operation: "SESS",
      established: 1_795_361_662_168,
      session_timeout: 30_000,
      last_cxid: 0,
      last_zxid: 1,
      last_response_time: 12_006,
      last_latency: 6,
      min_latency: 0,
      avg_latency: 6,
      max_latency: 6,
    };
    const cons = JSON.parse(text) as Record<string, unknown[]>;
    assert.deepEqual(cons["connections"], [full]);
    assert.equal(cons["secure_connections"]?.length, 1);

    const stat = await command("stat");
    const brief = Object.fromEntries(Object.entries(full).slice(0, 5));
    assert.deepEqual(stat["connections"], [brief]);
    const srvr = await command("server_stats");
    assert.deepEqual(Object.keys(srvr), [
      ...["version", "read_only", "server_stats", "client_response", "node_count", "command", "error"],
    ]);
    assert.deepEqual(srvr["server_stats"], {
      packets_sent: 1,
      packets_received: 1,
      fsync_threshold_exceed_count: 0,
      client_response_stats: { last_buffer_size: -1, min_buffer_size: -1, max_buffer_size: -1 },
      provider_null: false,
      data_dir_size: 67109358,
      log_dir_size: 67109000,
      last_processed_zxid: 3,
      outstanding_requests: 0,
      server_state: "standalone",
      avg_latency: 6,
      max_latency: 6,
      min_latency: 6,
      num_alive_client_connections: 2,
      uptime: 0,
      auth_failed_count: 0,
      non_mtlsremote_conn_count: 0,
      non_mtlslocal_conn_count: 0,
    });
    assert.match((await ask("/commands/srvr")).text, /"avg_latency" : 6\.0,/);
  });

  test("a read-only server says so", async () => {
    status.state = "readOnly";
    assert.equal((await command("is_read_only"))["read_only"], true);
    assert.equal((await command("monitor"))["server_state"], "read-only");
    const srvr = await command("server_stats");
    assert.equal(srvr["read_only"], true);
    assert.equal((srvr["server_stats"] as Record<string, unknown>)["server_state"], "read-only");
    status.state = "yes";
  });

  test("every other command has its members", async () => {
    const members: Readonly<Record<string, object>> = {
      dirs: { datadir_size: 67109358, logdir_size: 67109000 },
      gtmk: { tracemask: 306 },
      hash: { digests: [] },
      icfg: { initial_configuration: "tickTime=2000\n" },
      isro: { read_only: false },
      lsnp: { zxid: "ffffffffffffffff", timestamp: -1 },
      obsr: { synced_observers: 0, observers: [] },
      orst: {},
      ruok: {},
      voting_view: { current_config: {} },
      wchs: { num_connections: 1, num_paths: 1, num_total_watches: 1 },
      wchc: { session_id_to_watched_paths: { [String(SESSION)]: ["/a"] } },
      wchp: { path_to_session_ids: { "/a": [Number(SESSION)] } },
      zabstate: { voting: false, zabstate: "" },
    };
    for (const [name, expected] of Object.entries(members)) {
      const { command: primary, error, ...rest } = await command(name);
      assert.deepEqual(rest, expected, name);
      assert.equal(error, null, name);
      assert.equal(typeof primary, "string", name);
    }
    const monitor = await command("mntr");
    assert.equal(monitor["znode_count"], 5);
    assert.equal(monitor["cnt_updatelatency"], 1);
    assert.equal((await command("env"))["zookeeper.version"], status.settings.version);
  });

  test("properties are sorted, and passwords are not told", async () => {
    const { command: name, error, ...properties } = await command("sysp");
    assert.deepEqual([name, error], ["system_properties", null]);
    assert.equal(properties["zookeeper.foo"], "1");
    assert.equal(properties["zookeeper.ssl.keyStore.password"], "***");
    assert.deepEqual(Object.keys(properties), Object.keys(properties).sort());
    assert.ok(Object.hasOwn(properties, "user.dir"));
  });

  test("the trace mask wants a 64-bit number", async () => {
    const refusal = "setTraceMask requires long traceMask argument";
    const body = (error: string): string => `{\n  "error" : "${error}",\n  "command" : "set_trace_mask"\n}`;
    assert.equal((await ask("/commands/stmk")).text, body(refusal));
    for (const mask of ["x", "", "1.5", "9223372036854775808"]) {
      assert.equal((await ask(`/commands/stmk?traceMask=${mask}`)).text, body(`${refusal}, got ${mask}`));
    }
    assert.equal((await command("stmk?traceMask=-9223372036854775808"))["error"], null);
    assert.equal(status.stats.traceMask, -(2n ** 63n));
    await command("set_trace_mask?traceMask=306");
  });

  test("counters are reset", async () => {
    const { stats } = other.connect({ remotePort: 1 });
    stats.packetReceived(9);
    await command("srst?root=/other");
    assert.equal(other.stats.packetsReceived, 0);
    assert.equal(stats.packetsReceived, 1);
    await command("crst?root=/other");
    assert.equal(stats.packetsReceived, 0);
  });

  test("another root is asked for by its name", async () => {
    assert.equal((await command("srvr?root=/other"))["node_count"], 99);
    assert.equal((await command("srvr"))["node_count"], 5);
    assert.equal((await command("srvr?root=/none"))["error"], "Unknown root: /none");
  });

  test("what is unknown is told so with 200, as ZooKeeper does", async () => {
    for (const name of ["nope", "cons/x", "CONS"]) {
      assert.deepEqual(await command(name), { command: name, error: `Unknown command: ${name}` });
    }
    assert.equal((await command("%3Cb%3E"))["command"], "<b>");
    assert.equal((await ask("/commands/%zz")).code, 400);
  });

  test("while nothing is served, most commands say so", async () => {
    status.state = "no";
    try {
      assert.deepEqual(await command("cons"), {
        command: "cons",
        error: "This ZooKeeper instance is not currently serving requests",
      });
      for (const name of ["env", "gtmk", "sysp", "zabstate"]) assert.equal((await command(name))["error"], null, name);
    } finally {
      status.state = "yes";
    }
  });

  test("snapshot and restore want to know who asks, and are not there yet", async () => {
    const missing = { code: 401, type: "application/json" };
    const body = (name: string, error: string): string => `{\n  "command" : "${name}",\n  "error" : "${error}"\n}`;
    const text = "Auth info is missing for the command";
    assert.deepEqual(await ask("/commands/snap"), { ...missing, text: body("snap", text) });
    assert.deepEqual(await ask("/commands/restore", { method: "POST" }), { ...missing, text: body("restore", text) });
    const headers = { authorization: "digest root:root" };
    assert.deepEqual(await ask("/commands/snapshot", { headers }), {
      code: 501,
      type: "application/json",
      text: body("snapshot", "snapshot is not supported yet"),
    });
    assert.equal((await ask("/commands/restore", { method: "POST", body: "x", headers })).code, 501);
    assert.equal((await ask("/commands/restore", { headers })).code, 500);
  });

  test("OPTIONS runs no command", async () => {
    const { stats } = status.connect({ remotePort: 7 });
    stats.packetReceived(9);
    await fetch(`${base}/commands/crst`, { method: "OPTIONS" });
    assert.equal(stats.packetsReceived, 1);
  });

  test("what is no HTTP, or a method that nobody knows, ends its connection with an answer", async () => {
    const say = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const { hostname, port } = new URL(base);
        const socket = connect(Number(port), hostname, () => socket.write(text));
        let said = "";
        socket.on("data", (chunk) => (said += chunk.toString()));
        socket.on("close", () => resolve(said));
      });
    assert.match(await say("FOO /commands HTTP/1.1\r\nHost: x\r\n\r\n"), /^HTTP\/1\.1 501 Not Implemented\r\n/);
    const bad = await say("GET /commands/%zz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.match(bad, /^HTTP\/1\.1 400 Bad Request\r\n[^]*<h1>Bad Message 400<\/h1>/);
    assert.match(await say("nonsense\r\n\r\n"), /^HTTP\/1\.1 (?:400|501) /);
  });

  test("other methods and other paths", async () => {
    assert.equal((await ask("/commands/cons", { method: "POST", body: "x" })).code, 500);
    assert.deepEqual(await ask("/commands/cons", { method: "PUT", body: "x" }), { code: 405, type: null, text: "" });
    assert.equal((await ask("/commands", { method: "DELETE" })).code, 405);
    const options = await fetch(`${base}/commands/cons`, { method: "OPTIONS" });
    assert.deepEqual([options.status, options.headers.get("allow")], [200, "GET, HEAD, POST, TRACE, OPTIONS"]);
    const head = await fetch(`${base}/commands/ruok`, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, "42", ""]);
    for (const path of ["/", "/x", "/commandsx", "/%3Cscript%3E"]) {
      const { code, text } = await ask(path);
      assert.equal(code, 404, path);
      assert.ok(!text.includes("<script>"));
    }
  });

  test("a taken port is an error, and a closed server lets go of idle connections", async () => {
    const parts = { statuses: new Map([["/zk", status]]), properties: new Map<string, string>(), logger: silentLogger };
    const options = { host: "127.0.0.1", port: 0, idleTimeoutMs: 60_000, commandUrl: "/a/b" };
    const second = await AdminServer.open(options, parts);
    const port = Number(second.addresses[0]!.split(":")[1]);
    await assert.rejects(AdminServer.open({ ...options, port }, parts), { code: "EADDRINUSE" });
    assert.equal((await fetch(`http://127.0.0.1:${port}/a/b/ruok`)).status, 200);
    const idle = connect(port, "127.0.0.1");
    await new Promise((resolve) => idle.once("connect", resolve));
    const closed = new Promise((resolve) => idle.once("close", resolve));
    idle.resume();
    await Promise.all([second.close(), second.close()]);
    await closed;
  });
});
