/** Who may ask from a browser: host names and origins. */
import type { IncomingHttpHeaders } from "node:http";

export interface AccessOptions {
  /** Origins that may, or `*`. */
  readonly cors: readonly string[];
  /** Names under which the server may be addressed, or `*`. */
  readonly hostWhitelist: readonly string[];
}

/** The headers that let the page's script read the answer. Null: it may not. */
export function corsHeaders(options: AccessOptions, origin: string | undefined): Record<string, string> | null {
  const allowed = options.cors.includes("*") ? "*" : options.cors.includes(origin ?? "") ? origin : undefined;
  if (allowed === undefined) return null;
  return {
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS, PUT, DELETE",
    "Access-Control-Allow-Origin": allowed,
    "Access-Control-Allow-Headers": "accept, content-type, authorization",
  };
}

/** What to tell a client that used a name which is not on the list. Null: it is, or every name is. */
export function refusalOfHost(options: AccessOptions, headers: IncomingHttpHeaders): string | null {
  if (options.hostWhitelist.length === 0 || options.hostWhitelist.includes("*")) return null;
  const host = hostName(headers.host ?? "");
  if (options.hostWhitelist.includes(host)) return null;
  return [
    `The server does not go by the name ${JSON.stringify(host)} of this request's Host header.`,
    "",
    "If it should, either",
    `- start it with the name on its list: --host-whitelist ${JSON.stringify(host)}, or`,
    "- use https, where the certificate proves the name.",
    "",
    "Unknown names are refused because of DNS rebinding (CVE-2018-5702).",
  ].join("\n");
}

/** Without the port, and without the brackets of an IPv6 address. */
function hostName(host: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(host)?.[1] ?? host.replace(/:\d+$/, "");
}
