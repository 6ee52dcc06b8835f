import { connect, createServer, type Server, type Socket } from "node:net";

/** A door on the loopback that passes bytes to a server, and can break everything that goes through it. */
export class TcpCutter {
  readonly #server: Server;
  readonly #pairs = new Set<Socket>();
  #isShut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async before(port: number, host = "127.0.0.1"): Promise<TcpCutter> {
    const server = createServer({ allowHalfOpen: true });
    const cutter = new TcpCutter(server);
    server.on("connection", (client) => {
      if (cutter.#isShut) client.destroy();
      else cutter.#join(client, connect({ port, host, allowHalfOpen: true }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return cutter;
  }

  /** HOST:PORT to be used instead of the server's own. */
  get endpoint(): string {
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Breaks every connection on both ends. New ones may come at once. */
  cut(): void {
    // Not by a reset: of a socket that is being shut down, Node 20 never sees the end of that, and cannot exit.
    for (const socket of this.#pairs) socket.destroy();
  }

  /** Cuts, and lets nobody in until `reopen`. */
  shut(): void {
    this.#isShut = true;
    this.cut();
  }

  reopen(): void {
    this.#isShut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#pairs.add(one);
      one.setNoDelay(true);
      one.pipe(other);
      // What ends one half of the way badly ends the other as well.
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#pairs.delete(one);
        other.destroy();
      });
    }
  }
}
