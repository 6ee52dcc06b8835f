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
  const url = /^(?:(https?):\/\/)?([^/]+)/.exec(text);
  if (!url) throw new TypeError(`endpoint ${JSON.stringify(text)} has no host`);
  const authority = url[2]!;
  return {
    text,
    target: targetOf(authority),
    authority,
    secure: url[1] === undefined ? undefined : url[1] === "https",
  };
}

/** A literal address must not go through the name resolver, which would ask DNS and remember failures for 30 s. */
function targetOf(authority: string): string {
  if (/^\d+\.\d+\.\d+\.\d+:\d+$/.test(authority)) return `ipv4:${authority}`;
  if (/^\[[\da-fA-F:.]+\]:\d+$/.test(authority)) return `ipv6:${authority}`;
  return `dns:${authority}`;
}
