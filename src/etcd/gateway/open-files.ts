import { readdirSync, readFileSync } from "node:fs";

/** How many files the process has open; 0 where the system does not tell. */
export function openFileCount(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** How many it may have open; 0 where the system does not tell. */
export function openFileLimit(): number {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
