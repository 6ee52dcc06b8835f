/** What a command works with: its world, its flags, a client, and a way to print. Made once per run. */
import { EtcdClient } from "../client/etcd-client.ts";
import type { ClientCallOptions } from "../client/caller.ts";
import { badArguments } from "./exit.ts";
import type { Globals } from "./globals.ts";
import type { CtlIo } from "./io.ts";
import { printerOf, type Answer } from "./printer.ts";

export class Ctl {
  readonly io: CtlIo;
  readonly #clients: EtcdClient[] = [];
  #globals: Globals | undefined;

  constructor(io: CtlIo) {
    this.io = io;
  }

  /** Before the command runs. */
  configure(globals: Globals): void {
    this.#globals = globals;
  }

  get globals(): Globals {
    return this.#globals!;
  }

  /** For calls that should be over soon. */
  get soon(): ClientCallOptions {
    return { timeoutMs: this.globals.commandTimeoutMs, signal: this.io.interrupted };
  }

  /** For calls that take as long as they take. */
  get patiently(): ClientCallOptions {
    return { signal: this.io.interrupted };
  }

  /** A client of all endpoints, or of those given; closed when the command is over. */
  connect(endpoints: readonly string[] = this.globals.endpoints): EtcdClient {
    const { keepAliveTimeMs, keepAliveTimeoutMs, requestBytesMax, tls } = this.globals;
    let client: EtcdClient;
    try {
      client = new EtcdClient({
        endpoints,
        keepAliveTimeMs,
        keepAliveTimeoutMs,
        requestBytesMax,
        watchRequiresLeader: true,
        ...(tls && { tls }),
      });
    } catch (error) {
      throw error instanceof TypeError ? badArguments(error.message) : error;
    }
    this.#clients.push(client);
    return client;
  }

  print(answer: Answer, options: { readonly valuesOnly?: boolean } = {}): void {
    const out: Uint8Array[] = [];
    const err: string[] = [];
    printerOf(this.globals.format)(
      answer,
      { hex: this.globals.hex, valuesOnly: options.valuesOnly ?? false },
      {
        out: (chunk) => out.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk),
        err: (chunk) => err.push(chunk),
      },
    );
    if (out.length > 0) this.io.stdout.write(Buffer.concat(out));
    if (err.length > 0) this.io.stderr.write(err.join(""));
  }

  line(text: string): void {
    this.io.stdout.write(`${text}\n`);
  }

  warn(text: string): void {
    this.io.stderr.write(`${text}\n`);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}
