import { FacadeConfigError } from "./config-error.ts";

/** One `server.N` line of a zoo.cfg. */
export interface EnsembleServer {
  readonly id: number;
  readonly addresses: readonly EnsembleAddress[];
  readonly role: "participant" | "observer";
  /** Where its clients connect; null when the line does not say. */
  readonly client: { readonly host: string | null; readonly port: number } | null;
}

export interface EnsembleAddress {
  readonly host: string;
  readonly quorumPort: number;
  /** Null: only a server that stands alone can do without. */
  readonly electionPort: number | null;
}

/**
 * The value of `server.N`:
 *
 *   server  := address ("|" address)* [":" role] [";" [client-address ":"] client-port]
 *   address := host ":" quorum-port [":" election-port]       host may be an IPv6 address in brackets
 *   role    := "participant" | "observer"
 *
 * Throws {@link FacadeConfigError}; the caller knows the line.
 */
export function parseEnsembleServer(id: number, text: string): EnsembleServer {
  const [peers = "", client, ...more] = text.split(";");
  if (more.length > 0) throw new FacadeConfigError(`${text} has more than one client address`);
  const withRole = /^(.*):(participant|observer)$/i.exec(peers.trim());
  const addresses = (withRole?.[1] ?? peers).split("|").map((address) => parseAddress(address.trim(), text));
  return {
    id,
    addresses,
    role: withRole?.[2]?.toLowerCase() === "observer" ? "observer" : "participant",
    client: client === undefined ? null : parseClient(client.trim(), text),
  };
}

function parseAddress(address: string, text: string): EnsembleAddress {
  const parts = /^(\[[^\]]+\]|[^:[\]]+):(\d+)(?::(\d+))?(?::(.*))?$/.exec(address);
  if (parts === null) {
    throw new FacadeConfigError(`${text} does not have the form host:port or host:port:port or host:port:port:type`);
  }
  const [, host = "", quorum = "", election, role] = parts;
  if (role !== undefined) throw new FacadeConfigError(`Unrecognised peertype: ${role}`);
  return {
    host: host.replace(/^\[|\]$/g, ""),
    quorumPort: parsePort(quorum, text),
    electionPort: election === undefined ? null : parsePort(election, text),
  };
}

function parseClient(client: string, text: string): NonNullable<EnsembleServer["client"]> {
  const parts = /^(?:(\[[^\]]+\]|[^:[\]]+):)?(\d+)$/.exec(client);
  if (parts === null) throw new FacadeConfigError(`${text} does not end in ;port or ;host:port`);
  const [, host, port = ""] = parts;
  return { host: host?.replace(/^\[|\]$/g, "") ?? null, port: parsePort(port, text) };
}

function parsePort(port: string, text: string): number {
  if (Number(port) > 65_535) throw new FacadeConfigError(`${text}: ${port} is no port`);
  return Number(port);
}
