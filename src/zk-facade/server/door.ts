import { lookup } from "node:dns/promises";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface DoorAddress {
  /** A name stands for all its addresses: `localhost` for 127.0.0.1 and ::1. */
  readonly host: string;
  /** 0: any that is free, the same for all addresses. */
  readonly port: number;
  /** Connections that wait to be accepted; -1: the system's default. */
  readonly backlog: number;
}

/** A listening TCP port, on every address of its host. */
export class Door {
  readonly #servers: readonly Server[];

  private constructor(servers: readonly Server[]) {
    this.#servers = servers;
  }

  /** Nobody is let in before `admit` is called: what comes earlier waits in the system's queue or is sent away. */
  static async open(address: DoorAddress, admit: (socket: Socket) => void): Promise<Door> {
    const hosts = await addressesOf(address.host);
    const servers: Server[] = [];
    let { port } = address;
    try {
      for (const host of hosts) {
        const server = await listen({ ...address, host, port }, admit).catch((error: unknown) => {
          // A machine without IPv6 has the name but not the address.
          if (servers.length > 0 && isNoAddress(error)) return null;
          throw error;
        });
        if (server === null) continue;
        servers.push(server);
        port = (server.address() as AddressInfo).port;
      }
    } catch (error) {
      for (const server of servers) server.close();
      throw error;
    }
    return new Door(servers);
  }

  get port(): number {
    return (this.#servers[0]!.address() as AddressInfo).port;
  }

  /** `127.0.0.1:2181`, `[::1]:2181`. */
  get addresses(): string[] {
    return this.#servers.map((server) => {
      const { address, port } = server.address() as AddressInfo;
      return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    });
  }

  /** Takes no more connections; those that are open stay. */
  close(): void {
    for (const server of this.#servers) server.close();
  }
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  // IPv4 first: it is the address that a port 0 is chosen on, and what most clients try.
  return [...new Set(found.sort((a, b) => a.family - b.family).map(({ address }) => address))];
}

function listen(address: DoorAddress, admit: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    // A client may close its half and still wait for the answer to a four-letter word.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, admit);
    server.once("error", reject);
    const { host, port, backlog } = address;
    server.listen({ host, port, ...(backlog > 0 ? { backlog } : {}), ipv6Only: host !== "::" }, () => {
      server.off("error", reject);
      // Accepting can fail when files run out; the connection is lost then, the server is not.
      server.on("error", () => undefined);
      resolve(server);
    });
  });
}

function isNoAddress(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT");
}
