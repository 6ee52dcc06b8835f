/** The world of a ctl command, handed in, so that a test can be its terminal. */
import type { Readable, Writable } from "node:stream";

export interface CtlIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the user wants the command to stop: SIGINT, SIGTERM. */
  readonly interrupted: AbortSignal;
}

/** The process's own. A second signal ends the process at once, as if nobody listened. */
export function processIo(): CtlIo {
  const interrupt = new AbortController();
  const stop = (signal: NodeJS.Signals): void => interrupt.abort(new Error(`received ${signal}`));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    interrupted: interrupt.signal,
  };
}

/** Resolves when everything written so far has left. */
export function flush(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

/** All that comes until the end, or until the user interrupts. */
export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of chunksOf(stream)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Lines without their ends, each character one byte. A last line without an end is not a line. */
export async function* readLines(stream: Readable): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const chunk of chunksOf(stream)) {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** A stream that is destroyed, as an interrupt does it, has just ended. */
async function* chunksOf(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of stream) yield Buffer.from(chunk as Uint8Array | string);
  } catch (error) {
    if (!stream.destroyed) throw error;
  }
}
