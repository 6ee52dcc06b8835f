/**
 * Addresses as ZooKeeper's scheme "ip" writes and compares them:
 *
 *   id      := address ["/" bits]
 *   address := four decimal numbers with dots | eight hexadecimal groups with colons, "::" for a run of zeros
 *
 * A sign may stand before any number but the minus only before a zero. An IPv4 address in an IPv6 one is refused, and an
 * address of one family never matches one of the other.
 */
export interface AddressBlock {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** How many of the first bits count. */
  readonly bits: number;
}

/** Null for a text that is none. */
export function parseAddressBlock(text: string): AddressBlock | null {
  const slash = text.indexOf("/");
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  const bitsMax = address.length * 8;
  if (slash < 0) return { address, bits: bitsMax };
  const bits = parseDecimal(text.slice(slash + 1));
  return bits === null || bits > bitsMax ? null : { address, bits };
}

export function parseAddress(text: string): Uint8Array | null {
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

/** True when the address lies in the block. */
export function isWithin(block: AddressBlock, address: Uint8Array): boolean {
  if (address.length !== block.address.length) return false;
  const whole = block.bits >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== block.address[i]) return false;
  const rest = block.bits & 7;
  return rest === 0 || (address[whole]! ^ block.address[whole]!) >> (8 - rest) === 0;
}

/**
 * A socket's remote address as Java prints it: IPv4 also where the socket speaks IPv6, and eight groups without
 * leading zeros otherwise. What is no address stays as it is.
 */
export function printedAddress(remote: string): string {
  const bare = remote.replace(/%.*$/, "");
  const mapped = /^::ffff:([0-9.]+)$/i.exec(bare);
  if (mapped !== null) return mapped[1]!;
  const bytes = bare.includes(":") ? parseV6(bare) : null;
  if (bytes === null) return bare;
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  return groups.join(":");
}

function parseV4(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    const value = parseDecimal(part);
    if (value === null || value > 255) return null;
    bytes[i] = value;
  }
  return bytes;
}

const GROUPS = 8;

function parseV6(text: string): Uint8Array | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0]!);
  const tail = halves.length === 2 ? groupsOf(halves[1]!) : [];
  if (head === null || tail === null) return null;
  const given = head.length + tail.length;
  // "::" stands for one group of zeros at least.
  if (halves.length === 2 ? given >= GROUPS : given !== GROUPS) return null;
  const bytes = new Uint8Array(2 * GROUPS);
  writeGroups(bytes, 0, head);
  writeGroups(bytes, GROUPS - tail.length, tail);
  return bytes;
}

function groupsOf(text: string): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  for (const part of text.split(":")) {
    if (part.length > 4 || !/^\+?[0-9a-f]+$/i.test(part)) return null;
    groups.push(Number.parseInt(part, 16));
  }
  return groups;
}

function writeGroups(bytes: Uint8Array, at: number, groups: readonly number[]): void {
  for (const [i, group] of groups.entries()) {
    bytes[2 * (at + i)] = group >> 8;
    bytes[2 * (at + i) + 1] = group & 0xff;
  }
}

function parseDecimal(text: string): number | null {
  if (!/^(\+?[0-9]+|-0+)$/.test(text)) return null;
  const value = Math.abs(Number.parseInt(text, 10));
  return value > 0x7fff_ffff ? null : value;
}
