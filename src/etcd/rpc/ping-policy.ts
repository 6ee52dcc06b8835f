/** Strikes that a client may collect. One more and it is sent away. */
const STRIKES_MAX = 2;
/** How often a client may ping that has no stream open. */
const IDLE_PING_MIN_MS = 2 * 60 * 60 * 1000;

/**
 * What grpc-go's server does against clients that ping too often: a ping sooner than allowed is a strike, and anything
 * the server sends to the client wipes the strikes out. A client that only pings has no business here.
 */
export class PingPolicy {
  readonly #pingMinMs: number;
  #lastPingMs = Number.NEGATIVE_INFINITY;
  #strikes = 0;
  #isForgiven = false;

  constructor(pingMinMs: number) {
    this.#pingMinMs = pingMinMs;
  }

  /** The server sends headers or data on this connection. */
  forgive(): void {
    this.#isForgiven = true;
  }

  /** False: too many pings, end the connection. */
  allowsPing(nowMs: number, openStreams: number): boolean {
    const sinceLastMs = nowMs - this.#lastPingMs;
    this.#lastPingMs = nowMs;
    if (this.#isForgiven) {
      this.#isForgiven = false;
      this.#strikes = 0;
      return true;
    }
    if (sinceLastMs < (openStreams === 0 ? IDLE_PING_MIN_MS : this.#pingMinMs)) this.#strikes++;
    return this.#strikes <= STRIKES_MAX;
  }
}
