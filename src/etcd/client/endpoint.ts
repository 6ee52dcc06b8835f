/**
 * Where a member listens, as etcd's clients write it:
 *
 *   endpoint := [scheme "://"] host ":" port [path]   scheme := "http" | "https"
 *             | "unix:" path | "unixs:" path
 *
 * Without a scheme the client's own TLS settings decide; with one, the scheme does.
 */
export interface Endpoint {
  /** As the user wrote it. */
  readonly text: string;
  /** What grpc-js connects to. */
  readonly target: string;
  /** The `:authority` of requests. */
  readonly authority: string;
  /** Undefined: the endpoint does not say. */
  readonly secure: boolean | undefined;
}

export function parseEndpoint(text: string): Endpoint {
  const socket = /^(unixs?):(?:\/\/)?(.+)$/.exec(text);
  if (socket) {
    const path = socket[2]!;
    return { text, target: `unix:${path}`, authority: "localhost", secure: socket[1] === "unixs" };
  }
  const scheme = /^(https?):\/\//.exec(text);
  const authority = text.slice(scheme?.[0].length ?? 0).split("/", 1)[0]!;
  if (authority === "") throw new TypeError(`endpoint ${JSON.stringify(text)} has no host`);
  return { text, target: targetOf(authority), authority, secure: scheme ? scheme[1] === "https" : undefined };
}

/** A literal address must not go through the name resolver, which would ask DNS and remember failures for 30 s. */
function targetOf(authority: string): string {
  if (/^\d+\.\d+\.\d+\.\d+:\d+$/.test(authority)) return `ipv4:${authority}`;
  if (/^\[[\da-fA-F:.]+\]:\d+$/.test(authority)) return `ipv6:${authority}`;
  return `dns:${authority}`;
}
