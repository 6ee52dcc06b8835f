import { access, chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { bucketNames } from "../mvcc/backend.ts";
import type { Disk } from "../member/disk.ts";
import type { RecoveredLog } from "../member/log.ts";
import { newHardState, newSnapshotMetadata } from "../wire/raftpb.ts";
import { lockFile } from "./directory-lock.ts";
import { makePrivateDirectory, privateDirectoryMode } from "./durable-files.ts";
import { CorruptStorageError } from "./errors.ts";
import { openLmdbBackend, type LmdbBackend } from "./lmdb-backend.ts";
import { streamSnapshot } from "./snapshot-stream.ts";
import { hasGeneration } from "./store-generations.ts";
import { parseSegmentFileName } from "./wal-format.ts";
import { createWal, openWal, type WalIdentity } from "./wal.ts";

export interface DataDirectoryOptions {
  /** Whom a new directory is for. */
  readonly identity: WalIdentity;
  /** Set: an existing directory must be this member's. Otherwise it tells who the member is. */
  readonly mustMatchIdentity?: boolean;
  /** Empty: `member/wal` inside the data directory. */
  readonly walDir?: string;
  readonly walSegmentsMax?: number;
  readonly unsafeNoFsync?: boolean;
  readonly onWalFsync?: (seconds: number) => void;
  readonly onWalWrite?: (seconds: number, bytes: number) => void;
  readonly onBackendCommit?: (seconds: number) => void;
}

/** What one member has on disk, open and locked against other processes. */
export interface DataDirectory extends Disk {
  readonly isNew: boolean;
  readonly backend: LmdbBackend;
  readonly recovered: RecoveredLog;
}

/**
 * Opens a data directory, or starts one in an empty place.
 *
 *   <dataDir>/member/lock                    held while a process uses the directory
 *   <dataDir>/member/wal/*.wal               the log, in etcd's format (or in walDir)
 *   <dataDir>/member/snap/store/*.mdb        the store, in LMDB
 *
 * Throws `StorageError` when another process uses it, and {@link CorruptStorageError}, with a message for whoever runs
 * the server, when what is there cannot be used: damaged, incomplete, of a later release, of etcd itself.
 */
export async function openDataDirectory(dataDir: string, options: DataDirectoryOptions): Promise<DataDirectory> {
  const member = join(dataDir, "member");
  const storeDir = join(member, "snap", "store");
  const walDir = options.walDir === undefined || options.walDir === "" ? join(member, "wal") : options.walDir;
  await makePrivateDirectory(join(member, "snap"));
  await chmod(member, privateDirectoryMode);
  await refuseEtcdStore(dataDir);

  const lock = await lockFile(join(member, "lock"));
  const opened: { close(): Promise<void> }[] = [];
  try {
    const hasWal = await hasSegments(walDir);
    const hasStore = await hasGeneration(storeDir);
    const unsafeNoFsync = options.unsafeNoFsync ?? false;
    const backend = await openLmdbBackend(storeDir, {
      unsafeNoFsync,
      ...(options.onBackendCommit === undefined ? {} : { onCommit: options.onBackendCommit }),
    });
    opened.push(backend);
    const walOptions = {
      unsafeNoFsync,
      ...(options.onWalFsync === undefined ? {} : { onFsync: options.onWalFsync }),
      ...(options.onWalWrite === undefined ? {} : { onWrite: options.onWalWrite }),
      ...(options.walSegmentsMax === undefined ? {} : { segmentsMax: options.walSegmentsMax }),
    };
    let recovered: RecoveredLog;
    if (hasWal) {
      recovered = await openWal(walDir, walOptions);
      opened.push(recovered.log);
      checkIdentity(dataDir, recovered, options);
      checkStoreReachesLog(dataDir, backend, recovered, hasStore);
    } else {
      // The log is the last thing that a new directory gets, so a store without one is either empty or bereft.
      if (hasStore && !isEmpty(backend)) {
        throw new CorruptStorageError(`${dataDir} has a store but no log: ${walDir} holds no *.wal file`);
      }
      const log = await createWal(walDir, options.identity, walOptions);
      opened.push(log);
      recovered = {
        log,
        ...options.identity,
        hardState: newHardState(),
        snapshot: newSnapshotMetadata(),
        entries: [],
      };
    }
    return openDirectory(!hasWal, backend, recovered, () => closeAll([...opened, { close: () => lock.release() }]));
  } catch (error) {
    await closeAll([...opened, { close: () => lock.release() }]);
    throw error;
  }
}

function openDirectory(
  isNew: boolean,
  backend: LmdbBackend,
  recovered: RecoveredLog,
  closeParts: () => Promise<void>,
): DataDirectory {
  let closing: Promise<void> | null = null;
  return {
    isNew,
    backend,
    recovered,
    defragment: () => backend.defragment(),
    snapshot: () => streamSnapshot(backend),
    close: () => (closing ??= closeParts()),
  };
}

async function closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const part of parts) await part.close();
}

async function refuseEtcdStore(dataDir: string): Promise<void> {
  if (!(await exists(join(dataDir, "member", "snap", "db")))) return;
  throw new CorruptStorageError(
    `${dataDir} holds the data of an etcd server (member/snap/db, a bbolt file), which is another format. ` +
      "Take a snapshot of that server with `etcdctl snapshot save` and restore it into a new data directory.",
  );
}

async function hasSegments(walDir: string): Promise<boolean> {
  return (await exists(walDir)) && (await readdir(walDir)).some((name) => parseSegmentFileName(name) !== null);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function isEmpty(backend: LmdbBackend): boolean {
  let pairs = 0;
  for (const bucket of bucketNames) backend.scan(bucket, new Uint8Array(0), null, () => ++pairs === 0);
  return pairs === 0;
}

function checkIdentity(dataDir: string, recovered: WalIdentity, options: DataDirectoryOptions): void {
  const { identity, mustMatchIdentity } = options;
  if (mustMatchIdentity !== true) return;
  if (recovered.memberId === identity.memberId && recovered.clusterId === identity.clusterId) return;
  throw new CorruptStorageError(
    `${dataDir} is the data directory of another member: it belongs to ${hex(recovered.memberId)} ` +
      `of cluster ${hex(recovered.clusterId)}, this is ${hex(identity.memberId)} of cluster ${hex(identity.clusterId)}`,
  );
}

/** The log starts behind a snapshot mark, so the store must hold everything up to there. */
function checkStoreReachesLog(dataDir: string, backend: LmdbBackend, log: RecoveredLog, hasStore: boolean): void {
  const value = backend.get("meta", Buffer.from("consistent_index"));
  const applied = value === undefined ? 0 : Number(Buffer.from(value).readBigUInt64BE());
  if (applied >= log.snapshot.index) return;
  throw new CorruptStorageError(
    `${dataDir}: the log starts at index ${log.snapshot.index + 1}, but the store ` +
      (hasStore ? `only holds what came up to index ${applied}` : "is missing"),
  );
}

function hex(id: bigint): string {
  return id.toString(16);
}
