import { readdirSync, readFileSync } from "node:fs";

export interface ProcessMetric {
  readonly type: "gauge" | "counter";
  readonly name: string;
  readonly value: number;
}

/** What Prometheus' client for Java exports of the process, as far as the system tells. Of a virtual machine there is nothing. */
export function processMetrics(): readonly ProcessMetric[] {
  const { user, system } = process.cpuUsage();
  const gauges: Readonly<Record<string, number | null>> = {
    process_start_time_seconds: performance.timeOrigin / 1000,
    process_open_fds: unlessUnknown(() => readdirSync("/proc/self/fd").length),
    process_max_fds: unlessUnknown(() => firstNumber("/proc/self/limits", /^Max open files\s+(\d+)/m)),
    process_virtual_memory_bytes: unlessUnknown(() => 1024 * firstNumber("/proc/self/status", /^VmSize:\s+(\d+)/m)),
    process_resident_memory_bytes: process.memoryUsage.rss(),
  };
  return [
    { type: "counter", name: "process_cpu_seconds_total", value: (user + system) / 1e6 },
    ...Object.entries(gauges).flatMap(([name, value]) =>
      value === null ? [] : [{ type: "gauge" as const, name, value }],
    ),
  ];
}

/** Null where there is no /proc. */
function unlessUnknown(read: () => number): number | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function firstNumber(file: string, pattern: RegExp): number {
  const found = pattern.exec(readFileSync(file, "latin1"))?.[1];
  if (found === undefined) throw new Error(`${file} has no such line`);
  return Number(found);
}
