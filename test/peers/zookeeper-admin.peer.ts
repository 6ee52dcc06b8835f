/** The pages of a real ZooKeeper beside ours: every command of the AdminServer, and the metrics of the Prometheus provider. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { freePorts } from "../support/servers.ts";
import { ZkClient } from "../support/zk-client.ts";
import { startScratchZk } from "../support/zk-in-process.ts";
import { startZooKeeper39 } from "../support/zk-servers.ts";

const EPHEMERAL = 1;
const PROVIDER = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";

/** One server with its pages, and the client that has worked on it and still holds its session. */
interface Side {
  readonly admin: string;
  readonly metrics: string;
  readonly client: ZkClient;
  stop(): Promise<void>;
}

interface Page {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly text: string;
}

/** Both answers to the same question. */
type Both<Answer> = readonly [real: Answer, ours: Answer];

const HOST = "127.0.0.1";

async function startReal(withProvider: boolean): Promise<Side> {
  const [admin, metrics] = await freePorts(2);
  const server = await startZooKeeper39({
    config: [
      ...["tickTime=2000", "admin.enableServer=true", `admin.serverAddress=${HOST}`, `admin.serverPort=${admin}`],
      ...(withProvider
        ? [
            `metricsProvider.className=${PROVIDER}`,
            `metricsProvider.httpHost=${HOST}`,
            `metricsProvider.httpPort=${metrics}`,
          ]
        : []),
    ],
  });
  return sideOf(server, admin!, metrics!);
}

async function startOurs(): Promise<Side> {
  const [admin, metrics] = await freePorts(2);
  const server = await startScratchZk([
    ...["--zk-admin-enable-server=true", "--zk-admin-server-address", HOST, `--zk-admin-server-port=${admin}`],
    ...["--zk-metrics-provider-class-name", PROVIDER, "--zk-metrics-provider-http-host", HOST],
    ...[`--zk-metrics-provider-http-port=${metrics}`, "--zk-max-client-cnxns=0"],
  ]);
  return sideOf(server, admin!, metrics!);
}

async function sideOf(
  server: { readonly port: number; stop(): Promise<void> },
  admin: number,
  metrics: number,
): Promise<Side> {
  const urls = { admin: `http://${HOST}:${admin}`, metrics: `http://${HOST}:${metrics}` };
  // Some of those that asked the real one whether it is there have counted as packets.
  await fetch(`${urls.admin}/commands/stat_reset`);
  const client = await workOn(server.port);
  const stop = async (): Promise<void> => {
    await client.close();
    await server.stop();
  };
  return { ...urls, client, stop };
}

async function workOn(port: number): Promise<ZkClient> {
  const client = await ZkClient.connect({ port, timeoutMs: 20_000 });
  await client.ok("create", { path: "/a", data: "x" });
  await client.ok("create", { path: "/a/e", flags: EPHEMERAL });
  await client.ok("exists", { path: "/a", watch: true });
  await client.ok("getData", { path: "/a/e", watch: true });
  await client.ok("getChildren", { path: "/a", watch: true });
  await client.ok("setData", { path: "/a/e", data: "yy" });
  await client.ok("create", { path: "/b" });
  await client.ok("delete", { path: "/b" });
  return client;
}

async function ask(url: string, init: RequestInit = {}): Promise<Page> {
  const response = await fetch(url, { redirect: "manual", ...init });
  const told = ["content-type", "allow", "cache-control", "location", "www-authenticate"];
  const headers = Object.fromEntries(told.map((name) => [name, response.headers.get(name)]));
  return { code: response.status, headers, text: await response.text() };
}

/** Numbers as they are written, so that neither the digits of a long one are lost nor the fraction of a double. */
function parseExactly(json: string): Record<string, unknown> {
  const quoted = json.replace(/(: |\[ |, )(-?\d[\d.eE+-]*)/g, '$1"#$2"');
  return JSON.parse(quoted) as Record<string, unknown>;
}

/** What kind of value it is; an object's names as they are, unless they are ids or times. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === "string") return !value.startsWith("#") ? "text" : value.includes(".") ? "double" : "integer";
  if (typeof value !== "object" || value === null) return typeof value;
  const isNumbered = Object.keys(value).every((name) => /^\d+$/.test(name));
  const members = Object.entries(value).map(([name, member]) => [isNumbered ? "#" : name, shapeOf(member)]);
  return Object.fromEntries(members.sort(([left], [right]) => (left! < right! ? -1 : 1)));
}

/** Members whose values are of one server alone: ids, times, ports, directories, sizes on disk. */
const ownMembers: ReadonlySet<string> = new Set([
  ...["client_port", "data_dir", "data_log_dir", "server_id"],
  ...["remote_socket_address", "session_id", "established", "last_response_time"],
  ...["last_latency", "min_latency", "avg_latency", "max_latency"],
  ...["last_zxid", "last_processed_zxid", "uptime", "version", "data_dir_size", "log_dir_size"],
]);
/** Commands whose values say nothing of the other server; their members are the same all the same. */
const ownCommands: ReadonlySet<string> = new Set([
  "dirs",
  "dump",
  "environment",
  "monitor",
  "watches",
  "watches_by_path",
]);

function valuesOf(value: unknown, name = ""): unknown {
  if (ownMembers.has(name)) return "its own";
  if (Array.isArray(value)) return value.map((item) => valuesOf(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([member, inner]) => [member, valuesOf(inner, member)] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

/** What counts the stages of ZooKeeper's pipeline, its files and its clock: other names for what is not here, and so 0. */
const stages =
  /_latency$|updatelatency|readlatency|^uptime$|^version$|file_descriptor|^(?:\w{3}_)?(?:prep|sync|proposal|commit)_process|processor|^outstanding_changes_|snapshottime|dbinittime|startup_|throttle_queue|token_deficit|jvm_pause/;

describe("the AdminServer", { timeout: 60_000 }, () => {
  let sides: Both<Side>;

  before(async () => {
    sides = await Promise.all([startReal(false), startOurs()]);
  });

  after(async () => {
    for (const side of sides) await side.stop();
  });

  async function both(path: string, init: RequestInit = {}): Promise<Both<Page>> {
    return Promise.all([ask(`${sides[0].admin}${path}`, init), ask(`${sides[1].admin}${path}`, init)]);
  }

  async function namesOf(): Promise<string[]> {
    const [{ text }] = await both("/commands");
    return Array.from(text.matchAll(/>(\w+)</g), ([, name]) => name!);
  }

  test("lists the same commands, letter by letter", async () => {
    for (const path of ["/commands", "/commands/"]) {
      const [real, ours] = await both(path);
      assert.deepEqual(ours, real);
    }
    assert.equal((await namesOf()).length, 28);
  });

  test("answers each command in the same shape, and with the same values where they are not its own", async () => {
    const answered: string[] = [];
    // Those that change what others tell come last.
    const isChange = (name: string): boolean => /reset|set_trace/.test(name);
    const names = (await namesOf()).sort((left, right) => Number(isChange(left)) - Number(isChange(right)));
    for (const name of names) {
      const [real, ours] = await both(`/commands/${name}`);
      assert.deepEqual([ours.code, ours.headers], [real.code, real.headers], name);
      const [expected, actual] = [real, ours].map(({ text }) => parseExactly(text)) as [object, object];
      if (name === "system_properties") {
        // Of Java's there are some.
        const missing = Object.keys(actual).filter((property) => !Object.hasOwn(expected, property));
        assert.deepEqual(missing, [], name);
        continue;
      }
      if (name === "initial_configuration") {
        assert.deepEqual(Object.keys(actual), Object.keys(expected), name);
        continue;
      }
      if (name === "last_snapshot") {
        // The store has its own, and none of ZooKeeper's.
        assert.deepEqual(shapeOf(actual), shapeOf(expected), name);
        continue;
      }
      assert.deepEqual(shapeOf(actual), shapeOf(expected), name);
      assert.deepEqual(Object.keys(actual), Object.keys(expected), name);
      if (!ownCommands.has(name)) assert.deepEqual(valuesOf(actual), valuesOf(expected), name);
      answered.push(name);
    }
    assert.equal(answered.length, 25);
  });

  test("knows the same short names", async () => {
    const aliases = ["conf", "config", "crst", "cons", "env", "envi", "gtmk", "hash", "icfg", "isro", "lsnp", "lead"];
    const more = ["mntr", "orst", "obsr", "srvr", "stmk", "srst", "stat", "sysp", "wchs", "wchc", "wchp", "snap"];
    for (const alias of [...aliases, ...more, "rest", "cfg", "ruo", "Conf", "zab", "wch"]) {
      const [real, ours] = await both(`/commands/${alias}`);
      const pick = ({ code, text }: Page): unknown => [
        code,
        parseExactly(text)["command"],
        parseExactly(text)["error"],
      ];
      assert.deepEqual(pick(ours), pick(real), alias);
    }
  });

  test("monitors under the same names, in the same order, and counts what both have the same way", async () => {
    for (const { admin } of sides) await ask(`${admin}/commands/stat_reset`);
    for (const { client } of sides) {
      await client.ok("create", { path: "/m", data: "12345" });
      await client.ok("getData", { path: "/m", watch: true });
      await client.ok("getData", { path: "/m" });
      await client.ok("setData", { path: "/m", data: "123" });
      await client.call("create", { path: "/m" });
      await client.ok("getChildren2", { path: "/" });
      await client.ok("delete", { path: "/m" });
    }
    const [real, ours] = (await both("/commands/monitor")).map(({ text }) => parseExactly(text)) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    assert.deepEqual(Object.keys(ours), Object.keys(real));
    const differing = Object.keys(real).filter((name) => real[name] !== ours[name] && !stages.test(name));
    assert.deepEqual(
      differing.map((name) => [name, real[name], ours[name]]),
      [],
    );
  });

  test("answers other methods, paths and unknown commands with the same codes and headers", async () => {
    const paths = ["/commands", "/commands/ruok", "/commands/nosuch", "/commands/snapshot", "/commands/restore"];
    const others = ["/", "/foo", "/commandsfoo", "/metrics"];
    const odd = ["/commands/ruok/", "/commands//ruok", "/commands/a/b", "/commands/ru%6Fk", "/commands/%3Cb%3E"];
    const masks = ["", "?traceMask=x", "?traceMask=99999999999999999999", "?traceMask=5"];
    const questions = [
      ...[...paths, ...others].flatMap((path) =>
        ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"].map((method) => ({ method, path })),
      ),
      ...[...odd, ...masks.map((mask) => `/commands/set_trace_mask${mask}`)].map((path) => ({ method: "GET", path })),
    ];
    for (const { method, path } of questions) {
      const [real, ours] = await both(path, { method });
      const question = `${method} ${path}`;
      assert.deepEqual([ours.code, ours.headers], [real.code, real.headers], question);
      const isPage = real.headers["content-type"]?.startsWith("text/html") === true;
      if (!isPage) assert.equal(ours.text, real.text, question);
      // A stack trace is not repeated.
      else if (real.code !== 500) assert.equal(ours.text, withoutServlet(real.text), question);
    }
    const [real, ours] = await both("/commands/%zz");
    assert.deepEqual(ours, real);
  });

  test("has no snapshot and no restore, and says so, where ZooKeeper has them", async () => {
    const headers = { authorization: "digest root:x" };
    const snapshot = await both("/commands/snapshot", { headers });
    const restore = await both("/commands/restore", { headers, method: "POST" });
    assert.deepEqual(
      [snapshot, restore].map(([real, ours]) => [real.code, ours.code]),
      [
        [200, 501],
        // There is nothing to restore in an empty request.
        [500, 501],
      ],
    );
  });
});

/** Jetty names its class and itself. */
function withoutServlet(page: string): string {
  return page.replace(/<tr><th>SERVLET:.*\n/, "").replace(/<hr\/><a .*<hr\/>\n/, "");
}

interface Metrics {
  /** By name. */
  readonly types: ReadonlyMap<string, string>;
  /** With their labels. */
  readonly samples: ReadonlySet<string>;
}

function parseMetrics(text: string): Metrics {
  const types = new Map(Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name, type]) => [name!, type!]));
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  // Java's client puts a comma behind the last label.
  const samples = lines.map((line) => line.slice(0, line.lastIndexOf(" ")).replace(",}", "}"));
  return { types, samples: new Set(samples) };
}

describe("the Prometheus provider", { timeout: 60_000 }, () => {
  let sides: Both<Side>;

  before(async () => {
    sides = await Promise.all([startReal(true), startOurs()]);
  });

  after(async () => {
    for (const side of sides) await side.stop();
  });

  async function both(path: string, init: RequestInit = {}): Promise<Both<Page>> {
    return Promise.all([ask(`${sides[0].metrics}${path}`, init), ask(`${sides[1].metrics}${path}`, init)]);
  }

  test("exports the same metrics, of the same types, with the same samples, but for Java's own", async () => {
    const pages = await both("/metrics");
    const [real, ours] = pages.map(({ text }) => parseMetrics(text)) as [Metrics, Metrics];
    // Of the virtual machine there is nothing here, of namespaces no median.
    const isAbsent = (sample: string): boolean => /^jvm_(?!pause)|_per_namespace\{.*quantile=/.test(sample);
    const expected = [...real.types].filter(([name]) => !isAbsent(name));
    assert.deepEqual([...ours.types].sort(), expected.sort());
    const samples = [...real.samples].filter((sample) => !isAbsent(sample));
    assert.deepEqual([...ours.samples].sort(), samples.sort());
    assert.ok(samples.length > 250, String(samples.length));
    assert.equal(pages[1].headers["content-type"], pages[0].headers["content-type"]);
  });

  test("gives the samples that are asked for by name", async () => {
    for (const names of ["znode_count", "znode_count&name[]=readlatency_sum", "none", "readlatency"]) {
      const [real, ours] = (await both(`/metrics?name[]=${names}`)).map(({ text }) => parseMetrics(text));
      assert.deepEqual(ours, real, names);
    }
  });

  test("answers other methods and paths in the same way", async () => {
    for (const path of ["/metrics", "/metrics/", "/foo"]) {
      for (const method of ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH"]) {
        const [real, ours] = await both(path, { method });
        assert.deepEqual([ours.code, ours.headers], [real.code, real.headers], `${method} ${path}`);
      }
    }
  });
});
