import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../../src/etcd/base/random.ts";
import { freePorts, type ServerProcess, startOurs } from "../support/servers.ts";

/** Some clients of a server that is killed again and again, and what they know of it. */
export interface Workload {
  /** Flags of the server. */
  readonly flags: readonly string[];
  /** The kill comes at any moment up to then. */
  readonly workMsMax: number;
  /** On the new server, before the first kill. */
  prepare(server: ServerProcess): Promise<void>;
  work(server: RunningServer): Work;
  /** On the server that was started again; throws if something is lost. */
  verify(server: ServerProcess): Promise<void>;
  /** On the last server: checks of the whole run. */
  finish(server: ServerProcess): Promise<void>;
  /** What was done so far, for people. */
  progress(): string;
}

export interface Work {
  /** Resolves when the server may be killed. */
  readonly hasBegun: Promise<unknown>;
  /** Resolves when all clients have noticed that the server is gone. */
  readonly hasEnded: Promise<unknown>;
}

/** A server between a start and a kill. */
export interface RunningServer {
  readonly process: ServerProcess;
  /** How many kills there will have been after the one that is near. */
  readonly kill: number;
  /** True from just before the kill: what fails then fails because of it. */
  readonly isKilled: boolean;
  /** Before the process was started, by `performance.now`. */
  readonly startedMs: number;
}

// Small numbers, so that commits, snapshots and truncation of the log fall between the kills, too.
const STORE_FLAGS = [
  ...["--snapshot-count", "500", "--backend-batch-interval", "20ms", "--snapshot-catchup-entries", "100"],
];

const WORK_MS_MIN = 30;

/** Kills the server at random moments of the work and starts it again on the same data and port, so many times. */
export async function killRepeatedly(kills: number, random: Random, workload: Workload): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "crash-"));
  const [clientPort] = await freePorts(1);
  const flags = [...STORE_FLAGS, ...workload.flags];
  let startedMs = 0;
  const start = (): Promise<ServerProcess> => {
    startedMs = performance.now();
    return startOurs({ dataDir: join(root, "data"), clientPort: clientPort!, flags });
  };
  let process = await start();
  try {
    await workload.prepare(process);
    for (let kill = 1; kill <= kills; kill++) {
      const running = { process, kill, isKilled: false, startedMs };
      const { hasBegun, hasEnded } = workload.work(running);
      // A client that finds a fault ends the run at once, not after the kill.
      await Promise.race([hasBegun, neverUnlessRejected(hasEnded)]);
      await Promise.race([
        sleep(WORK_MS_MIN + random.below(workload.workMsMax - WORK_MS_MIN)),
        neverUnlessRejected(hasEnded),
      ]);
      running.isKilled = true;
      await process.kill();
      await hasEnded;
      process = await start();
      await workload.verify(process);
      if (kill % 10 === 0) console.log(`${kill} kills, ${workload.progress()}`);
    }
    await workload.finish(process);
    assertNoErrors(process.logFile);
  } catch (error) {
    await process.kill();
    console.log(`data and log are kept in ${root}`);
    throw error;
  }
  await process.stop();
  rmSync(root, { recursive: true, force: true });
}

/** A server that was killed has nothing to report when it is back. */
function assertNoErrors(logFile: string): void {
  const errors = readFileSync(logFile, "utf8")
    .split("\n")
    .filter((line) => /"level":"(error|fatal|panic|dpanic)"/.test(line));
  assert.deepEqual(errors.slice(0, 3), [], `${errors.length} errors in the log, such as these`);
}

function neverUnlessRejected(promise: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => void promise.catch(reject));
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
