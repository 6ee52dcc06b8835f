/**
 * etcd's database file (bbolt), as far as reader and writer share it. All integers are little-endian.
 *
 *   file   := page*                       page n lies at n * pageBytes
 *   page   := id:u64 flags:u16 count:u16 overflow:u32 body      and `overflow` further pages' worth of body
 *   meta   := magic:u32 version:u32 pageSize:u32 flags:u32 root:u64 sequence:u64 freelist:u64 highWater:u64 txid:u64 sum:u64
 *   branch := (pos:u32 keySize:u32 child:u64)* (key)*            pos counts from its own element
 *   leaf   := (flags:u32 pos:u32 keySize:u32 valueSize:u32)* (key value)*
 *   bucket := root:u64 sequence:u64 [page]                       the value of a leaf element with the bucket flag;
 *                                                                root 0: the bucket's only page follows right here
 */
export const pageBytes = 4096;
export const pageHeaderBytes = 16;
export const branchElementBytes = 16;
export const leafElementBytes = 16;
export const metaBytes = 64;
export const bucketHeaderBytes = 16;
/** A bucket of one page this small is kept inside its parent. */
export const inlineBytesMax = pageBytes / 4;

export const pageFlag = { branch: 0x01, leaf: 0x02, meta: 0x04, freelist: 0x10 } as const;
export const bucketElementFlag = 0x01;

export const metaMagic = 0xed0cdaed;
export const metaVersion = 2;
/** Stands where the free list's page would: there is none, a reader finds the free pages by walking. */
export const noFreelist = 0xffff_ffff_ffff_ffffn;

/** FNV-1a, 64 bits, of the meta body in front of its checksum. */
export function metaChecksum(meta: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < metaBytes - 8; i++) hash = ((hash ^ BigInt(meta[i]!)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn;
  return hash;
}
