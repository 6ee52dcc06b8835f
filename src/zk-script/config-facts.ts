import { parseProperties, PropertySyntaxError } from "../zk-facade/config/java-properties.ts";

export interface ClientAddress {
  readonly host: string;
  readonly port: string;
  readonly isSecure: boolean;
}

/** What was found, and what the script says on the way. */
export interface ClientSearch {
  readonly client: ClientAddress | null;
  readonly lines: readonly string[];
}

/** Null: there is no such file. */
export type ReadText = (path: string) => string | null;

export function dataDirOf(configText: string): string {
  return valuesOf(configText).get("dataDir") ?? "";
}

/** Where the script's `status` asks: clientPort, or the server's own line, or the secure port. */
export function findClientAddress(configText: string, readText: ReadText): ClientSearch {
  const values = valuesOf(configText);
  const host = values.get("clientPortAddress") ?? "localhost";
  const clientPort = values.get("clientPort") ?? "";
  if (/^\d+$/.test(clientPort)) return { client: { host, port: clientPort, isSecure: false }, lines: [] };

  const lines: string[] = [];
  const ofServer = ownClientAddress(values, readText, lines);
  if (ofServer !== null) {
    const client = { host: ofServer.host ?? host, port: ofServer.port, isSecure: false };
    return { client, lines };
  }
  lines.push("Client port not found. Looking for secureClientPort in the static config.");
  const securePort = values.get("secureClientPort") ?? "";
  if (securePort === "") {
    lines.push("Unable to find either secure or unsecure client port in any configs. Terminating.");
    return { client: null, lines };
  }
  const secureHost = values.get("secureClientPortAddress") ?? "localhost";
  return { client: { host: secureHost, port: securePort, isSecure: true }, lines };
}

/** Behind the semicolon of `server.N`, where N is what `myid` says. */
function ownClientAddress(
  values: ReadonlyMap<string, string>,
  readText: ReadText,
  lines: string[],
): { readonly host: string | null; readonly port: string } | null {
  const myId = (readText(`${values.get("dataDir") ?? ""}/myid`) ?? "").trim();
  if (!/^\d+$/.test(myId)) {
    lines.push("myid could not be determined, will not able to locate clientPort in the server configs.");
    return null;
  }
  const key = `server.${myId}`;
  let address = clientPart(values.get(key));
  if (address === "") {
    lines.push("Client port not found in static config file. Looking in dynamic config file.");
    const dynamic = readText(values.get("dynamicConfigFile") ?? "");
    address = clientPart(dynamic === null ? undefined : valuesOf(dynamic).get(key));
  }
  if (address === "") {
    lines.push("Client port not found in the server configs");
    return null;
  }
  const parts = /^(?:\[([^\]]+)\]:|([^:]*):)?(\d+)$/.exec(address);
  if (parts === null) return null;
  return { host: parts[1] ?? parts[2] ?? null, port: parts[3]! };
}

function clientPart(line: string | undefined): string {
  const semicolon = line?.lastIndexOf(";") ?? -1;
  return semicolon < 0 ? "" : line!.slice(semicolon + 1).trim();
}

/** The last line of a key counts. What Java could not read has no values: the server will say so. */
function valuesOf(text: string): ReadonlyMap<string, string> {
  try {
    return new Map(parseProperties(text).map(({ key, value }) => [key, value.trim()]));
  } catch (error) {
    if (error instanceof PropertySyntaxError) return new Map();
    throw error;
  }
}
