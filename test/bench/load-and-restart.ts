import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Measured, median, residentMegabytes } from "./figures.ts";

/** What very much of something costs a server: while it is loaded, in its memory, and when it starts again. */
export interface LoadAndRestart {
  readonly loaded: Measured;
  readonly resident: Resident;
  readonly restartSeconds: number;
  readonly restarted: Resident;
}

type Resident = ReturnType<typeof residentMegabytes>;

interface Server {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Loads a server, looks at its memory, stops it and starts it again on the same data, as often as there are rounds. */
export async function loadAndRestart<Started extends Server>(
  start: (dataDir: string) => Promise<Started>,
  load: (server: Started) => Measured,
  rounds: number,
): Promise<LoadAndRestart> {
  const directory = mkdtempSync(join(tmpdir(), "bench-load-"));
  const dataDir = join(directory, "data");
  try {
    const server = await start(dataDir);
    const loaded = load(server);
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

export interface LoadAndRestartRow {
  readonly what: string;
  readonly unit: string;
  /** Of one server. */
  readonly figure: (of: LoadAndRestart) => number;
  /** Processor time for each request; null where there are none. */
  readonly cpuMicros: ((of: LoadAndRestart) => number) | null;
}

/** The rows of a table: of so many of these, and until that is answered. */
export function loadAndRestartRows(count: number, these: string, that: string): readonly LoadAndRestartRow[] {
  const many = `${count.toLocaleString("en")} ${these}`;
  const row = (what: string, unit: string, figure: LoadAndRestartRow["figure"]): LoadAndRestartRow => {
    return { what, unit, figure, cpuMicros: null };
  };
  return [
    {
      ...row(`load ${many} of 100 bytes`, "s", ({ loaded }) => loaded.seconds),
      cpuMicros: (of) => of.loaded.cpuMicros,
    },
    row("RSS after the load", "MiB", ({ resident }) => resident.all),
    row("  of it not backed by a file", "MiB", ({ resident }) => resident.anonymous),
    row(`restart with ${many}, until ${that}`, "s", ({ restartSeconds }) => restartSeconds),
    row("RSS after the restart", "MiB", ({ restarted }) => restarted.all),
    row("  of it not backed by a file", "MiB", ({ restarted }) => restarted.anonymous),
  ];
}
