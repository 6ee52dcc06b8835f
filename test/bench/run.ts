/**
 * `npm run bench`: ours beside a real etcd 3.6 and a bare grpc-js echo server, then beside a real ZooKeeper, on one
 * machine in one run. Rounds are interleaved and medians quoted, since the machine's speed drifts; ratios count, absolute
 * figures do not. Beside each figure stands the processor time that the server took for one request, which a busy machine
 * disturbs least.
 *
 *   npm run bench -- [--rounds N] [--seconds S] [--keys N] [--only NAME,...] [--write]
 *
 * Names: put-1, put-20, put-1000, range-..., range-serializable-..., list, txn, watch, keepalive, engine, keys, and those
 * of zookeeper.ts. `--write` puts the tables that were measured into docs/benchmarks.md.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildGoPeer, repository, startEtcd36, startOurs } from "../support/servers.ts";
import { amount, cpuText, type Measured, measure, median, micros, perSecond, ratio, type Target } from "./figures.ts";
import { type LoadAndRestart, loadAndRestart, loadAndRestartRows } from "./load-and-restart.ts";
import { benchZooKeeper } from "./zookeeper.ts";

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

interface Row {
  readonly what: string;
  readonly ours: string;
  readonly etcd?: string;
  readonly ratio?: string;
  readonly echo?: string;
  readonly echoRatio?: string;
  /** Ours, etcd's, the echo server's. */
  readonly cpu?: readonly number[];
}

const rows: Row[] = [];

function load(target: Target, scenario: string, options: Readonly<Record<string, number>>): Measured {
  const values = Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)]);
  return measure(buildGoPeer("loadgen"), target, ["-scenario", scenario, "-seconds", flags.seconds, ...values]);
}

function print(row: Row): void {
  rows.push(row);
  const { what, ours, etcd = "", ratio: r = "", echo = "", echoRatio = "", cpu = [] } = row;
  console.log(
    `${what.padEnd(46)} ${ours.padStart(14)} ${etcd.padStart(14)} ${r.padStart(7)} ${echo.padStart(14)} ` +
      `${echoRatio.padStart(7)}   ${cpuText(cpu)
        .map((text) => text.padStart(5))
        .join(" ")}`,
  );
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
    name: "list",
    what: "ranges of 100 keys, 100 in flight",
    scenario: "list",
    options: { "in-flight": 100, connections: 10 },
    figure: "perSecond",
    echo: false,
  },
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
const keySpace = 10_000;

async function startEcho(): Promise<{ child: ChildProcess } & Target> {
  const child = spawn(process.execPath, ["--import", "tsx", join(repository, "test/bench/echo-server.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: repository,
  });
  const port = await new Promise<string>((resolve) =>
    child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim())),
  );
  return { child, endpoint: `127.0.0.1:${port}`, pid: child.pid! };
}

/** Each round measures every server once, so that a slow minute hits all of them. */
async function throughGrpc(chosen: readonly Scenario[]): Promise<void> {
  const ours = await startOurs();
  const etcd = await startEtcd36();
  const echo = await startEcho();
  try {
    // Reads are to find something.
    for (const server of [ours, etcd]) load(server, "load", { keys: keySpace, "in-flight": 100, connections: 4 });
    for (const { what, scenario, options, figure, echo: withEcho } of chosen) {
      const targets: readonly Target[] = withEcho ? [ours, etcd, echo] : [ours, etcd];
      const results = targets.map((): Measured[] => []);
      for (let round = 0; round < rounds; round++) {
        targets.forEach((target, i) => results[i]!.push(load(target, scenario, { ...options, keys: keySpace })));
      }
      const figures = results.map((runs) => median(runs.map((run) => run[figure])));
      const cpu = results.map((runs) => median(runs.map((run) => run.cpuMicros)));
      const show = figure === "perSecond" ? perSecond : micros;
      const [mine, theirs, bare] = figures as [number, number, number?];
      print({
        what,
        ours: show(mine),
        etcd: show(theirs),
        ratio: ratio(mine, theirs),
        ...(bare === undefined ? {} : { echo: show(bare), echoRatio: ratio(mine, bare) }),
        cpu,
      });
    }
  } finally {
    echo.child.kill("SIGTERM");
    await Promise.all([ours.stop(), etcd.stop()]);
  }
}

interface EngineFigures {
  readonly putPerSecond: number;
  readonly putCpuMicros: number;
  readonly rangePerSecond: number;
  readonly rangeCpuMicros: number;
}

/** The member in process, durable, without any transport, beside what etcd reaches through gRPC in the same rounds. */
async function engineAlone(): Promise<void> {
  const runs: EngineFigures[] = [];
  const puts: Measured[] = [];
  const ranges: Measured[] = [];
  const etcd = await startEtcd36();
  try {
    load(etcd, "load", { keys: keySpace, "in-flight": 100, connections: 4 });
    const options = { "in-flight": 1000, connections: 20, keys: keySpace };
    for (let round = 0; round < rounds; round++) {
      const line = execFileSync(
        process.execPath,
        ["--import", "tsx", join(repository, "test/bench/engine.ts"), flags.seconds],
        { encoding: "utf8", cwd: repository },
      );
      runs.push(JSON.parse(line) as EngineFigures);
      puts.push(load(etcd, "put", options));
      ranges.push(load(etcd, "range", options));
    }
  } finally {
    await etcd.stop();
  }
  const row = (what: string, figure: "put" | "range", theirs: readonly Measured[]): void => {
    const mine = median(runs.map((run) => run[`${figure}PerSecond`]));
    const etcds = median(theirs.map((run) => run.perSecond));
    const cpu = [median(runs.map((run) => run[`${figure}CpuMicros`])), median(theirs.map((run) => run.cpuMicros))];
    print({ what, ours: perSecond(mine), etcd: perSecond(etcds), ratio: ratio(mine, etcds), cpu });
  };
  row("engine alone, durable put, 1000 in flight", "put", puts);
  row("engine alone, linearizable range", "range", ranges);
}

async function manyKeys(): Promise<void> {
  const options = { keys: Number(flags.keys), "in-flight": 1000, connections: 20 };
  const of = (start: typeof startOurs): Promise<LoadAndRestart> =>
    loadAndRestart(
      (dataDir) => start({ dataDir }),
      (server) => load(server, "load", options),
      rounds,
    );
  const both = [await of(startOurs), await of(startEtcd36)];
  for (const { what, unit, figure, cpuMicros } of loadAndRestartRows(options.keys, "keys", "/health")) {
    const [ours, etcd] = both.map(figure) as [number, number];
    const cpu = cpuMicros === null ? {} : { cpu: both.map(cpuMicros) };
    print({ what, ours: amount(ours, unit), etcd: amount(etcd, unit), ratio: ratio(ours, etcd), ...cpu });
  }
}

function markdown(loadAtStart: number): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const table = rows.map(({ what, ours, etcd = "", ratio: r = "", echo = "", echoRatio = "", cpu = [] }) =>
    line([what.trim(), ours, etcd, r, echo, echoRatio, cpuText(cpu).join(" / ")]),
  );
  return [
    conditions(loadAtStart),
    line(["what", "ours", "etcd 3.6", "ours / etcd", "bare grpc-js", "ours / bare", "CPU µs: ours / etcd / bare"]),
    "|---|---:|---:|---:|---:|---:|---:|",
    ...table,
    "",
  ].join("\n");
}

/** What the figures below it were measured on. */
function conditions(loadAtStart: number): string {
  const cpu = cpus()[0]?.model.trim() ?? "unknown processor";
  return [
    `${availableParallelism()} processors (${cpu}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux, Node ${process.version};`,
    `load of the machine when the run began ${loadAtStart.toFixed(1)}, when it ended ${loadavg()[0]!.toFixed(1)};`,
    `medians of ${rounds} interleaved rounds of ${flags.seconds} s each.`,
    "",
  ].join("\n");
}

const loadAtStart = loadavg()[0]!;
const chosen = scenarios.filter(({ name }) => wanted(name));
const withEtcd = chosen.length > 0 || wanted("engine") || wanted("keys");
if (withEtcd)
  console.log(
    `${"".padEnd(46)} ${"ours".padStart(14)} ${"etcd 3.6".padStart(14)} ${"ratio".padStart(7)} ` +
      `${"grpc-js echo".padStart(14)} ${"ratio".padStart(7)}   CPU µs of each: ours, etcd, echo`,
  );
if (chosen.length > 0) await throughGrpc(chosen);
if (wanted("engine")) await engineAlone();
if (wanted("keys")) await manyKeys();
const zooKeeper = await benchZooKeeper({
  rounds,
  seconds: Number(flags.seconds),
  znodes: Number(flags.keys),
  wanted,
});
if (flags.write) {
  const file = join(repository, "docs/benchmarks.md");
  let text = readFileSync(file, "utf8");
  if (rows.length > 0) text = replaceTable(text, "table", markdown(loadAtStart));
  if (zooKeeper !== "") text = replaceTable(text, "ZooKeeper table", `${conditions(loadAtStart)}\n${zooKeeper}`);
  writeFileSync(file, text);
}

/** Puts a table between its two marks. */
function replaceTable(text: string, mark: string, table: string): string {
  const marked = new RegExp(`(<!-- ${mark} -->\n)[^]*?(<!-- end of ${mark} -->)`);
  if (!marked.test(text)) throw new Error(`docs/benchmarks.md has no mark for the ${mark}`);
  return text.replace(marked, (_all, head: string, tail: string) => `${head}${table}${tail}`);
}
