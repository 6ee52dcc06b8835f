/** The watches as ZooKeeper's four-letter words print them; what they print is the data index alone. */
import type { WatchCounts } from "./watch-index.ts";

/** A connection by its session's id: 0x and unsigned hex, without padding. */
export function sessionText(sessionId: bigint): string {
  return `0x${BigInt.asUintN(64, sessionId).toString(16)}`;
}

/** wchs: how many connections watch how many paths. */
export function watchSummary(counts: WatchCounts): string {
  const { connections, paths, watches } = counts;
  return `${connections} connections watching ${paths} paths\nTotal watches:${watches}\n`;
}

/** wchc: what each connection watches. */
export function watchesByConnection<W>(
  table: Iterable<{ readonly watcher: W; readonly paths: Iterable<string> }>,
  sessionIdOf: (watcher: W) => bigint,
): string {
  const lines: string[] = [];
  for (const { watcher, paths } of table) {
    lines.push(sessionText(sessionIdOf(watcher)));
    for (const path of paths) lines.push(`\t${path}`);
  }
  return closed(lines);
}

/** wchp: who watches each path. */
export function watchesByPath<W>(
  table: Iterable<{ readonly path: string; readonly watchers: readonly W[] }>,
  sessionIdOf: (watcher: W) => bigint,
): string {
  const lines: string[] = [];
  for (const { path, watchers } of table) {
    lines.push(path);
    for (const watcher of watchers) lines.push(`\t${sessionText(sessionIdOf(watcher))}`);
  }
  return closed(lines);
}

/** Each line ends, and an empty one ends the answer. */
function closed(lines: string[]): string {
  lines.push("", "");
  return lines.join("\n");
}
