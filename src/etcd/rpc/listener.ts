/**
 * One TCP port for two protocols. Each connection's first bytes decide who gets it, and the socket is handed on with
 * those bytes put back: nothing is proxied, nothing is lost.
 *
 *   accept --> first bytes --> HTTP/2 preface: gRPC
 *                          +-> a method:       HTTP/1.1
 *                          +-> anything else:  closed
 */
import net from "node:net";
import { classifyFirstBytes } from "./first-bytes.ts";

/** Who takes the connections of a listener. Null: what such a client says is not understood here. */
export interface Doors {
  readonly http2: ((socket: net.Socket) => void) | null;
  readonly http1: ((socket: net.Socket) => void) | null;
}

export interface ListenOptions {
  /** A connection that has not said by then what it wants is closed. */
  readonly firstBytesTimeoutMs: number;
}

/** Finds out about a client that vanished, as Go's listener does. */
const TCP_KEEP_ALIVE_MS = 30_000;

/** Another port is tried this often if the one that IPv4 got from the system is taken on IPv6. */
const PORT_ATTEMPTS = 10;

/** What listens for one URL: two sockets if its host is `localhost`. */
export class Listener {
  /** Where it listens: `127.0.0.1:2379`, `[::1]:2379`, or the path of a Unix socket. */
  readonly addresses: readonly string[];
  /** 0 for a Unix socket. */
  readonly port: number;
  readonly #servers: readonly net.Server[];
  readonly #undecided: Set<net.Socket>;

  /** `url`: `http://HOST:PORT` or `unix://PATH`. Rejects when it cannot be listened on. */
  static async open(url: string, doors: Doors, options: ListenOptions): Promise<Listener> {
    const undecided = new Set<net.Socket>();
    const newServer = (): net.Server =>
      net.createServer(
        // HTTP/1 clients may close their side when they have asked.
        { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS },
        (socket) => decide(socket, undecided, doors, options),
      );
    return new Listener(await bind(parseListenUrl(url), newServer), undecided);
  }

  private constructor(servers: readonly net.Server[], undecided: Set<net.Socket>) {
    this.#servers = servers;
    this.#undecided = undecided;
    this.addresses = servers.map((server) => {
      const address = server.address();
      if (address === null || typeof address === "string") return address ?? "";
      return address.family === "IPv6" ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
    });
    const address = servers[0]?.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Takes no more connections. Those that were handed on are their new owners'. */
  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#undecided) socket.destroy();
  }
}

type Place = { readonly path: string } | { readonly host: string; readonly port: number };

export function parseListenUrl(url: string): Place {
  const unix = /^unix:\/\/(.+)$/.exec(url);
  if (unix) return { path: unix[1]! };
  const match = /^http:\/\/(?:\[([^\]]*)\]|([^:/[\]]*)):(\d+)\/?$/.exec(url);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new Error(`cannot listen on ${url}: not http://HOST:PORT or unix://PATH`);
  return { host: match[1] ?? match[2] ?? "", port };
}

async function bind(place: Place, newServer: () => net.Server): Promise<net.Server[]> {
  if ("path" in place) return [await listen(newServer(), { path: place.path })];
  if (place.host !== "localhost") {
    return [await listen(newServer(), place.host === "" ? { port: place.port } : place)];
  }
  return bindLocalhost(place.port, newServer);
}

/** Both loopback addresses, on the same port. A machine may lack one of them. */
async function bindLocalhost(port: number, newServer: () => net.Server): Promise<net.Server[]> {
  for (let attempt = 1; ; attempt++) {
    const v4 = await listen(newServer(), { host: "127.0.0.1", port }).catch(absent);
    const address = v4?.address();
    const chosen = typeof address === "object" && address !== null ? address.port : port;
    try {
      const v6 = await listen(newServer(), { host: "::1", port: chosen, ipv6Only: true }).catch(absent);
      const servers = [v4, v6].filter((server) => server !== null);
      if (servers.length === 0) throw new Error("this machine has no loopback address");
      return servers;
    } catch (error) {
      v4?.close();
      if (port !== 0 || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function absent(error: unknown): null {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT" || code === "EINVAL") return null;
  throw error;
}

function listen(server: net.Server, options: net.ListenOptions): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      // Accepting may fail for a while (no file descriptors left). Those who are connected go on.
      server.on("error", () => undefined);
      resolve(server);
    });
  });
}

function decide(socket: net.Socket, undecided: Set<net.Socket>, doors: Doors, options: ListenOptions): void {
  let seen: Buffer | null = null;
  const timer = setTimeout(() => socket.destroy(), options.firstBytesTimeoutMs).unref();

  const forget = (): void => {
    clearTimeout(timer);
    undecided.delete(socket);
    socket.off("data", look).off("end", giveUp).off("error", giveUp).off("close", forget);
  };
  const giveUp = (): void => {
    socket.destroy();
  };
  const look = (chunk: Buffer): void => {
    seen = seen === null ? chunk : Buffer.concat([seen, chunk]);
    const kind = classifyFirstBytes(seen);
    if (kind === "more") return;
    const door = kind === "neither" ? null : doors[kind];
    if (door === null) {
      giveUp();
      return;
    }
    forget();
    socket.pause();
    socket.unshift(seen);
    // An HTTP/2 connection ends as a whole.
    if (kind === "http2") socket.allowHalfOpen = false;
    door(socket);
    if (kind === "http1") socket.resume();
  };
  undecided.add(socket);
  socket.on("data", look).on("end", giveUp).on("error", giveUp).on("close", forget);
}
