import type { Znode } from "../../src/zk-facade/tree/znode.ts";

/** A persistent znode without children, for tests that care for a few of its fields only. */
export function znodeWith(fields: Partial<Znode> = {}): Znode {
  return {
    path: "/a",
    kind: "persistent",
    owner: 0n,
    ttlMs: 0,
    acl: [{ perms: 31, scheme: "world", id: "anyone" }],
    czxid: 1,
    mzxid: 1,
    pzxid: 1,
    ctime: 0,
    mtime: 0,
    version: 0,
    aversion: 0,
    creates: 0,
    numChildren: 0,
    dataLength: 0,
    isNull: false,
    createRevision: 1,
    keyVersion: 1,
    recordRevision: 1,
    record: null,
    ...fields,
  };
}

/** A znode that every tree has, and that no transaction made. */
export function reservedZnode(path: string, fields: Partial<Znode> = {}): Znode {
  const noZxid = { czxid: 0, mzxid: 0, pzxid: 0, createRevision: 0, keyVersion: 0, recordRevision: 0 };
  return znodeWith({ path, ...noZxid, ...fields });
}
