/**
 * The ZooKeeper part of `npm run bench`: ours beside a real ZooKeeper 3.9, driven by raw connections. Both keep their
 * data on the disk that the system's temporary directory is on, and flush it before they answer.
 *
 * Names: zk-OPERATION-1 and zk-OPERATION for getData, exists, setData, create, and zk-createSequential, zk-delete,
 * zk-multi, zk-getChildren, zk-ping, zk-watch, zk-znodes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGoPeer } from "../support/servers.ts";
import { startOurFacade, startZooKeeper39, type ZkServer } from "../support/zk-servers.ts";
import {
  amount,
  cpuText,
  type Measured,
  measure,
  median,
  micros,
  perSecond,
  ratio,
  residentMegabytes,
} from "./figures.ts";

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
  readonly what: string;
  readonly args: readonly string[];
  readonly figure: "perSecond" | "p50Micros";
}

const alone = ["-connections", "1", "-depth", "1"];
const pipelined = ["-connections", "20", "-depth", "50"];

const scenarios: readonly Scenario[] = [
  ...["getData", "exists", "setData", "create"].flatMap((operation): Scenario[] => [
    {
      name: `zk-${operation}-1`,
      what: `${operation}, one at a time, latency p50`,
      args: ["-scenario", operation, ...alone],
      figure: "p50Micros",
    },
    {
      name: `zk-${operation}`,
      what: `${operation}, 20 connections, 50 deep`,
      args: ["-scenario", operation, ...pipelined],
      figure: "perSecond",
    },
  ]),
  ...[
    { operation: "createSequential", what: "sequential create below one parent, 20 x 50" },
    { operation: "delete", what: "delete, 20 x 50" },
    { operation: "multi", what: "multi of check, setData, create, delete, 20 x 50" },
  ].map(({ operation, what }): Scenario => {
    return { name: `zk-${operation}`, what, args: ["-scenario", operation, ...pipelined], figure: "perSecond" };
  }),
  {
    name: "zk-getChildren",
    what: "getChildren of 10,000, 4 connections, 4 deep",
    args: ["-scenario", "getChildren", "-connections", "4", "-depth", "4"],
    figure: "perSecond",
  },
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
    for (const { what, args, figure, name } of chosen) {
      const results = servers.map((): Measured[] => []);
      for (let round = 0; round < bench.rounds; round++) {
        const timed = [...args, "-seconds", String(bench.seconds)];
        servers.forEach((server, i) => results[i]!.push(load(server, timed, `${name}-${round}`)));
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

interface ManyZnodes {
  readonly loaded: Measured;
  readonly resident: { all: number; anonymous: number };
  readonly restartSeconds: number;
  readonly restarted: { all: number; anonymous: number };
}

async function manyZnodes(bench: ZooKeeperBench, print: (row: Row) => void): Promise<void> {
  const ours = await loadAndRestart(startOurs, bench);
  const theirs = await loadAndRestart(startReal, bench);
  const row = (what: string, unit: string, figure: (of: ManyZnodes) => number, cpu: readonly number[] = []): void => {
    const [one, other] = [figure(ours), figure(theirs)];
    print({ what, ours: amount(one, unit), theirs: amount(other, unit), ratio: ratio(one, other), tail: "", cpu });
  };
  const count = bench.znodes.toLocaleString("en");
  const cpu = [ours.loaded.cpuMicros, theirs.loaded.cpuMicros];
  row(`load ${count} znodes of 100 bytes`, "s", ({ loaded }) => loaded.seconds, cpu);
  row("RSS after the load", "MiB", ({ resident }) => resident.all);
  row("  of it not backed by a file", "MiB", ({ resident }) => resident.anonymous);
  row(`restart with ${count} znodes, until srvr`, "s", ({ restartSeconds }) => restartSeconds);
  row("RSS after the restart", "MiB", ({ restarted }) => restarted.all);
  row("  of it not backed by a file", "MiB", ({ restarted }) => restarted.anonymous);
}

/** Loads the znodes, looks at memory, stops the server and starts it again on the same data. */
async function loadAndRestart(start: Start, { rounds, znodes }: ZooKeeperBench): Promise<ManyZnodes> {
  const directory = mkdtempSync(join(tmpdir(), "bench-znodes-"));
  const dataDir = join(directory, "data");
  try {
    const server = await start(dataDir);
    const loaded = load(server, ["-scenario", "load", "-count", String(znodes), ...pipelined], "load");
    const resident = residentMegabytes(server.pid);
    await server.stop();
    const restarts: number[] = [];
    let restarted = resident;
    for (let round = 0; round < rounds; round++) {
      const begun = performance.now();
      const again = await start(dataDir);
      restarts.push((performance.now() - begun) / 1000);
      restarted = residentMegabytes(again.pid);
      await again.stop();
    }
    return { loaded, resident, restartSeconds: median(restarts), restarted };
  } finally {
    rmSync(directory, { recursive: true, force: true });
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
