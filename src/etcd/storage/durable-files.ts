import fs, { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

/** Everything under a data directory belongs to one user, as in etcd. */
export const privateDirectoryMode = 0o700;
export const privateFileMode = 0o600;

/** A name that was created, renamed or removed is durable only once its directory is flushed. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates the directory, its parents too, and makes its name durable. */
export async function makePrivateDirectory(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true, mode: privateDirectoryMode });
  if (firstCreated !== undefined) await syncDirectory(dirname(firstCreated));
}

/**
 * One write that the callback hears of when all bytes are with the kernel. A short write is carried on with, so that
 * the reason for it (a full disk says so only on the next call) becomes the error.
 */
export function writeFully(
  fd: number,
  bytes: Uint8Array,
  length: number,
  position: number,
  done: (error: Error | null) => void,
): void {
  let written = 0;
  const step = (): void => {
    fs.write(fd, bytes, written, length - written, position + written, (error, count) => {
      written += count;
      if (error !== null || written === length) done(error);
      else step();
    });
  };
  step();
}

export function openFile(path: string, flags: number): Promise<number> {
  return settle((done) => fs.open(path, flags, privateFileMode, done));
}

export function closeFile(fd: number): Promise<void> {
  return settle((done) => fs.close(fd, done));
}

export function truncateFile(fd: number, length: number): Promise<void> {
  return settle((done) => fs.ftruncate(fd, length, done));
}

export function syncFileData(fd: number): Promise<void> {
  return settle((done) => fs.fdatasync(fd, done));
}

export function writeFile(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  return settle((done) => writeFully(fd, bytes, bytes.length, position, done));
}

/** A callback of `node:fs` as a promise. */
function settle<T>(start: (done: (error: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error === null) resolve(value as T);
      else reject(error);
    });
  });
}
