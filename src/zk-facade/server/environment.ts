import os from "node:os";
import { dirname } from "node:path";
import { getHeapStatistics } from "node:v8";

const MEBIBYTE = 1024 * 1024;

/**
 * What `envi` prints, in its order. The names are Java's, because tools look for them; what stands behind them is Node's
 * where there is something like it, and `<NA>` elsewhere.
 */
export function environment(version: string): readonly (readonly [name: string, value: string])[] {
  const heap = getHeapStatistics();
  const memory = (bytes: number): string => `${Math.floor(bytes / MEBIBYTE)}MB`;
  return [
    ["zookeeper.version", version],
    ["host.name", os.hostname()],
    ["java.version", process.versions.node],
    ["java.vendor", "Node.js"],
    ["java.home", dirname(process.execPath)],
    ["java.class.path", process.argv[1] ?? "<NA>"],
    ["java.library.path", process.env["LD_LIBRARY_PATH"] ?? "<NA>"],
    ["java.io.tmpdir", os.tmpdir()],
    ["java.compiler", "<NA>"],
    ["os.name", os.type()],
    ["os.arch", architecture()],
    ["os.version", os.release()],
    ["user.name", userName()],
    ["user.home", os.homedir()],
    ["user.dir", process.cwd()],
    ["os.memory.free", memory(heap.total_heap_size - heap.used_heap_size)],
    ["os.memory.max", memory(heap.heap_size_limit)],
    ["os.memory.total", memory(heap.total_heap_size)],
  ];
}

/** As Java calls it. */
function architecture(): string {
  const names: Readonly<Record<string, string>> = { x64: "amd64", arm64: "aarch64", ia32: "x86" };
  return names[process.arch] ?? process.arch;
}

/** A container may run as a user that nobody has named. */
function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return "?";
  }
}
