/**
 * CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, initial value and final xor 0xFFFFFFFF. Eight tables take eight
 * bytes per round ("slicing by eight"): table n holds the effect of a byte that n zero bytes follow.
 */
const polynomial = 0x82f63b78;
const tables = buildTables();
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/**
 * The checksum of `bytes`, an unsigned 32-bit number. It runs on: `crc32c(b, crc32c(a))` is the checksum of a and b put
 * together, as Go's `crc32.Update` has it.
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  let i = 0;
  const whole = bytes.length - 7;
  for (; i < whole; i += 8) {
    const low = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    crc =
      t7[low & 255]! ^
      t6[(low >>> 8) & 255]! ^
      t5[(low >>> 16) & 255]! ^
      t4[low >>> 24]! ^
      t3[bytes[i + 4]!]! ^
      t2[bytes[i + 5]!]! ^
      t1[bytes[i + 6]!]! ^
      t0[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}

function buildTables(): Int32Array[] {
  const built: Int32Array[] = [];
  for (let n = 0; n < 8; n++) {
    const table = new Int32Array(256);
    for (let byte = 0; byte < 256; byte++) {
      if (n === 0) {
        let crc = byte;
        for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
        table[byte] = crc;
      } else {
        const shorter = built[n - 1]![byte]!;
        table[byte] = (shorter >>> 8) ^ built[0]![shorter & 255]!;
      }
    }
    built.push(table);
  }
  return built;
}
