import { open } from "lmdb";
import { StorageError } from "./errors.ts";

export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Takes a place on disk for this process. Node has no file locks of its own, but LMDB keeps a table of its readers in
 * which the kernel, not a process id, says who lives: each reader's process holds a lock on one byte of the table's
 * file until it ends, however it ends. So a lock is a small LMDB file of which we are the only reader. It holds across
 * containers that share the directory, and a SIGKILL leaves nothing behind that would block the next start.
 *
 * Two processes that start in the same moment may refuse each other; they never both go on. One process does not lock
 * itself out.
 */
export async function lockFile(path: string): Promise<DirectoryLock> {
  const environment = open({ path, noSubdir: true, overlappingSync: false, noSync: true, maxDbs: 1 });
  try {
    // A read enters us into the table; whoever looks from now on sees us.
    environment.get("");
    environment.readerCheck();
    const others = readerProcesses(environment.readerList()).filter((pid) => pid !== process.pid);
    if (others.length > 0) {
      throw new StorageError(`${path} is held by process ${others.join(", ")}: the data directory is in use`);
    }
  } catch (error) {
    await environment.close();
    throw error;
  }
  return { release: () => environment.close() };
}

/** The table as the binding prints it: a line of titles, then process, thread and transaction of each reader. */
function readerProcesses(list: string): number[] {
  return list
    .split("\n")
    .slice(1)
    .map((line) => Number.parseInt(line.trim(), 10))
    .filter((pid) => !Number.isNaN(pid));
}
