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

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array | string));
  return Buffer.concat(chunks);
}

/** Lines without their ends, each character one byte. A last line without an end is not a line. */
export async function* readLines(stream: Readable): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const chunk of stream) {
    const text = rest + Buffer.from(chunk as Uint8Array | string).toString("latin1");
    const lines = text.split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
