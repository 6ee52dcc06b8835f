import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a load generator in Go says of one run, with what the server took for it. */
export interface Measured {
  readonly perSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly seconds: number;
  readonly operations: number;
  /** With the warm-up. */
  readonly total: number;
  readonly errors: number;
  readonly exampleError?: string;
  /** The server's, user and system, for each request. */
  readonly cpuMicros: number;
}

/** What is measured: something with a client door, and a process whose time can be looked up. */
export interface Target {
  readonly endpoint: string;
  readonly pid: number;
}

/** Runs a load generator on a server to its end. Errors of single requests fail the run: a refusal is quick. */
export function measure(generator: string, target: Target, args: readonly string[]): Measured {
  const before = cpuMicros(target.pid);
  const line = execFileSync(generator, ["-endpoint", target.endpoint, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const measured = JSON.parse(line) as Measured;
  if (measured.errors > 0) {
    const what = `${args.join(" ")} on ${target.endpoint}`;
    throw new Error(`${what}: ${measured.errors} errors, e.g. ${measured.exampleError ?? "?"}`);
  }
  return { ...measured, cpuMicros: (cpuMicros(target.pid) - before) / measured.total };
}

/** The kernel counts processor time in these: USER_HZ, 100 on every Linux that Node runs on. */
const tickMicros = 10_000;

/** Processor time that a process has taken so far, user and system, all threads. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The command's name, in parentheses, may hold anything; fields are counted from behind it, the state being the third.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[14 - 3]) + Number(fields[15 - 3])) * tickMicros;
}

/** Resident memory, and the part of it that is no mapped file: files can be dropped, the rest cannot. */
export function residentMegabytes(pid: number): { all: number; anonymous: number } {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { all: field("VmRSS"), anonymous: field("RssAnon") };
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
export const perSecond = (value: number): string => `${Math.round(value).toLocaleString("en")}/s`;
export const micros = (value: number): string => `${Math.round(value).toLocaleString("en")} µs`;
export const ratio = (one: number, other: number): string => `${(one / other).toFixed(2)}×`;
export const cpuText = (values: readonly number[]): string[] =>
  values.map((value) => value.toFixed(value < 10 ? 1 : 0));
export const amount = (value: number, unit: string): string => `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`;
