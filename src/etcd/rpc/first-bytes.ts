/** Who a connection without TLS is for, told by its first bytes. `more`: they do not tell yet. */
export type FirstBytes = "http2" | "http1" | "neither" | "more";

/** What every HTTP/2 client sends first (RFC 9113, 3.4). It looks like a request, so that HTTP/1 servers refuse it. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** The longest that {@link classifyFirstBytes} needs to see. */
export const FIRST_BYTES_MAX = PREFACE.length;

export function classifyFirstBytes(bytes: Uint8Array): FirstBytes {
  const compared = Math.min(bytes.length, PREFACE.length);
  if (PREFACE.compare(bytes, 0, compared, 0, compared) === 0) return compared === PREFACE.length ? "http2" : "more";
  // A request line starts with a method. Whether it is a good one is for the HTTP parser to say.
  return isLetter(bytes[0]!) ? "http1" : "neither";
}

function isLetter(byte: number): boolean {
  const lowerCase = byte | 0x20;
  return lowerCase >= 0x61 && lowerCase <= 0x7a;
}
