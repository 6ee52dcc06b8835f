/** Runs `bridgekeeper ctl` within the test, with a terminal made of strings. */
import { PassThrough, Writable } from "node:stream";
import { runCtl } from "../../src/etcd/ctl/main.ts";

export interface CtlRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CtlRunOptions {
  /** All of standard input; absent: it is empty. */
  readonly stdin?: string | Uint8Array | PassThrough;
  readonly env?: Readonly<Record<string, string>>;
  readonly interrupted?: AbortSignal;
  /** Called with all of standard output so far. */
  readonly onOutput?: (stdout: string) => void;
}

export async function ctlRun(argv: readonly string[], options: CtlRunOptions = {}): Promise<CtlRun> {
  const stdout = new Sink(options.onOutput);
  const stderr = new Sink();
  const code = await runCtl(argv, {
    stdin: inputOf(options.stdin),
    stdout,
    stderr,
    env: { PATH: process.env["PATH"] ?? "", ...options.env },
    interrupted: options.interrupted ?? new AbortController().signal,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Characters of the text are bytes. */
class Sink extends Writable {
  text = "";
  readonly #onWrite: ((text: string) => void) | undefined;

  constructor(onWrite?: (text: string) => void) {
    super();
    this.#onWrite = onWrite;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString("latin1");
    this.#onWrite?.(this.text);
    done();
  }
}

function inputOf(stdin: CtlRunOptions["stdin"]): PassThrough {
  if (stdin instanceof PassThrough) return stdin;
  const stream = new PassThrough();
  stream.end(stdin ?? "");
  return stream;
}
