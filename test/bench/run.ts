/**
 * `npm run bench`: ours beside a real etcd 3.6 and a bare grpc-js echo server, on one machine in one run. Rounds are
 * interleaved and medians quoted, since the machine's speed drifts; ratios count, absolute figures do not.
 *
 *   npm run bench -- [--rounds N] [--seconds S] [--keys N] [--only NAME,...] [--write]
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildGoPeer, repository, type ServerProcess, startEtcd36, startOurs } from "../support/servers.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    keys: { type: "string", default: "1000000" },
    only: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const rounds = Number(flags.rounds);
const only = flags.only?.split(",");
const wanted = (name: string): boolean => only === undefined || only.includes(name);

interface Measured {
  readonly perSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly seconds: number;
  readonly errors: number;
  readonly exampleError?: string;
}

interface Row {
  readonly what: string;
  readonly ours: string;
  readonly etcd: string;
  readonly ratio: string;
  readonly echo: string;
}

const rows: Row[] = [];

function load(endpoint: string, scenario: string, options: Readonly<Record<string, number>>): Measured {
  const arguments_ = Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)]);
  const line = execFileSync(
    buildGoPeer("loadgen"),
    ["-endpoint", endpoint, "-scenario", scenario, "-seconds", flags.seconds, ...arguments_],
    { encoding: "utf8", maxBuffer: 1 << 26 },
  );
  const measured = JSON.parse(line) as Measured;
  if (measured.errors > 0)
    throw new Error(`${scenario} on ${endpoint}: ${measured.errors} errors, e.g. ${measured.exampleError ?? "?"}`);
  return measured;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const perSecond = (value: number): string => `${Math.round(value).toLocaleString("en")}/s`;
const micros = (value: number): string => `${Math.round(value).toLocaleString("en")} µs`;
const ratio = (ours: number, etcd: number): string => `${(ours / etcd).toFixed(2)}×`;

function print(row: Row): void {
  rows.push(row);
  console.log(
    `${row.what.padEnd(46)} ${row.ours.padStart(18)} ${row.etcd.padStart(18)} ${row.ratio.padStart(8)} ${row.echo.padStart(14)}`,
  );
}

/** Each round measures every server once, so that a slow minute hits all of them. */
function interleaved(
  endpoints: Readonly<Record<"ours" | "etcd" | "echo", string | null>>,
  scenario: string,
  options: Readonly<Record<string, number>>,
): Record<"ours" | "etcd" | "echo", Measured[]> {
  const results: Record<"ours" | "etcd" | "echo", Measured[]> = { ours: [], etcd: [], echo: [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of ["ours", "etcd", "echo"] as const) {
      const endpoint = endpoints[name];
      if (endpoint !== null) results[name].push(load(endpoint, scenario, options));
    }
  }
  return results;
}

interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly scenario: string;
  readonly options: Readonly<Record<string, number>>;
  readonly figure: "perSecond" | "p50Micros";
  readonly echo: boolean;
}

const scenarios: readonly Scenario[] = [
  ...(["put", "range", "range-serializable"] as const).flatMap((scenario): Scenario[] => [
    {
      name: `${scenario}-1`,
      what: `${scenario}, 1 in flight, latency p50`,
      scenario,
      options: { "in-flight": 1, connections: 1 },
      figure: "p50Micros",
      echo: true,
    },
    {
      name: `${scenario}-20`,
      what: `${scenario}, 20 in flight`,
      scenario,
      options: { "in-flight": 20, connections: 4 },
      figure: "perSecond",
      echo: true,
    },
    {
      name: `${scenario}-1000`,
      what: `${scenario}, 1000 in flight`,
      scenario,
      options: { "in-flight": 1000, connections: 20 },
      figure: "perSecond",
      echo: true,
    },
  ]),
  {
    name: "txn",
    what: "txn mix (half compare-and-put, half get), 100",
    scenario: "txn",
    options: { "in-flight": 100, connections: 10 },
    figure: "perSecond",
    echo: false,
  },
  {
    name: "watch",
    what: "watch fan-out, 1 writer, 1000 watchers, events",
    scenario: "watch",
    options: { watchers: 1000, connections: 10 },
    figure: "perSecond",
    echo: false,
  },
  {
    name: "keepalive",
    what: "lease keep-alives, 1000 leases, 10 streams",
    scenario: "keepalive",
    options: { "in-flight": 1000, connections: 10 },
    figure: "perSecond",
    echo: false,
  },
];

async function startEcho(): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", join(repository, "test/bench/echo-server.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: repository,
  });
  const port = await new Promise<string>((resolve) =>
    child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim())),
  );
  return { child, endpoint: `127.0.0.1:${port}` };
}

async function throughGrpc(): Promise<void> {
  const ours = await startOurs();
  const etcd = await startEtcd36();
  const echo = await startEcho();
  try {
    for (const { name, what, scenario, options, figure, echo: withEcho } of scenarios) {
      if (!wanted(name)) continue;
      const echoEndpoint = withEcho ? echo.endpoint : null;
      const results = interleaved({ ours: ours.endpoint, etcd: etcd.endpoint, echo: echoEndpoint }, scenario, options);
      const [mine, theirs] = [results.ours, results.etcd].map((runs) => median(runs.map((run) => run[figure])));
      const show = figure === "perSecond" ? perSecond : micros;
      const bare = withEcho ? show(median(results.echo.map((run) => run[figure]))) : "";
      print({ what, ours: show(mine!), etcd: show(theirs!), ratio: ratio(mine!, theirs!), echo: bare });
    }
  } finally {
    echo.child.kill("SIGTERM");
    await Promise.all([ours.stop(), etcd.stop()]);
  }
}

/** The member in process, durable, without any transport: the same requests, 1000 under way. */
function engineAlone(): void {
  const line = execFileSync(
    process.execPath,
    ["--import", "tsx", join(repository, "test/bench/engine.ts"), flags.seconds],
    { encoding: "utf8", cwd: repository },
  );
  const { putPerSecond, rangePerSecond } = JSON.parse(line) as { putPerSecond: number; rangePerSecond: number };
  print({
    what: "engine alone, durable put, 1000 in flight",
    ours: perSecond(putPerSecond),
    etcd: "",
    ratio: "",
    echo: "",
  });
  print({ what: "engine alone, linearizable range", ours: perSecond(rangePerSecond), etcd: "", ratio: "", echo: "" });
}

function residentMegabytes(server: ServerProcess): number {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Loads N keys, looks at memory, stops the server and starts it again on the same data. */
async function manyKeys(): Promise<void> {
  const figures: Record<string, { load: number; rss: number; restart: number; restartedRss: number }> = {};
  for (const start of [startOurs, startEtcd36]) {
    const dataDir = execFileSync("mktemp", ["-d"], { encoding: "utf8" }).trim();
    const server = await start({ dataDir: join(dataDir, "data") });
    const loaded = load(server.endpoint, "load", { keys: Number(flags.keys), "in-flight": 1000, connections: 20 });
    const rss = residentMegabytes(server);
    await server.stop();
    const begun = performance.now();
    const again = await start({ dataDir: join(dataDir, "data") });
    const restart = (performance.now() - begun) / 1000;
    const restartedRss = residentMegabytes(again);
    await again.stop();
    execFileSync("rm", ["-rf", dataDir]);
    figures[server.name === "ours" ? "ours" : "etcd"] = { load: loaded.seconds, rss, restart, restartedRss };
  }
  const { ours, etcd } = figures as Record<"ours" | "etcd", (typeof figures)[string]>;
  const row = (what: string, unit: string, mine: number, theirs: number): void =>
    print({
      what,
      ours: `${mine.toFixed(1)} ${unit}`,
      etcd: `${theirs.toFixed(1)} ${unit}`,
      ratio: ratio(mine, theirs),
      echo: "",
    });
  const count = Number(flags.keys).toLocaleString("en");
  row(`load ${count} keys of 100 bytes`, "s", ours.load, etcd.load);
  row(`RSS with ${count} keys, after the load`, "MiB", ours.rss, etcd.rss);
  row(`restart with ${count} keys, until /health`, "s", ours.restart, etcd.restart);
  row(`RSS with ${count} keys, after the restart`, "MiB", ours.restartedRss, etcd.restartedRss);
}

function markdown(): string {
  const table = rows.map(({ what, ours, etcd, ratio: r, echo }) => `| ${what} | ${ours} | ${etcd} | ${r} | ${echo} |`);
  const cpu = cpus()[0]?.model.trim() ?? "unknown processor";
  return [
    `Conditions: ${cpus().length} processors (${cpu}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux, Node ${process.version};`,
    `etcd 3.6 built from its Go module; server and driver share the machine; medians of ${rounds} interleaved rounds of`,
    `${flags.seconds} s each. The echo column is a bare grpc-js server that answers with constant bytes.`,
    "",
    "| what | ours | etcd 3.6 | ours / etcd | bare grpc-js |",
    "|---|---:|---:|---:|---:|",
    ...table,
    "",
  ].join("\n");
}

console.log(
  `${"".padEnd(46)} ${"ours".padStart(18)} ${"etcd 3.6".padStart(18)} ${"ratio".padStart(8)} ${"grpc-js echo".padStart(14)}`,
);
if (wanted("grpc") || only !== undefined) await throughGrpc();
if (wanted("engine")) engineAlone();
if (wanted("keys")) await manyKeys();
if (flags.write) {
  const file = join(repository, "docs/benchmarks.md");
  const text = readFileSync(file, "utf8");
  const marked = /(<!-- table -->\n)[\s\S]*?(<!-- end of table -->)/;
  writeFileSync(
    file,
    text.replace(marked, (_all, head: string, tail: string) => `${head}${markdown()}${tail}`),
  );
}
