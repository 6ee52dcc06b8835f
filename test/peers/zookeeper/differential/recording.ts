import { ConnectionEnded, ZkClient } from "../../../support/zk-client.ts";
import {
  type ConnectFields,
  type ConnectReply,
  decodeReplyBody,
  encodeRequestBody,
  type OpName,
  operations,
  type WatchEvent,
} from "../../../support/zk-records.ts";
import type { Request } from "./scenario.ts";

/** What came on one connection, in its order. `step` is that of the request, for events that of the reply before. */
export type Entry =
  /** Null: closed without a word. */
  | { readonly kind: "connected"; readonly step: number; readonly reply: ConnectReply | null }
  | Answer
  | { readonly kind: "event"; readonly step: number; readonly event: WatchEvent }
  | { readonly kind: "ended"; readonly step: number; readonly how: string };

export interface Answer {
  readonly kind: "reply";
  readonly step: number;
  readonly request: Request;
  readonly xid: number;
  readonly zxid: number;
  readonly err: number;
  /** Null when there is none. Text when it is not what the request calls for: its bytes, as hex. */
  readonly body: object | string | null;
}

/** Something is wrong with a server that does not answer in this time. */
const replyWithinMs = 8000;
/** A connection that is open for longer, when it was due to be closed, is said to stay open. */
const endWithinMs = 1500;

/** One connection to a server, and a record of all that comes on it. */
export class Recording {
  readonly slot: number;
  /** Null until it came, and when the server closed without a word. */
  connected: ConnectReply | null = null;
  readonly #client: ZkClient;
  readonly #answers: Answer[] = [];
  readonly #openedIn: number;
  #wasDropped = false;

  private constructor(slot: number, step: number, client: ZkClient) {
    this.slot = slot;
    this.#openedIn = step;
    this.#client = client;
  }

  static async open(port: number, slot: number, step: number): Promise<Recording> {
    return new Recording(slot, step, await ZkClient.open({ port }, { replyWithinMs }));
  }

  get isOpen(): boolean {
    return !this.#client.isClosed;
  }

  /** Established: the server took the session. */
  get hasSession(): boolean {
    return this.connected !== null && this.connected.timeoutMs > 0;
  }

  get lastZxidSeen(): number {
    return this.#client.lastZxidSeen;
  }

  /** With requests right behind the connect request. */
  async handshake(fields: ConnectFields, requests: readonly Request[], step: number): Promise<void> {
    const answered = this.#client.handshake(fields);
    const sent = requests.map((request) => this.#request(request, step));
    this.connected = await answered;
    if (!this.hasSession) return this.#client.closed;
    await Promise.all(sent);
  }

  /** Resolves when each was answered, or the connection is gone. */
  async send(requests: readonly Request[], step: number): Promise<readonly Answer[]> {
    const answers = await Promise.all(requests.map((request) => this.#request(request, step)));
    return answers.filter((answer) => answer !== null);
  }

  /** All events so far have come. */
  async settle(step: number): Promise<void> {
    if (this.isOpen) await this.#request({ op: "ping", fields: {} }, step);
  }

  /** For when a server is due to close the connection, which it may do a little later. */
  async awaitEnd(step: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, endWithinMs)));
    await Promise.race([this.#client.closed, patience]);
    clearTimeout(timer);
    await this.settle(step);
  }

  write(bytes: Uint8Array): void {
    this.#client.write(bytes);
  }

  drop(): void {
    if (!this.isOpen) return;
    this.#wasDropped = true;
    this.#client.drop();
  }

  async entries(): Promise<Entry[]> {
    const entries: Entry[] = [{ kind: "connected", step: this.#openedIn, reply: this.connected }];
    let answered = 0;
    let step = this.#openedIn;
    for (const arrival of this.#client.arrivals) {
      if (arrival.kind === "event") entries.push({ kind: "event", step, event: arrival.event });
      else {
        const answer = this.#answers[answered++];
        // A reply whose frame was whole is an answer, unless the connection broke in the middle of the same chunk.
        if (answer === undefined) break;
        entries.push(answer);
        step = answer.step;
      }
    }
    const how = await this.#howItEnded();
    if (how !== null) entries.push({ kind: "ended", step, how });
    return entries;
  }

  async #howItEnded(): Promise<string | null> {
    if (this.isOpen) return null;
    if (this.#wasDropped) return "dropped";
    const reason = await this.#client.call("ping", {}).then(
      () => new Error("open after its end"),
      (error: unknown) => error,
    );
    return reason instanceof ConnectionEnded ? "closed by the server" : String(reason);
  }

  async #request(request: Request, step: number): Promise<Answer | null> {
    const { opCode, body } = encode(request);
    try {
      const { xid, zxid, err, raw } = await this.#client.request(opCode, body, { xid: request.xid });
      const answer: Answer = { kind: "reply", step, request, xid, zxid, err, body: decode(request, err, raw) };
      this.#answers.push(answer);
      return answer;
    } catch {
      return null;
    }
  }
}

function encode(request: Request): { opCode: number; body: Buffer } {
  if (request.op === "raw") return { opCode: request.opCode, body: Buffer.from(request.hex, "hex") };
  const whole = encodeRequestBody<OpName>(request.op, request.fields);
  const { cut = 0 } = request;
  const body = cut < 0 ? Buffer.concat([whole, Buffer.alloc(-cut, 0x5a)]) : whole.subarray(0, whole.length - cut);
  return { opCode: operations[request.op].opCode, body: cut > whole.length ? Buffer.alloc(0) : body };
}

function decode(request: Request, err: number, raw: Buffer): object | string | null {
  if (raw.length === 0 && err !== 0) return null;
  if (err !== 0 || request.op === "raw") return raw.toString("hex");
  try {
    return decodeReplyBody<OpName>(request.op, raw);
  } catch {
    return raw.toString("hex");
  }
}
