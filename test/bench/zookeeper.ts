/**
 * The ZooKeeper part of `npm run bench`: ours beside a real ZooKeeper 3.9, driven by raw connections. Both keep their
 * data on the disk that the system's temporary directory is on, and flush it before they answer.
 *
 * Names: zk-OPERATION-1 and zk-OPERATION for getData, exists, setData, create, createSequential, delete, multi and
 * getChildren, and zk-ping, zk-watch, zk-znodes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGoPeer } from "../support/servers.ts";
import { startOurFacade, startZooKeeper39, type ZkServer } from "../support/zk-servers.ts";
import { amount, cpuText, type Measured, measure, median, micros, perSecond, ratio } from "./figures.ts";
import { type LoadAndRestart, loadAndRestart, loadAndRestartRows } from "./load-and-restart.ts";

export interface ZooKeeperBench {
  readonly rounds: number;
  readonly seconds: number;
  /** For the memory and the start of a server that holds many. */
  readonly znodes: number;
  /** Says of a name whether it is to be measured. */
  readonly wanted: (name: string) => boolean;
}

type Start = (dataDir: string) => Promise<ZkServer>;

const startOurs: Start = (dataDir) => startOurFacade({ dataDir, flags: ["--zk-max-client-cnxns=0"] });

/** With the flags that zkServer.sh gives it, and nothing eased. */
const startReal: Start = (dataDir) =>
  startZooKeeper39({ dataDir, java: ["-Xmx1000m"], properties: { "zookeeper.forceSync": "yes" } });

interface Scenario {
  readonly name: string;
  /** Another scenario, with the same arguments: what it does comes before, and does not count. */
  readonly before?: string;
  readonly what: string;
  readonly args: readonly string[];
  readonly figure: "perSecond" | "p50Micros";
}

const alone = ["-connections", "1", "-depth", "1"];
const pipelined = ["-connections", "20", "-depth", "50"];
/** Of what is long itself. */
const few = ["-connections", "4", "-depth", "4"];

/** What is measured one at a time, for the latency, and with as much under way as fits. */
const operations: readonly {
  readonly operation: string;
  readonly before?: string;
  readonly what: string;
  readonly crowd: string;
  readonly args: readonly string[];
}[] = [
  { operation: "getData", what: "getData", crowd: "20 connections, 50 deep", args: pipelined },
  { operation: "exists", what: "exists", crowd: "20 connections, 50 deep", args: pipelined },
  { operation: "setData", what: "setData", crowd: "20 connections, 50 deep", args: pipelined },
  { operation: "create", what: "create", crowd: "20 connections, 50 deep", args: pipelined },
  { operation: "createSequential", what: "sequential create", crowd: "20 x 50 below one parent", args: pipelined },
  { operation: "delete", before: "fill", what: "delete", crowd: "20 x 50", args: pipelined },
  { operation: "multi", what: "multi of four", crowd: "20 x 50: check, set, create, delete", args: pipelined },
  { operation: "getChildren", what: "getChildren of 10,000", crowd: "4 connections, 4 deep", args: few },
];

const scenarios: readonly Scenario[] = [
  ...operations.flatMap(({ operation, what, crowd, args, ...before }): Scenario[] => [
    {
      name: `zk-${operation}-1`,
      ...before,
      what: `${what}, one at a time, latency p50`,
      args: ["-scenario", operation, ...alone],
      figure: "p50Micros",
    },
    {
      name: `zk-${operation}`,
      ...before,
      what: `${what}, ${crowd}`,
      args: ["-scenario", operation, ...args],
      figure: "perSecond",
    },
  ]),
  {
    name: "zk-ping",
    what: "pings of 10,000 idle sessions",
    args: ["-scenario", "ping", "-connections", "10000"],
    figure: "perSecond",
  },
  {
    name: "zk-watch",
    what: "watch fan-out, 1 writer, 1000 watchers, events",
    args: ["-scenario", "watch", "-connections", "1000"],
    figure: "perSecond",
  },
];

interface Row {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: string;
  readonly tail: string;
  /** Ours, ZooKeeper's. */
  readonly cpu: readonly number[];
}

/** Measures what is wanted, prints it, and returns it as a table for the documentation; empty if nothing was wanted. */
export async function benchZooKeeper(bench: ZooKeeperBench): Promise<string> {
  const chosen = scenarios.filter(({ name }) => bench.wanted(name));
  const rows: Row[] = [];
  const print = (row: Row): void => {
    if (rows.push(row) === 1)
      console.log(line("", "ours", "ZooKeeper 3.9", "ratio", "p99 of each", ["CPU µs of each"]));
    console.log(line(row.what, row.ours, row.theirs, row.ratio, row.tail, cpuText(row.cpu)));
  };
  if (chosen.length > 0) await compare(chosen, bench, print);
  if (bench.wanted("zk-znodes")) await manyZnodes(bench, print);
  return rows.length === 0 ? "" : markdown(rows);
}

function line(what: string, ours: string, theirs: string, r: string, tail: string, cpu: readonly string[]): string {
  const columns = [what.padEnd(50), ours.padStart(14), theirs.padStart(14), r.padStart(7), tail.padStart(22)];
  return `${columns.join(" ")}   ${cpu.map((text) => text.padStart(5)).join(" ")}`;
}

function load(server: ZkServer, args: readonly string[], run: string): Measured {
  const target = { endpoint: `${server.host}:${server.port}`, pid: server.pid };
  return measure(buildGoPeer("zkload"), target, [...args, "-run", run]);
}

/** Each round measures both servers once, so that a slow minute hits both. */
async function compare(chosen: readonly Scenario[], bench: ZooKeeperBench, print: (row: Row) => void): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "bench-zk-"));
  const servers: ZkServer[] = [];
  try {
    servers.push(await startOurs(join(directory, "ours")), await startReal(join(directory, "zookeeper")));
    // Reads are to find something.
    for (const server of servers) load(server, ["-scenario", "prepare"], "prepare");
    // Either server compiles what it has run often.
    for (const operation of ["getData", "setData", "create"]) {
      for (const server of servers) load(server, ["-scenario", operation, "-seconds", "2", ...pipelined], "warm-up");
    }
    for (const { what, args, figure, name, before } of chosen) {
      const results = servers.map((): Measured[] => []);
      for (let round = 0; round < bench.rounds; round++) {
        const timed = [...args, "-seconds", String(bench.seconds)];
        for (const [i, server] of servers.entries()) {
          const run = `${name}-${round}`;
          if (before !== undefined) load(server, [...args, "-scenario", before], run);
          results[i]!.push(load(server, timed, run));
        }
      }
      const of = (field: "perSecond" | "p50Micros" | "p99Micros" | "cpuMicros"): number[] =>
        results.map((runs) => median(runs.map((run) => run[field])));
      const show = figure === "perSecond" ? perSecond : micros;
      const [mine, theirs] = of(figure) as [number, number];
      const tail = of("p99Micros").map(micros).join(" / ");
      print({ what, ours: show(mine), theirs: show(theirs), ratio: ratio(mine, theirs), tail, cpu: of("cpuMicros") });
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(directory, { recursive: true, force: true });
  }
}

async function manyZnodes(bench: ZooKeeperBench, print: (row: Row) => void): Promise<void> {
  const args = ["-scenario", "load", "-count", String(bench.znodes), ...pipelined];
  const of = (start: Start): Promise<LoadAndRestart> =>
    loadAndRestart(start, (server) => load(server, args, "load"), bench.rounds);
  const both = [await of(startOurs), await of(startReal)];
  for (const { what, unit, figure, cpuMicros } of loadAndRestartRows(bench.znodes, "znodes", "srvr")) {
    const [ours, theirs] = both.map(figure) as [number, number];
    const cpu = cpuMicros === null ? [] : both.map(cpuMicros);
    print({ what, ours: amount(ours, unit), theirs: amount(theirs, unit), ratio: ratio(ours, theirs), tail: "", cpu });
  }
}

function markdown(rows: readonly Row[]): string {
  const cells = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;
  return [
    cells(["what", "ours", "ZooKeeper 3.9", "ours / ZooKeeper", "p99: ours / ZooKeeper", "CPU µs: ours / ZooKeeper"]),
    "|---|---:|---:|---:|---:|---:|",
    ...rows.map(({ what, ours, theirs, ratio: r, tail, cpu }) =>
      cells([what.trim(), ours, theirs, r, tail, cpuText(cpu).join(" / ")]),
    ),
    "",
  ].join("\n");
}
