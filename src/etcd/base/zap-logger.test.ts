import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { test } from "node:test";
import type { Clock } from "./clock.ts";
import { FileSink, type LogSink } from "./log-file.ts";
import { formatTimestamp, LogWriter, openLog, ZapLogger, type LogFormat, type LogLevel } from "./zap-logger.ts";

// Zone names change what a timestamp looks like; the tests are about one.
process.env["TZ"] = "UTC";

class MemorySink implements LogSink {
  readonly lines: string[] = [];

  write(line: string): void {
    this.lines.push(line);
  }

  close(): void {
    this.lines.push("closed");
  }
}

function open(level: LogLevel = "info", format: LogFormat = "json") {
  const sink = new MemorySink();
  const time = { wallMs: Date.UTC(2026, 0, 31, 10, 0, 0, 7) };
  const clock: Clock = { nowMs: () => 0, wallMs: () => time.wallMs };
  return { sink, time, log: new ZapLogger(new LogWriter({ level, format }, [sink], clock), "member/member.ts") };
}

test("a line is one JSON object with zap's keys in zap's order", () => {
  const { sink, log } = open();
  log.info("added member", { "added-peer-id": "8e9e05c52164694d", "added-peer-peer-urls": ["http://a:1"], n: 2 });
  log.named("raft").from("raft/node.ts").warn("8e9e05c52164694d became leader at term 2");
  assert.deepEqual(sink.lines, [
    `{"level":"info","ts":"2026-01-31T10:00:00.007000Z","caller":"member/member.ts","msg":"added member","added-peer-id":"8e9e05c52164694d","added-peer-peer-urls":["http://a:1"],"n":2}\n`,
    `{"level":"warn","ts":"2026-01-31T10:00:00.007000Z","logger":"raft","caller":"raft/node.ts","msg":"8e9e05c52164694d became leader at term 2"}\n`,
  ]);
});

test("the console format has the same in columns", () => {
  const { sink, log } = open("info", "console");
  log.info("plain");
  log.named("raft").info("with fields", { urls: ["a", "b"], on: true });
  assert.deepEqual(sink.lines, [
    "2026-01-31T10:00:00.007000Z\tinfo\tmember/member.ts\tplain\n",
    `2026-01-31T10:00:00.007000Z\tinfo\traft\tmember/member.ts\twith fields\t{"urls": ["a", "b"], "on": true}\n`,
  ]);
});

test("any value can be a field", () => {
  const { sink, log } = open();
  log.info("x", {
    big: 2n ** 64n - 1n,
    error: new Error("outer", { cause: new Error("inner") }),
    bytes: new Uint8Array([1, 2, 255]),
    nothing: undefined,
    none: null,
    infinite: Infinity,
    deep: { a: [1n, { b: "c\n" }] },
    when: new Date(0),
  });
  assert.equal(
    sink.lines[0]?.slice(sink.lines[0].indexOf(`"big"`)),
    `"big":18446744073709551615,"error":"outer: inner","bytes":"AQL/","nothing":null,"none":null,"infinite":"Infinity","deep":{"a":[1,{"b":"c\\n"}]},"when":"1970-01-01T00:00:00.000000Z"}\n`,
  );
});

test("an error brings its stack at the level error, not below", () => {
  const { sink, log } = open();
  const error = new Error("boom");
  log.warn("x", { error });
  log.error("x", { error });
  assert.equal(Object.hasOwn(JSON.parse(sink.lines[0]!) as object, "stacktrace"), false);
  assert.equal((JSON.parse(sink.lines[1]!) as { stacktrace: string }).stacktrace, error.stack);
});

test("levels below the chosen one are not written", () => {
  const { sink, log } = open("warn");
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  log.fatal("e");
  assert.deepEqual(
    sink.lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
    ["c", "d", "e"],
  );
});

test("of one message in one second, the first 100 are written and then each 100th", () => {
  const { sink, time, log } = open();
  for (let i = 1; i <= 350; i += 1) log.info("again", { i });
  log.info("another");
  const written = sink.lines.map((line) => (JSON.parse(line) as { i?: number }).i);
  assert.deepEqual(written.slice(98), [99, 100, 200, 300, undefined]);
  time.wallMs += 1000;
  log.info("again", { i: 351 });
  assert.equal(sink.lines.length, 104);
});

test("a timestamp bears its zone without a colon", () => {
  const date = new Date(Date.UTC(2026, 6, 1, 12, 0, 0));
  const zones: [string, string][] = [
    ["UTC", "2026-07-01T12:00:00.000000Z"],
    ["Asia/Kolkata", "2026-07-01T17:30:00.000000+0530"],
    ["America/New_York", "2026-07-01T08:00:00.000000-0400"],
  ];
  for (const [zone, text] of zones) {
    process.env["TZ"] = zone;
    assert.equal(formatTimestamp(date), text);
  }
  process.env["TZ"] = "UTC";
});

test("a file gets the lines, and a file that cannot be opened is an error", (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "etcd.log");
  const writer = openLog({ level: "info", format: "json", outputs: [path], rotation: null });
  new ZapLogger(writer, "a/b.ts").info("hello");
  writer.close();
  assert.match(readFileSync(path, "utf8"), /^\{.*"msg":"hello"\}\n$/);

  const nowhere = join(directory, "missing", "etcd.log");
  assert.throws(
    () => openLog({ level: "info", format: "json", outputs: [nowhere], rotation: null }),
    /^Error: open sink ".*": ENOENT/,
  );
});

test("a full log file becomes an old one; the oldest go", (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, "etcd.log");
  const rotation = { maxSizeMegabytes: 1, maxAgeDays: 0, maxBackups: 2, localTime: false, compress: false };
  let wallMs = Date.UTC(2026, 0, 1);
  const sink = new FileSink(path, rotation, () => wallMs);
  const line = `${"x".repeat(600_000)}\n`;
  for (let i = 0; i < 5; i += 1) {
    sink.write(`${i}${line}`);
    wallMs += 1000;
  }
  sink.close();
  const old = ["etcd-2026-01-01T00-00-03.000.log", "etcd-2026-01-01T00-00-04.000.log"];
  assert.deepEqual(readdirSync(directory).sort(), [...old, "etcd.log"]);
  assert.equal(readFileSync(path, "utf8")[0], "4");
  assert.equal(readFileSync(join(directory, old[1]!), "utf8")[0], "3");
});

test("old log files can be compressed", async (t) => {
  const directory = temporaryDirectory(t);
  const rotation = { maxSizeMegabytes: 1, maxAgeDays: 0, maxBackups: 0, localTime: false, compress: true };
  const sink = new FileSink(join(directory, "etcd.log"), rotation, () => Date.UTC(2026, 0, 1));
  const line = `${"x".repeat(600_000)}\n`;
  sink.write(line);
  sink.write(line);
  sink.close();
  const packed = join(directory, "etcd-2026-01-01T00-00-00.000.log.gz");
  const isDone = (): boolean => readdirSync(directory).join() === "etcd-2026-01-01T00-00-00.000.log.gz,etcd.log";
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(gunzipSync(readFileSync(packed)).toString(), line);
});

function temporaryDirectory(t: { after(cleanUp: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), "zap-logger-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}
