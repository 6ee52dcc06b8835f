import assert from "node:assert/strict";
import { test } from "node:test";
import { OpCode } from "../wire/messages.ts";
import { formatDate } from "./java-text.ts";
import { FourLetterWords, fourLetterWhitelist, fourLetterWordOf, type FourLetterWord } from "./four-letter-words.ts";
import { FakeStatus } from "./testing/fake-status.ts";
import { basicSummaryNames, counterNames, detailedSummaryNames } from "./zk-metrics.ts";

const SESSION = 0x10000be685d0000n;
const all = fourLetterWhitelist("*", false);

/** One client that has done a few things, and the connection of the word itself. */
function busyStatus(): FakeStatus {
  const status = new FakeStatus();
  const client = status.connect({
    remotePort: 45784,
    sessionId: SESSION,
    expiresMs: status.clock.wall + 31_500,
  });
  client.stats.packetReceived(49);
  client.stats.greetingSent();
  client.stats.answered(OpCode.createSession, 0, 1, 12_000, 12_006, true);
  client.stats.packetReceived(70);
  client.stats.replySent(22);
  client.stats.answered(OpCode.create, 4, 3, 12_010, 12_013, true);
  const word = status.connect({ remotePort: 45788, isReading: false });
  word.stats.packetReceived(4);
  status.zxid = 3;
  status.sessionList = [{ sessionId: SESSION, timeoutMs: 30_000, expiresMs: status.clock.wall + 30_500 }];
  status.owners = [[SESSION, ["/a/e"]]];
  status.watched = [[SESSION, "/a"]];
  status.size = { znodes: 7, ephemerals: 1, dataBytes: 55 };
  return status;
}

function answer(status: FakeStatus, word: FourLetterWord): string {
  return new FourLetterWords(all, status).answer(word);
}

function textOf(answer: ReturnType<FourLetterWords["answerTo"]>): string {
  assert.ok(answer !== null && answer !== "more");
  return answer.text();
}

test("srvr and stat", () => {
  const status = busyStatus();
  const numbers = [
    "Latency min/avg/max: 3/4.5/6",
    "Received: 3",
    "Sent: 2",
    "Connections: 2",
    "Outstanding: 0",
    "Zxid: 0x3",
    "Mode: standalone",
    "Node count: 7",
    "",
  ];
  const version = `Zookeeper version: ${status.settings.version}`;
  assert.equal(answer(status, "srvr"), [version, ...numbers].join("\n"));
  const clients = [
    "Clients:",
    " /127.0.0.1:45784[1](queued=0,recved=2,sent=2)",
    " /127.0.0.1:45788[0](queued=0,recved=1,sent=0)",
    "",
  ];
  assert.equal(answer(status, "stat"), [version, ...clients, ...numbers].join("\n"));
});

test("srvr of a server that was just started, and of a read-only one", () => {
  const status = new FakeStatus();
  assert.match(
    answer(status, "srvr"),
    /^Zookeeper version: 3\.9\.5-\S+, built on .*\nLatency min\/avg\/max: 0\/0\.0\/0\n/,
  );
  status.state = "readOnly";
  const lines = answer(status, "srvr").split("\n");
  assert.equal(lines[1], "READ-ONLY mode; serving only read-only clients");
  assert.equal(lines[8], "Mode: read-only");
  assert.equal(answer(status, "isro"), "ro");
});

test("cons", () => {
  const status = busyStatus();
  assert.equal(
    answer(status, "cons"),
    " /127.0.0.1:45784[1](queued=0,recved=2,sent=2,sid=0x10000be685d0000,lop=CREA,est=1795361662168,to=30000," +
      "lcxid=0x4,lzxid=0x3,lresp=12013,llat=3,minlat=0,avglat=4,maxlat=6)\n" +
      " /127.0.0.1:45788[0](queued=0,recved=1,sent=0)\n" +
      "\n",
  );
});

test("cons after crst", () => {
  const status = busyStatus();
  assert.equal(answer(status, "crst"), "Connection stats reset.\n");
  assert.equal(
    answer(status, "cons").split("\n")[0],
    " /127.0.0.1:45784[1](queued=0,recved=0,sent=0,sid=0x10000be685d0000,lop=NA,est=1795361662168,to=30000," +
      "lzxid=0xffffffffffffffff,lresp=0,llat=0,minlat=0,avglat=0,maxlat=0)",
  );
  // The server's own numbers stay.
  assert.match(answer(status, "srvr"), /^Received: 3$/m);
});

test("cons shows what waits, and what is written", () => {
  const status = new FakeStatus();
  status.connect({ remotePort: 1, remoteAddress: "::1", outstandingRequests: 9, isWriting: true });
  assert.equal(answer(status, "cons"), " /[::1]:1[5](queued=9,recved=0,sent=0)\n\n");
});

test("conf", () => {
  assert.equal(
    answer(new FakeStatus(), "conf"),
    "clientPort=2181\nsecureClientPort=-1\ndataDir=/data/version-2\ndataDirSize=67109358\n" +
      "dataLogDir=/log/version-2\ndataLogSize=67109000\ntickTime=2000\nmaxClientCnxns=60\nminSessionTimeout=4000\n" +
      "maxSessionTimeout=40000\nclientPortListenBacklog=-1\nserverId=0\n",
  );
});

test("dirs", () => {
  assert.equal(answer(new FakeStatus(), "dirs"), "datadir_size: 67109358\nlogdir_size: 67109000\n");
});

test("dump lists what expires by the tick in which it does", () => {
  const status = busyStatus();
  const at = (offsetMs: number): string => formatDate(status.clock.wall + offsetMs);
  assert.equal(
    answer(status, "dump"),
    [
      "SessionTracker dump:",
      "Session Sets (1)/(1):",
      `1 expire at ${at(32_000)}:`,
      "\t0x10000be685d0000",
      "ephemeral nodes dump:",
      "Sessions with Ephemerals (1):",
      "0x10000be685d0000:",
      "\t/a/e",
      "Connections dump:",
      "Connections Sets (2)/(2):",
      `1 expire at ${at(12_000)}:`,
      "\tip: /127.0.0.1:45788 sessionId: 0x0",
      `1 expire at ${at(32_000)}:`,
      "\tip: /127.0.0.1:45784 sessionId: 0x10000be685d0000",
      "",
    ].join("\n"),
  );
});

test("watches", () => {
  const status = busyStatus();
  assert.equal(answer(status, "wchs"), "1 connections watching 1 paths\nTotal watches:1\n");
  assert.equal(answer(status, "wchc"), "0x10000be685d0000\n\t/a\n\n");
  assert.equal(answer(status, "wchp"), "/a\n\t0x10000be685d0000\n\n");
});

test("envi has ZooKeeper's names in its order", () => {
  const [head, ...lines] = answer(new FakeStatus(), "envi").split("\n");
  assert.equal(head, "Environment:");
  assert.equal(lines.pop(), "");
  const names = [
    ...["zookeeper.version", "host.name", "java.version", "java.vendor", "java.home", "java.class.path"],
    ...["java.library.path", "java.io.tmpdir", "java.compiler", "os.name", "os.arch", "os.version", "user.name"],
    ...["user.home", "user.dir", "os.memory.free", "os.memory.max", "os.memory.total"],
  ];
  assert.deepEqual(
    lines.map((line) => line.slice(0, line.indexOf("="))),
    names,
  );
  assert.match(lines.at(-1) ?? "", /^os\.memory\.total=\d+MB$/);
  assert.match(lines[0] ?? "", /^zookeeper\.version=3\.9\.5-/);
});

test("ruok, isro, gtmk and hash have no newline", () => {
  const status = new FakeStatus();
  assert.equal(answer(status, "ruok"), "imok");
  assert.equal(answer(status, "isro"), "rw");
  assert.equal(answer(status, "gtmk"), "306");
  assert.equal(answer(status, "hash"), "");
});

test("srst", () => {
  const status = busyStatus();
  assert.equal(answer(status, "srst"), "Server stats reset.\n");
  assert.match(answer(status, "srvr"), /^Latency min\/avg\/max: 0\/0\.0\/0\nReceived: 0\nSent: 0\nConnections: 2$/m);
});

test("mntr lists every name of ZooKeeper 3.9 once, each line a name, a tab and a value", () => {
  const status = busyStatus();
  status.stats.znodeRead("/a", 4);
  status.quotaList = [
    { path: "/a", countLimit: 10, bytesLimit: -1, usedCount: 2, usedBytes: 5 },
    { path: "/a/b", countLimit: 3, bytesLimit: 100, usedCount: 1, usedBytes: 1 },
  ];
  const text = answer(status, "mntr");
  assert.ok(text.endsWith("\n"));
  const lines = text.slice(0, -1).split("\n");
  for (const line of lines) assert.match(line, /^zk_\w+\t\S/);
  const values = new Map(lines.map((line) => line.split("\t") as [string, string]));
  assert.equal(values.size, lines.length);

  const plain = (names: readonly string[]): string[] => names.map((name) => `zk_${name}`);
  const summary = (name: string): string[] => ["avg", "min", "max", "cnt", "sum"].map((part) => `${part}_${name}`);
  const detailed = (name: string): string[] => [
    ...summary(name),
    ...["p50", "p95", "p99", "p999"].map((part) => `${part}_${name}`),
  ];
  const first = [
    ...["version", "server_state", "ephemerals_count", "num_alive_connections", "avg_latency", "outstanding_requests"],
    ...["znode_count", "global_sessions", "non_mtls_remote_conn_count", "last_client_response_size", "packets_sent"],
    ...["packets_received", "max_client_response_size", "connection_drop_probability", "watch_count"],
    ...["auth_failed_count", "min_latency", "max_file_descriptor_count", "approximate_data_size"],
    ...["open_file_descriptor_count", "local_sessions", "uptime", "max_latency", "outstanding_tls_handshake"],
    ...["min_client_response_size", "non_mtls_local_conn_count"],
  ];
  const quotas = ["count_limit", "bytes_limit", "count_usage", "bytes_usage"];
  assert.deepEqual(
    [...values.keys()],
    plain([
      ...first,
      ...quotas.map((name) => `a_quota_${name}_per_namespace`),
      ...counterNames,
      ...basicSummaryNames.flatMap(summary),
      ...detailedSummaryNames.flatMap(detailed),
      ...summary("a_read_per_namespace"),
    ]),
  );

  const expected: Readonly<Record<string, string>> = {
    version: status.settings.version,
    server_state: "standalone",
    ephemerals_count: "1",
    num_alive_connections: "2",
    avg_latency: "4.5",
    connection_drop_probability: "0.0",
    znode_count: "7",
    watch_count: "1",
    approximate_data_size: "55",
    global_sessions: "1",
    local_sessions: "0",
    last_client_response_size: "22",
    bytes_received_count: "123",
    response_bytes: "22",
    cnt_updatelatency: "2",
    avg_updatelatency: "4.5",
    p99_updatelatency: "6",
    avg_readlatency: "0.0",
    a_quota_count_limit_per_namespace: "13",
    a_quota_bytes_limit_per_namespace: "99",
    sum_a_read_per_namespace: "74",
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(values.get(`zk_${name}`), value, name);
});

test("while nothing is served, all but a few say so", () => {
  const status = new FakeStatus();
  status.state = "no";
  const sentence = "This ZooKeeper instance is not currently serving requests";
  const refused = ["conf", "cons", "crst", "dirs", "dump", "mntr", "srst", "srvr", "stat", "wchc", "wchp", "wchs"];
  for (const word of refused as FourLetterWord[]) assert.equal(answer(status, word), `${sentence}\n`, word);
  assert.equal(answer(status, "hash"), sentence);
  assert.equal(answer(status, "ruok"), "imok");
  assert.equal(answer(status, "isro"), "null");
  assert.equal(answer(status, "gtmk"), "306");
  assert.match(answer(status, "envi"), /^Environment:\n/);
});

test("the whitelist", () => {
  const allowed = (text: string, isReadOnly = false): string[] => [...fourLetterWhitelist(text, isReadOnly)].sort();
  assert.deepEqual(allowed(""), ["srvr"]);
  assert.deepEqual(allowed("", true), ["isro", "srvr"]);
  assert.deepEqual(allowed(" ruok , mntr,,nope"), ["mntr", "nope", "ruok", "srvr"]);
  assert.equal(fourLetterWhitelist("stat, *", false).has("wchp"), true);
  const words = new FourLetterWords(fourLetterWhitelist("ruok", false), new FakeStatus());
  assert.equal(words.answer("mntr"), "mntr is not executed because it is not in the whitelist.\n");
  assert.equal(words.answer("ruok"), "imok");
});

test("a word is four ASCII letters in lower case; all else is a length", () => {
  assert.equal(fourLetterWordOf(Buffer.from("ruok").readInt32BE()), "ruok");
  assert.equal(fourLetterWordOf(Buffer.from("RUOK").readInt32BE()), null);
  assert.equal(fourLetterWordOf(45), null);
});

test("what follows a word is ignored, but stmk is followed by its mask", () => {
  const status = new FakeStatus();
  const words = new FourLetterWords(all, status);
  assert.equal(words.answerTo(Buffer.from("ruo")), "more");
  assert.equal(textOf(words.answerTo(Buffer.from("ruok\n"))), "imok");
  assert.equal(words.answerTo(Buffer.from([0, 0, 0, 45, 0, 0])), null);
  const mask = Buffer.from("stmk\xff\xff\xff\xff\xff\xff\xff\xfe", "latin1");
  for (let cut = 4; cut < 12; cut++) assert.equal(words.answerTo(mask.subarray(0, cut)), "more");
  assert.equal(textOf(words.answerTo(mask)), "-2");
  assert.equal(textOf(words.answerTo(Buffer.from("gtmk"))), "-2");
  // A mask that nobody wants is not waited for.
  const closed = new FourLetterWords(fourLetterWhitelist("", false), status);
  assert.equal(
    textOf(closed.answerTo(Buffer.from("stmk"))),
    "stmk is not executed because it is not in the whitelist.\n",
  );
});

test("an interrupted telnet gets no answer", () => {
  const interrupt = Buffer.from([0xff, 0xf4, 0xff, 0xfd]);
  assert.equal(textOf(new FourLetterWords(all, new FakeStatus()).answerTo(interrupt)), "");
});
