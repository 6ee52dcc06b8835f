/**
 * `check perf`: writes at a steady rate for a minute, from many clients, and says whether the cluster kept up.
 *
 *   load   writes/s   clients        passes: 90 % of the rate, no write over 500 ms, deviation at most 100 ms
 *   s      150        50
 *   m      1000       200
 *   l      8000       500
 *   xl     15000      1000
 */
import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import type { EtcdClient } from "../client/etcd-client.ts";
import { sleep } from "../client/backoff.ts";
import { prefixEnd } from "../client/key-range.ts";
import { newCompactionRequest, newDeleteRangeRequest, newPutRequest, newRangeRequest } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { CtlError, errorText, exitCode, orExit } from "./exit.ts";
import { quoteText } from "./go-quote.ts";
import { ProgressBar } from "./progress-bar.ts";

interface Load {
  readonly writesPerSecond: number;
  readonly clients: number;
}

const loads: Readonly<Record<string, Load>> = {
  s: { writesPerSecond: 150, clients: 50 },
  m: { writesPerSecond: 1_000, clients: 200 },
  l: { writesPerSecond: 8_000, clients: 500 },
  xl: { writesPerSecond: 15_000, clients: 1_000 },
};

const longNames: Readonly<Record<string, string>> = { small: "s", medium: "m", large: "l", xLarge: "xl" };

const KEY_BYTES = 256;
const VALUE_BYTES = 1_024;
const DURATION_SECONDS = 60;
const MAINTENANCE_TIMEOUT_MS = 30_000;

interface PerfFlags {
  readonly load: string;
  readonly prefix: string;
  readonly autoCompact?: true;
  readonly autoDefrag?: true;
}

export function defineCheck(program: Command, ctl: Ctl): void {
  const check = program
    .command("check")
    .description("commands for checking properties of the etcd cluster")
    .usage("<subcommand>");

  check
    .command("perf")
    .description("Check the performance of the etcd cluster")
    .usage("[options]")
    .option("--load <model>", "The workload: s(small), m(medium), l(large), xl(xLarge)", "s")
    .option("--prefix <prefix>", "The prefix for writing the performance check's keys.", "/etcdctl-check-perf/")
    .option("--auto-compact", "Compact storage with last revision after test is finished.")
    .option("--auto-defrag", "Defragment storage after test is finished.")
    .action(async (flags: PerfFlags) => {
      const load = loads[longNames[flags.load] ?? flags.load];
      if (!load) throw new CtlError(exitCode.badFeature, `unknown load option ${flags.load}`);
      await checkPerf(ctl, flags, load);
    });
}

async function checkPerf(ctl: Ctl, flags: PerfFlags, load: Load): Promise<void> {
  const clients = Array.from({ length: load.clients }, () => ctl.connect());
  const [first] = clients as [EtcdClient];
  const prefix = Buffer.from(flags.prefix);
  const range = { key: prefix, rangeEnd: prefixEnd(prefix) };
  const present = await orExit(exitCode.error, first.range(newRangeRequest({ ...range, limit: 1 }), ctl.soon));
  if (present.kvs.length > 0) {
    const advice = `Delete with 'etcdctl del --prefix ${flags.prefix}' first`;
    throw new CtlError(exitCode.invalidInput, `prefix ${quoteText(flags.prefix)} has keys. ${advice}`);
  }

  const bar = new ProgressBar(ctl.io.stderr, DURATION_SECONDS);
  const steady = new SteadyWriter({ clients, prefix, writesPerSecond: load.writesPerSecond });
  const result = await steady.run(DURATION_SECONDS, ctl.io.interrupted, () => bar.add(1));
  bar.finish();

  await cleanUp(ctl, first, range, flags);
  if (ctl.io.interrupted.aborted) throw new CtlError(exitCode.signal, "interrupted");
  if (!judge(ctl, result, load)) {
    ctl.line("FAIL");
    throw new CtlError(exitCode.error, "");
  }
  ctl.line("PASS");
}

async function cleanUp(
  ctl: Ctl,
  client: EtcdClient,
  range: { readonly key: Uint8Array; readonly rangeEnd: Uint8Array },
  flags: PerfFlags,
): Promise<void> {
  const options = { timeoutMs: MAINTENANCE_TIMEOUT_MS };
  try {
    const { header } = await client.deleteRange(newDeleteRangeRequest(range), options);
    if (flags.autoCompact) {
      const revision = header!.revision;
      ctl.line(`Compacting with revision ${revision}`);
      await client.compact(newCompactionRequest({ revision, physical: true }), options);
      ctl.line(`Compacted with revision ${revision}`);
    }
  } catch (error) {
    ctl.line(`FAIL: Cleanup failed during key deletion: ERROR(${errorText(error)})`);
  }
  if (!flags.autoDefrag) return;
  for (const endpoint of ctl.globals.endpoints) {
    ctl.line(`Defragmenting ${quoteText(endpoint)}`);
    await orExit(exitCode.error, ctl.connect([endpoint]).defragment(options));
    ctl.line(`Defragmented ${quoteText(endpoint)}`);
  }
}

function judge(ctl: Ctl, result: PerfResult, load: Load): boolean {
  let ok = true;
  if (result.errors.size > 0) {
    ok = false;
    ctl.line("FAIL: too many errors");
    for (const [text, count] of result.errors) ctl.line(`FAIL: ERROR(${text}) -> ${count}`);
  }
  const rate = Math.floor(result.writesPerSecond) + 1;
  if (result.writesPerSecond / load.writesPerSecond <= 0.9) {
    ok = false;
    ctl.line(`FAIL: Throughput too low: ${rate} writes/s`);
  } else {
    ctl.line(`PASS: Throughput is ${rate} writes/s`);
  }
  if (result.slowestSeconds > 0.5) {
    ok = false;
    ctl.line(`Slowest request took too long: ${result.slowestSeconds.toFixed(6)}s`);
  } else {
    ctl.line(`PASS: Slowest request took ${result.slowestSeconds.toFixed(6)}s`);
  }
  if (result.deviationSeconds > 0.1) {
    ok = false;
    ctl.line(`Stddev too high: ${result.deviationSeconds.toFixed(6)}s`);
  } else {
    ctl.line(`PASS: Stddev is ${result.deviationSeconds.toFixed(6)}s`);
  }
  return ok;
}

export interface PerfResult {
  readonly writesPerSecond: number;
  readonly slowestSeconds: number;
  readonly deviationSeconds: number;
  /** How often each error came. */
  readonly errors: ReadonlyMap<string, number>;
}

/** Writes at a fixed rate. Each client has one write in flight; when all are busy, the rate drops, never a queue grows. */
export class SteadyWriter {
  readonly #idle: EtcdClient[];
  readonly #prefix: Uint8Array;
  readonly #writesPerSecond: number;
  readonly #value = Buffer.alloc(VALUE_BYTES);
  readonly #latencies: number[] = [];
  readonly #errors = new Map<string, number>();
  readonly #inFlight = new Set<Promise<void>>();

  constructor(options: {
    readonly clients: readonly EtcdClient[];
    readonly prefix: Uint8Array;
    readonly writesPerSecond: number;
  }) {
    this.#idle = [...options.clients];
    this.#prefix = options.prefix;
    this.#writesPerSecond = options.writesPerSecond;
  }

  async run(seconds: number, signal: AbortSignal, tick: () => void): Promise<PerfResult> {
    const startMs = performance.now();
    const endMs = startMs + seconds * 1000;
    let ticks = 0;
    let due = 0;
    let lastMs = startMs;
    for (let nowMs = startMs; nowMs < endMs && !signal.aborted; nowMs = performance.now()) {
      // What could not be sent in time is lost, not made up for; a late timer is.
      due = Math.min(due + ((nowMs - lastMs) / 1000) * this.#writesPerSecond, this.#writesPerSecond);
      lastMs = nowMs;
      while (due >= 1 && this.#idle.length > 0) {
        due -= 1;
        this.#start(this.#idle.pop()!);
      }
      if (this.#idle.length === 0) due = Math.min(due, 1);
      for (const passed = Math.floor((nowMs - startMs) / 1000); ticks < passed; ticks++) tick();
      await sleep(1);
    }
    await Promise.all(this.#inFlight);
    for (; ticks < seconds && !signal.aborted; ticks++) tick();
    return this.#result((performance.now() - startMs) / 1000);
  }

  #start(client: EtcdClient): void {
    const key = Buffer.alloc(this.#prefix.length + KEY_BYTES);
    key.set(this.#prefix);
    key.set(randomBytes(9), this.#prefix.length);
    const startMs = performance.now();
    const write = client
      .put(newPutRequest({ key, value: this.#value }))
      .then(
        () => this.#latencies.push((performance.now() - startMs) / 1000),
        (error: unknown) => {
          const text = errorText(error);
          this.#errors.set(text, (this.#errors.get(text) ?? 0) + 1);
        },
      )
      .then(() => {
        this.#idle.push(client);
        this.#inFlight.delete(write);
      });
    this.#inFlight.add(write);
  }

  #result(seconds: number): PerfResult {
    const count = this.#latencies.length;
    const mean = this.#latencies.reduce((sum, latency) => sum + latency, 0) / Math.max(count, 1);
    const variance = this.#latencies.reduce((sum, latency) => sum + (latency - mean) ** 2, 0) / Math.max(count, 1);
    return {
      writesPerSecond: count / seconds,
      slowestSeconds: this.#latencies.reduce((slowest, latency) => Math.max(slowest, latency), 0),
      deviationSeconds: Math.sqrt(variance),
      errors: this.#errors,
    };
  }
}
