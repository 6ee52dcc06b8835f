import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "./config.ts";
import { parseServeArguments, type ServeArguments } from "./serve-arguments.ts";

function noFile(path: string): string {
  throw new Error(`open ${path}: no such file or directory`);
}

function parse(argv: readonly string[], env: Record<string, string> = {}): ServeArguments {
  return parseServeArguments(argv, env, noFile);
}

function parseFile(text: string, argv: readonly string[] = [], env: Record<string, string> = {}): ServeArguments {
  return parseServeArguments(["--config-file", "etcd.yaml", ...argv], env, () => text);
}

function configOf(result: ServeArguments): Config {
  assert.equal(result.kind, "serve", JSON.stringify(result));
  return result.config;
}

function errorOf(result: ServeArguments): unknown {
  assert.equal(result.kind, "refused", JSON.stringify(result));
  return result.fields["error"];
}

function messagesOf(result: ServeArguments): string[] {
  assert.ok(result.kind === "serve" || result.kind === "refused", JSON.stringify(result));
  return result.notes.map((note) => note.message);
}

test("without flags, etcd's defaults hold", () => {
  const config = configOf(parse([]));
  assert.equal(config.name, "default");
  assert.equal(config.dataDir, "default.etcd");
  assert.deepEqual(
    [...config.listenClientUrls, ...config.listenPeerUrls].map((url) => url.text),
    ["http://localhost:2379", "http://localhost:2380"],
  );
  assert.deepEqual(config.advertiseClientUrls, ["http://localhost:2379"]);
  assert.deepEqual(config.initialCluster, [{ name: "default", peerUrls: ["http://localhost:2380"] }]);
  assert.equal(config.snapshotCount, 10_000);
  assert.equal(config.heartbeatIntervalMs, 100);
  assert.equal(config.electionTimeoutMs, 1000);
  assert.equal(config.quotaBackendBytes, 2147483648);
  assert.equal(config.maxRequestBytes, 1572864);
  assert.equal(config.maxConcurrentStreams, 4294967295);
  assert.equal(config.grpcKeepaliveIntervalMs, 7_200_000);
  assert.equal(config.watchProgressNotifyIntervalMs, 600_000);
  assert.deepEqual(config.autoCompaction, { mode: "off" });
  assert.deepEqual(config.cors, ["*"]);
  assert.equal(config.featureGates.TxnModeWriteWithSharedBuffer, true);
  assert.equal(config.featureGates.LeaseCheckpoint, false);
  assert.deepEqual(config.log, { level: "info", format: "json", outputs: ["stderr"], rotation: null });
  assert.ok(Object.isFrozen(config));
});

test("a flag has one dash or two, and its value behind an equals sign or as the next argument", () => {
  for (const argv of [["-name", "n1"], ["--name", "n1"], ["-name=n1"], ["--name=n1"]]) {
    assert.equal(configOf(parse(argv)).name, "n1");
  }
  assert.equal(configOf(parse(["--name=a=b"])).name, "a=b");
  assert.equal(configOf(parse(["--name", "-x"])).name, "-x");
  assert.equal(configOf(parse(["--name=a", "--name=b"])).name, "b", "the last one counts");
  assert.equal(configOf(parse(["--pre-vote=false"])).preVote, false);
  assert.equal(configOf(parse(["--unsafe-no-fsync"])).unsafeNoFsync, true);
  assert.equal(configOf(parse(["--name", "n1", "--"])).name, "n1");
});

test("numbers are written as in Go", () => {
  assert.equal(configOf(parse(["--max-txn-ops=0x100"])).maxTxnOps, 256);
  assert.equal(configOf(parse(["--max-txn-ops=010"])).maxTxnOps, 8);
  assert.equal(configOf(parse(["--max-txn-ops=1_000"])).maxTxnOps, 1000);
  assert.equal(configOf(parse(["--quota-backend-bytes=-1"])).quotaBackendBytes, null);
  assert.equal(configOf(parse(["--snapshot-count=18446744073709551615"])).snapshotCount, Number.MAX_SAFE_INTEGER);
});

test("a line that Go cannot read is refused in Go's words", () => {
  const cases: [string[], string][] = [
    [["--nope"], "flag provided but not defined: -nope"],
    [["-nope=1"], "flag provided but not defined: -nope"],
    [["-name"], "flag needs an argument: -name"],
    [["--=x"], "bad flag syntax: --=x"],
    [["---x"], "bad flag syntax: ---x"],
    [["--election-timeout=abc"], 'invalid value "abc" for flag -election-timeout: parse error'],
    [["--election-timeout", "-5"], 'invalid value "-5" for flag -election-timeout: parse error'],
    [
      ["--quota-backend-bytes=99999999999999999999"],
      'invalid value "99999999999999999999" for flag -quota-backend-bytes: value out of range',
    ],
    [
      ["--max-concurrent-streams=x"],
      'invalid value "x" for flag -max-concurrent-streams: strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [["--pre-vote=maybe"], 'invalid boolean value "maybe" for -pre-vote: parse error'],
    [["--grpc-keepalive-timeout=5"], 'invalid value "5" for flag -grpc-keepalive-timeout: parse error'],
    [
      ["--listen-client-urls=http://127.0.0.1"],
      'invalid value "http://127.0.0.1" for flag -listen-client-urls: URL address does not have the form "host:port": http://127.0.0.1',
    ],
    [
      ["--listen-client-urls=http://127.0.0.1:1/x"],
      'invalid value "http://127.0.0.1:1/x" for flag -listen-client-urls: URL must not contain a path: http://127.0.0.1:1/x',
    ],
    [
      ["--listen-client-urls=127.0.0.1:1"],
      'invalid value "127.0.0.1:1" for flag -listen-client-urls: URL scheme must be http, https, unix, or unixs: 127.0.0.1:1',
    ],
    [["--initial-cluster-state=x"], 'invalid value "x" for flag -initial-cluster-state: invalid value'],
    [["--v2-deprecation=x"], 'invalid value "x" for flag -v2-deprecation: invalid value "x"'],
    [["--feature-gates=Foo=true"], 'invalid value "Foo=true" for flag -feature-gates: unrecognized feature gate: Foo'],
    [["--feature-gates=AllAlpha"], 'invalid value "AllAlpha" for flag -feature-gates: missing bool value for AllAlpha'],
  ];
  for (const [argv, text] of cases) assert.deepEqual(parse(argv), { kind: "unreadable", text }, argv.join(" "));
});

test("help and version rule out the rest", () => {
  for (const flag of ["-h", "--h", "-help", "--help"]) assert.deepEqual(parse(["--name", "a", flag]), { kind: "help" });
  assert.deepEqual(parse(["--version"]), { kind: "version" });
  assert.deepEqual(parse(["-version", "--listen-client-urls", "http://nowhere.example:1"]), { kind: "version" });
});

test("settings that make no sense are refused in etcd's words", () => {
  const cases: [string[], string][] = [
    [["foo"], '"foo" is not a valid flag'],
    [["--listen-client-urls=http://foo.bar:2379"], "expected IP in URL for binding (http://foo.bar:2379)"],
    [
      ["--listen-client-urls=http://127.0.0.1:0"],
      "--advertise-client-urls is required when --listen-client-urls is set explicitly",
    ],
    [
      ["--advertise-client-urls=http://:2379"],
      '--advertise-client-urls "http://:2379" must be "host:port" (unexpected empty host (http://:2379))',
    ],
    [
      ["--election-timeout", "100"],
      "--election-timeout[100ms] should be at least as 5 times as --heartbeat-interval[100ms]",
    ],
    [["--election-timeout", "50001"], "--election-timeout[50001ms] is too long, and should be set less than 50000ms"],
    [["--heartbeat-interval=0"], "--heartbeat-interval must be >0 (set to 0ms)"],
    [["--election-timeout=0"], "--election-timeout must be >0 (set to 0ms)"],
    [["--compact-hash-check-time", "0"], "--compact-hash-check-time must be >0 (set to 0s)"],
    [["--auto-compaction-mode=x"], 'unknown auto-compaction-mode "x"'],
    [["--auto-compaction-mode="], "undefined auto-compaction-mode"],
    [["--auto-compaction-retention=x"], 'error parsing CompactionRetention: time: invalid duration "x"'],
    [
      ["--feature-gates=LeaseCheckpointPersist=true"],
      "enabling feature gate LeaseCheckpointPersist requires enabling feature gate LeaseCheckpoint",
    ],
    [
      ["--discovery=http://x", "--initial-cluster=a=b"],
      'multiple discovery or bootstrap flags are set. Choose one of "initial-cluster", "discovery", "discovery-endpoints" or "discovery-srv"',
    ],
    [["--discovery-token=x"], "both --discovery-token and --discovery-endpoints must be set"],
    [["--discovery-fallback=proxy"], `v2 proxy is deprecated, and --discovery-fallback can't be configured as "proxy"`],
    [["--tls-min-version=x"], 'unexpected TLS version "x" (must be one of: TLS1.2, TLS1.3)'],
    [
      ["--tls-min-version=TLS1.3", "--tls-max-version=TLS1.2"],
      "min version (TLS1.3) is greater than max version (TLS1.2)",
    ],
    [
      ["--listen-metrics-urls=https://127.0.0.1:0"],
      "client TLS key/cert (--cert-file, --key-file) must be provided for metrics secure url",
    ],
    [["--initial-cluster=b"], "error setting up initial cluster: URL scheme must be http, https, unix, or unixs: "],
    [["--auth-token=foo"], "auth: invalid auth options"],
    [["--logger=x"], 'unknown logger option "x"'],
    [["--log-level=bogus"], 'unrecognized level: "bogus"'],
    [["--log-format=x"], "unknown log format: x, supported values json, console"],
    [["--log-outputs=default,stderr"], 'multi logoutput for "default" is not supported yet'],
    [["--enable-log-rotation"], "--log-outputs requires a single file path when --log-rotate-config-json is defined"],
    [["--config-file=/nonexist"], "open /nonexist: no such file or directory"],
    [
      ["--experimental-corrupt-check-time=1s", "--corrupt-check-time=1s"],
      "cannot set --experimental-corrupt-check-time and --corrupt-check-time at the same time, please use --corrupt-check-time only",
    ],
    [
      ["--experimental-initial-corrupt-check", "--feature-gates=InitialCorruptCheck=false"],
      "cannot specify both flags: --experimental-initial-corrupt-check=true and --feature-gates=InitialCorruptCheck=false at the same time, please just use --feature-gates=InitialCorruptCheck=false",
    ],
  ];
  for (const [argv, text] of cases) assert.equal(errorOf(parse(argv)), text, argv.join(" "));
});

test("a feature that is not there is an error, unless the flag asks for nothing", () => {
  const cases: [string[], string][] = [
    [["--cert-file=a.pem"], "--cert-file is not supported yet"],
    [["--client-cert-auth"], "--client-cert-auth is not supported yet"],
    [["--peer-auto-tls"], "--peer-auto-tls is not supported yet"],
    [["--discovery-srv=example.com"], "--discovery-srv is not supported yet"],
    [["--enable-distributed-tracing"], "--enable-distributed-tracing is not supported yet"],
    [["--auth-token=jwt,pub-key=a"], "--auth-token=jwt is not supported yet"],
    [["--console-listen=localhost:8080"], "--console-listen is not supported yet"],
    [["--force-new-cluster"], "--force-new-cluster is not supported yet"],
    [
      ["--listen-peer-urls=https://127.0.0.1:0"],
      "TLS on --listen-peer-urls is not supported yet (https://127.0.0.1:0)",
    ],
  ];
  for (const [argv, text] of cases) assert.equal(errorOf(parse(argv)), text, argv.join(" "));
  const harmless = ["--cert-file=", "--auto-tls=false", "--console-listen=none", "--discovery=", "--auth-token=simple"];
  configOf(parse([...harmless, "--tls-max-version=TLS1.3", "--distributed-tracing-address=localhost:1"]));
});

test("URLs are sorted, unique and kept as written; port 0 is allowed", () => {
  const urls = "http://127.0.0.2:80, http://127.0.0.1:0,http://127.0.0.2:80,http://[::1]:2379,unix://run/etcd.sock";
  const config = configOf(parse(["--listen-client-urls", urls, "--advertise-client-urls", "http://Example.COM:1"]));
  assert.deepEqual(
    config.listenClientUrls.map(({ text, host, port, socketPath }) => [text, host, port, socketPath]),
    [
      ["http://127.0.0.1:0", "127.0.0.1", 0, null],
      ["http://127.0.0.2:80", "127.0.0.2", 80, null],
      ["http://[::1]:2379", "::1", 2379, null],
      ["unix://run/etcd.sock", "", 0, "run/etcd.sock"],
    ],
  );
  assert.deepEqual(config.advertiseClientUrls, ["http://Example.COM:1"]);
});

test("the initial cluster is this member under its advertised peer URLs", () => {
  const derived = configOf(parse(["--name=n1", "--initial-advertise-peer-urls=http://10.0.0.1:1,http://10.0.0.1:2"]));
  assert.deepEqual(derived.initialCluster, [{ name: "n1", peerUrls: ["http://10.0.0.1:1", "http://10.0.0.1:2"] }]);
  assert.equal(derived.dataDir, "n1.etcd");
  const given = configOf(parse(["--initial-cluster=a=http://x:2,b=http://y:1,a=http://x:1"]));
  assert.deepEqual(given.initialCluster, [
    { name: "a", peerUrls: ["http://x:1", "http://x:2"] },
    { name: "b", peerUrls: ["http://y:1"] },
  ]);
});

test("auto-compaction keeps hours, a duration or revisions", () => {
  const of = (mode: string, retention: string): Config["autoCompaction"] =>
    configOf(parse([`--auto-compaction-mode=${mode}`, `--auto-compaction-retention=${retention}`])).autoCompaction;
  assert.deepEqual(of("periodic", "5"), { mode: "periodic", retentionMs: 18_000_000 });
  assert.deepEqual(of("periodic", "5m"), { mode: "periodic", retentionMs: 300_000 });
  assert.deepEqual(of("periodic", "0s"), { mode: "off" });
  assert.deepEqual(of("periodic", ""), { mode: "off" });
  assert.deepEqual(of("revision", "1000"), { mode: "revision", retentionRevisions: 1000 });
  assert.deepEqual(of("revision", "0"), { mode: "off" });
  assert.match(
    String(errorOf(parse(["--auto-compaction-mode=revision", "--auto-compaction-retention=5m"]))),
    /revisions/,
  );
});

test("feature gates: by name, by group, and the name wins over the group", () => {
  const config = configOf(parse(["--feature-gates=AllAlpha=true,SetMemberLocalAddr=false,AllBeta=false"]));
  assert.equal(config.featureGates.CompactHashCheck, true);
  assert.equal(config.featureGates.SetMemberLocalAddr, false);
  assert.equal(config.featureGates.TxnModeWriteWithSharedBuffer, false);
  const old = parse(["--experimental-stop-grpc-service-on-defrag"]);
  assert.equal(configOf(old).featureGates.StopGRPCServiceOnDefrag, true);
  assert.ok(messagesOf(old).some((message) => message.startsWith("--experimental-stop-grpc-service-on-defrag is dep")));
});

test("an old name sets the new one and is warned of", () => {
  const result = parse(["--experimental-compaction-batch-limit=7", "--experimental-memory-mlock=false"]);
  assert.equal(configOf(result).compactionBatchLimit, 7);
  const warnings = messagesOf(result).filter((message) => message.includes("deprecated"));
  assert.deepEqual(warnings, [
    "--experimental-compaction-batch-limit is deprecated in etcd 3.6 and gone in 3.7; use --compaction-batch-limit instead",
    "--experimental-memory-mlock is deprecated in etcd 3.6 and gone in 3.7; use --memory-mlock instead",
  ]);
});

test("flags of former versions are taken and do nothing", () => {
  assert.deepEqual(configOf(parse(["-v", "--snapshot", "--force=x", "--name=n1"])), configOf(parse(["--name=n1"])));
});

test("a variable sets what no flag has set", () => {
  const result = parse(["--name", "n1"], { ETCD_ELECTION_TIMEOUT: "5000", ETCD_HEARTBEAT_INTERVAL: "", HOME: "/" });
  assert.equal(configOf(result).electionTimeoutMs, 5000);
  assert.equal(configOf(result).heartbeatIntervalMs, 100);
  assert.ok(result.kind === "serve");
  assert.deepEqual(result.notes[0], {
    level: "info",
    message: "recognized and used environment variable",
    fields: { "variable-name": "ETCD_ELECTION_TIMEOUT", "variable-value": "5000" },
  });
});

test("a flag and its variable, both set to anything, are fatal", () => {
  assert.deepEqual(parse(["--name", "a"], { ETCD_NAME: "" }), {
    kind: "refused",
    level: "fatal",
    message:
      "conflicting environment variable is shadowed by corresponding command-line flag (either unset environment variable or disable flag))",
    fields: { "environment-variable": "ETCD_NAME" },
    log: null,
    notes: [],
  });
});

test("a bad variable is refused, an unknown one is warned of", () => {
  assert.equal(
    errorOf(parse([], { ETCD_ELECTION_TIMEOUT: "b" })),
    'invalid value "b" for ETCD_ELECTION_TIMEOUT: parse error',
  );
  const result = parse([], { ETCD_FOO: "1", ETCD_VERSION: "v3.5.0" });
  assert.ok(result.kind === "serve");
  assert.deepEqual(result.notes.map(({ message, fields }) => [message, Object.values(fields)]).slice(0, 2), [
    ["cannot set special environment variable", ["ETCD_VERSION", "v3.5.0"]],
    ["unrecognized environment variable", ["ETCD_FOO=1"]],
  ]);
});

test("the log hears of what is not recommended", () => {
  assert.deepEqual(messagesOf(parse([])), [
    "Running http and grpc server on single port. This is not recommended for production.",
    "it isn't recommended to use default name, please set a value for --name. Note that etcd might run into issue when multiple members have the same default name",
    "'data-dir' was empty; using default",
  ]);
  assert.deepEqual(
    messagesOf(parse(["--name=a", "--data-dir=a.etcd", "--listen-client-http-urls=http://127.0.0.1:0"])),
    [],
  );
});

test("a configuration file rules out flags and variables", () => {
  const text = `
name: n1
data-dir: /tmp/n1
listen-client-urls: http://127.0.0.1:1,http://127.0.0.1:2
advertise-client-urls: http://127.0.0.1:1
election-timeout: 2000
grpc-keepalive-min-time: 3000000000
compaction-sleep-interval: 5ms
pre-vote: false
auto-compaction-retention: 1
log-outputs: [stderr, stdout]
cors: "*"
feature-gates: LeaseCheckpoint=true
client-transport-security:
  cert-file: ""
  client-cert-auth: false
unknown-key: 1
`;
  const result = parseFile(text, ["--name", "other"], { ETCD_NAME: "third", ETCD_FOO: "x" });
  const config = configOf(result);
  assert.equal(config.name, "n1");
  assert.equal(config.dataDir, "/tmp/n1");
  assert.equal(config.listenClientUrls.length, 2);
  assert.equal(config.electionTimeoutMs, 2000);
  assert.equal(config.grpcKeepaliveMinTimeMs, 3000);
  assert.equal(config.compactionSleepIntervalMs, 5);
  assert.equal(config.preVote, false);
  assert.deepEqual(config.autoCompaction, { mode: "periodic", retentionMs: 3_600_000 });
  assert.deepEqual(config.log.outputs, ["stderr", "stdout"]);
  assert.equal(config.featureGates.LeaseCheckpoint, true);
  const messages = messagesOf(result);
  assert.ok(messages.includes("unrecognized key in configuration file"));
  assert.ok(!messages.some((message) => message.includes('environment variable"')));
  assert.ok(
    messages.includes(
      "loaded server configuration, other configuration command line flags and environment variables will be ignored if provided",
    ),
  );
});

test("a configuration file may be JSON, may be empty, and may be named by a variable", () => {
  assert.equal(configOf(parseFile(`{"name": "j", "snapshot-count": 5}`)).snapshotCount, 5);
  assert.equal(configOf(parseFile("")).name, "default");
  const byVariable = parseServeArguments([], { ETCD_CONFIG_FILE: "f" }, (path) => `name: from-${path}`);
  assert.equal(configOf(byVariable).name, "from-f");
});

test("a configuration file that makes no sense is refused", () => {
  assert.match(String(errorOf(parseFile("name: ["))), /^error converting YAML to JSON: /);
  assert.match(String(errorOf(parseFile("- a"))), /not a map/);
  assert.equal(errorOf(parseFile("election-timeout: x")), 'invalid value "x" for election-timeout: parse error');
  assert.equal(errorOf(parseFile("pre-vote: 'true'")), 'invalid value "true" for pre-vote: must be true or false');
  assert.equal(errorOf(parseFile("name: {a: 1}")), 'invalid value {"a":1} for name: has the wrong type');
  assert.equal(errorOf(parseFile("peer-transport-security: x")), "invalid peer-transport-security");
  assert.equal(errorOf(parseFile("peer-transport-security: {auto-tls: true}")), "--peer-auto-tls is not supported yet");
  assert.equal(errorOf(parseFile("client-transport-security: {cert-file: a.pem}")), "--cert-file is not supported yet");
});

test("a refusal knows the log that was asked for", () => {
  const result = parse(["--log-format=console", "--log-outputs=stdout", "--election-timeout=1"]);
  assert.ok(result.kind === "refused");
  assert.deepEqual(result.log, { level: "info", format: "console", outputs: ["stdout"], rotation: null });
});

test("log rotation is read from its JSON", () => {
  const json = `{"maxsize": 3, "maxbackups": 2, "compress": true}`;
  const argv = ["--enable-log-rotation", "--log-outputs=/tmp/a.log,stderr", "--log-rotation-config-json"];
  assert.deepEqual(configOf(parse([...argv, json])).log, {
    level: "info",
    format: "json",
    outputs: ["/tmp/a.log", "stderr"],
    rotation: { maxSizeMegabytes: 3, maxAgeDays: 0, maxBackups: 2, localTime: false, compress: true },
  });
  assert.match(String(errorOf(parse([...argv, "{"]))), /^improperly formatted log rotation config: /);
  assert.match(String(errorOf(parse([...argv, `{"maxsize":"x"}`]))), /^invalid log rotation config: maxsize/);
  assert.deepEqual(configOf(parse(["--log-outputs=/dev/null,stderr"])).log.outputs, []);
});
