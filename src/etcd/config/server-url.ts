/**
 * A URL that a member listens on or advertises: `http://10.0.0.1:2379`, `https://[::1]:2380`, `unix://run/etcd.sock`.
 * It is kept as it was written, because etcd derives member ids from the very text; WHATWG's URL would rewrite it
 * (`:80` dropped, hosts lower-cased).
 */
export interface ServerUrl {
  /** Scheme in lower case, the rest as written. */
  readonly text: string;
  readonly scheme: "http" | "https" | "unix" | "unixs";
  /** Without brackets; empty for a socket file. */
  readonly host: string;
  /** 0 lets the system choose; 0 also for a socket file. */
  readonly port: number;
  /** The socket file of unix:// and unixs://, relative to the working directory unless it starts with a slash. */
  readonly socketPath: string | null;
}

/** A text that is no such URL. The message is etcd's. */
export class ServerUrlError extends Error {
  override readonly name = "ServerUrlError";
}

/** Comma-separated URLs, sorted and without doubles, as etcd keeps them. Throws {@link ServerUrlError}. */
export function parseServerUrls(text: string): ServerUrl[] {
  const byText = new Map<string, ServerUrl>();
  for (const part of text.split(",")) {
    const url = parseServerUrl(part.trim());
    byText.set(url.text, url);
  }
  return [...byText.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}

export function parseServerUrl(text: string): ServerUrl {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/.exec(text);
  const scheme = match?.[1]?.toLowerCase();
  const [authority = "", rest = ""] = match?.slice(2) ?? [];
  switch (scheme) {
    case "http":
    case "https": {
      const address = splitHostPort(authority);
      if (address === null) throw new ServerUrlError(`URL address does not have the form "host:port": ${text}`);
      if (rest !== "") throw new ServerUrlError(`URL must not contain a path: ${text}`);
      return { text: `${scheme}://${authority}`, scheme, ...address, socketPath: null };
    }
    case "unix":
    case "unixs":
      return { text: `${scheme}://${authority}${rest}`, scheme, host: "", port: 0, socketPath: authority + rest };
    default:
      throw new ServerUrlError(`URL scheme must be http, https, unix, or unixs: ${text}`);
  }
}

/** `localhost:2379`, `[::1]:2379`. Null when the port is missing or out of range, or an IPv6 host has no brackets. */
export function splitHostPort(authority: string): { host: string; port: number } | null {
  const match = /^(?:\[([^[\]]*)\]|([^[\]:]*)):(\d{1,5})$/.exec(authority);
  if (match === null) return null;
  const port = Number(match[3]);
  return port > 65535 ? null : { host: match[1] ?? match[2] ?? "", port };
}

export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
