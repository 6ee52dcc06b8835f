/**
 * One gRPC channel per endpoint, and the choice between them: round robin over those that are connected.
 *
 *   a, b ready, c broken:   next() → a, b, a, b …      c reconnects by itself, with growing waits
 *
 * A channel per endpoint instead of one channel over many: each endpoint keeps its own scheme and state, and the choice
 * is ours, so that a call knows whether a connection stood when it was sent.
 */
import { Client, connectivityState, credentials, type ChannelCredentials, type ClientOptions } from "@grpc/grpc-js";
import { grpcCode } from "../rpc/status.ts";
import { parseEndpoint, type Endpoint } from "./endpoint.ts";
import { reasonOf } from "./backoff.ts";
import { deadlineError, TransportError } from "./transport-error.ts";

export interface TlsOptions {
  /** PEM of the authorities to trust; absent: the system's. */
  readonly ca?: Buffer;
  /** PEM of the client's certificate and key. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Accepts any server certificate. For tests only. */
  readonly insecureSkipVerify?: boolean;
}

export interface ConnectionsOptions {
  /** `host:port`, `http://host:port`, `https://host:port`, `unix:path`. At least one. */
  readonly endpoints: readonly string[];
  /** Present: endpoints without a scheme speak TLS. */
  readonly tls?: TlsOptions;
  /** Pings on a connection with calls in flight. */
  readonly keepAliveTimeMs: number;
  readonly keepAliveTimeoutMs: number;
  /** The largest request, in bytes. Infinity: the servers judge. */
  readonly requestBytesMax: number;
}

/** grpc-go's floor, and etcd's servers end connections that ping more often than every 5 s. */
const KEEP_ALIVE_TIME_MIN_MS = 10_000;

/** The longest that Node's timers wait: 24 days. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export class Connections {
  readonly #all: readonly Connection[];
  readonly #waiting = new Set<() => void>();
  #turn = 0;
  #closed = false;

  constructor(options: ConnectionsOptions) {
    if (options.endpoints.length === 0) throw new TypeError("no endpoint given");
    const wake = (): void => {
      for (const retry of [...this.#waiting]) retry();
    };
    this.#all = options.endpoints.map((text) => new Connection(parseEndpoint(text), options, wake));
  }

  get size(): number {
    return this.#all.length;
  }

  /** The next connected endpoint, or undefined if none is; then all are told to connect. */
  next(): Connection | undefined {
    const { length } = this.#all;
    for (let last = this.#turn + length; this.#turn < last;) {
      const connection = this.#all[this.#turn++ % length]!;
      if (connection.ready) return connection;
      connection.connect();
    }
    return undefined;
  }

  /** Waits for a connected endpoint: until `deadlineMs` (epoch milliseconds) or the signal. */
  ready(deadlineMs: number, signal?: AbortSignal): Promise<Connection> {
    if (this.#closed) return Promise.reject(closedError());
    const now = this.next();
    if (now) return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(retry);
        signal?.removeEventListener("abort", abort);
        settle();
      };
      const retry = (): void => {
        if (this.#closed) {
          finish(() => reject(closedError()));
          return;
        }
        const connection = this.next();
        if (connection) finish(() => resolve(connection));
      };
      const abort = (): void => finish(() => reject(reasonOf(signal!)));
      // grpc-js lets the process go while it waits to connect again, so this timer also keeps it alive.
      const timer = setTimeout(
        () => finish(() => reject(deadlineError(this.#lastFailure()))),
        Math.max(0, Math.min(deadlineMs - Date.now(), TIMER_MAX_MS)),
      );
      this.#waiting.add(retry);
      signal?.addEventListener("abort", abort, { once: true });
      if (signal?.aborted) abort();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const connection of this.#all) connection.close();
    for (const retry of [...this.#waiting]) retry();
  }

  /** For the error's cause: which endpoints were tried in vain. */
  #lastFailure(): Error {
    return new Error(`no connection to ${this.#all.map((connection) => connection.endpoint.text).join(", ")}`);
  }
}

/** One endpoint's channel and what is known of its state. */
export class Connection {
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly #changed: () => void;
  #state: connectivityState;
  #closed = false;

  constructor(endpoint: Endpoint, options: ConnectionsOptions, changed: () => void) {
    this.endpoint = endpoint;
    this.#changed = changed;
    this.client = new Client(endpoint.target, credentialsOf(endpoint, options.tls), channelOptions(endpoint, options));
    this.#state = this.#read(false);
    this.#watch();
  }

  get ready(): boolean {
    return this.#state === connectivityState.READY;
  }

  /** An idle channel connects only when told; a failed one comes back by itself. */
  connect(): void {
    if (this.#state === connectivityState.IDLE) this.#state = this.#read(true);
  }

  close(): void {
    this.#closed = true;
    this.#state = connectivityState.SHUTDOWN;
    this.client.close();
  }

  #read(connect: boolean): connectivityState {
    return this.client.getChannel().getConnectivityState(connect);
  }

  #watch(): void {
    this.client.getChannel().watchConnectivityState(this.#state, Infinity, () => {
      if (this.#closed) return;
      this.#state = this.#read(false);
      this.#watch();
      this.#changed();
    });
  }
}

function credentialsOf(endpoint: Endpoint, tls: TlsOptions | undefined): ChannelCredentials {
  if (!(endpoint.secure ?? tls !== undefined)) return credentials.createInsecure();
  return credentials.createSsl(tls?.ca ?? null, tls?.key ?? null, tls?.cert ?? null, {
    rejectUnauthorized: tls?.insecureSkipVerify !== true,
  });
}

function channelOptions(endpoint: Endpoint, options: ConnectionsOptions): ClientOptions {
  return {
    "grpc.default_authority": endpoint.authority,
    "grpc.keepalive_time_ms": Math.max(options.keepAliveTimeMs, KEEP_ALIVE_TIME_MIN_MS),
    "grpc.keepalive_timeout_ms": options.keepAliveTimeoutMs,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 3_000,
    "grpc.max_send_message_length": Number.isFinite(options.requestBytesMax) ? options.requestBytesMax : -1,
    "grpc.max_receive_message_length": -1,
    // Each client has its own sockets, and closing it closes them.
    "grpc.use_local_subchannel_pool": 1,
    // A store is reached directly. An http_proxy meant for the web would swallow even loopback addresses.
    "grpc.enable_http_proxy": 0,
    // Retries are this client's business; see retry.ts.
    "grpc.enable_retries": 0,
    "grpc.service_config_disable_resolution": 1,
  };
}

function closedError(): TransportError {
  return new TransportError(grpcCode.canceled, "grpc: the client connection is closing");
}
