import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** Where log lines go: a whole line with its newline at a time, handed to the system before the call returns. */
export interface LogSink {
  write(line: string): void;
  close(): void;
}

/** When a log file is full, and what becomes of the old ones. */
export interface LogRotation {
  readonly maxSizeMegabytes: number;
  /** 0: no limit. */
  readonly maxAgeDays: number;
  /** 0: no limit. */
  readonly maxBackups: number;
  /** The names of old files bear local time instead of UTC. */
  readonly localTime: boolean;
  readonly compress: boolean;
}

/**
 * A descriptor that is open already: stderr, stdout. Written at once, as etcd writes its log, so that the last words
 * before a crash are there. A reader that went away is no reason to stop serving; nor is one that does not read where
 * the pipe does not block: the line is lost.
 */
export class DescriptorSink implements LogSink {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    let refusals = 0;
    for (let offset = 0; offset < bytes.length && refusals < 20;) {
      try {
        offset += writeSync(this.#descriptor, bytes, offset);
      } catch (error) {
        if (!isErrno(error, "EAGAIN")) return;
        // Whoever started us made the pipe non-blocking. Give the reader a moment; there is no event to wait for here.
        refusals += 1;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
    }
  }

  close(): void {
    // The descriptor belongs to the process.
  }
}

/**
 * A file that log lines are appended to. With a rotation, a line that would pass the limit opens a new file first, and
 * the old one keeps its lines under a name that bears the time:
 *
 *   etcd.log   etcd-2026-01-31T23-59-59.123.log   etcd-2026-01-30T08-00-00.456.log.gz
 */
export class FileSink implements LogSink {
  readonly #path: string;
  readonly #rotation: LogRotation | null;
  readonly #wallMs: () => number;
  #descriptor: number;
  #sizeBytes: number;

  /** Throws when the file cannot be opened. Its directory is made only for a rotated file, as etcd has it. */
  constructor(path: string, rotation: LogRotation | null, wallMs: () => number) {
    this.#path = path;
    this.#rotation = rotation;
    this.#wallMs = wallMs;
    if (rotation !== null) mkdirSync(dirname(path), { recursive: true });
    this.#descriptor = this.#open();
    this.#sizeBytes = fstatSync(this.#descriptor).size;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    const limitBytes = (this.#rotation?.maxSizeMegabytes ?? 0) * 1024 * 1024;
    try {
      if (limitBytes > 0 && this.#sizeBytes > 0 && this.#sizeBytes + bytes.length > limitBytes) this.#rotate();
      this.#sizeBytes += writeSync(this.#descriptor, bytes);
    } catch {
      // A full disk must not stop the server that reports it.
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #open(): number {
    return openSync(this.#path, "a", this.#rotation === null ? 0o666 : 0o600);
  }

  #rotate(): void {
    const backup = this.#backupPath();
    renameSync(this.#path, backup);
    const fresh = this.#open();
    closeSync(this.#descriptor);
    this.#descriptor = fresh;
    this.#sizeBytes = 0;
    this.#removeOld();
    // In the background: a file of 100 MB takes seconds, and the server has other work.
    if (this.#rotation?.compress === true) void compress(backup);
  }

  #backupPath(): string {
    const now = new Date(this.#wallMs());
    const offsetMs = this.#rotation?.localTime === true ? now.getTimezoneOffset() * 60_000 : 0;
    const time = new Date(now.getTime() - offsetMs).toISOString().slice(0, -1).replaceAll(":", "-");
    const { stem, extension } = this.#nameParts();
    return join(dirname(this.#path), `${stem}-${time}${extension}`);
  }

  #removeOld(): void {
    const { maxAgeDays = 0, maxBackups = 0 } = this.#rotation ?? {};
    const oldestMs = this.#wallMs() - maxAgeDays * 86_400_000;
    for (const [index, path] of this.#backupsNewestFirst().entries()) {
      const tooMany = maxBackups > 0 && index >= maxBackups;
      const tooOld = maxAgeDays > 0 && statSync(path).mtimeMs < oldestMs;
      if (tooMany || tooOld) unlinkSync(path);
    }
  }

  #backupsNewestFirst(): string[] {
    const directory = dirname(this.#path);
    const { stem, extension } = this.#nameParts();
    const isBackup = (name: string): boolean => {
      const rest = name.slice(stem.length).replace(/\.gz$/, "");
      const time = rest.slice(0, rest.length - extension.length);
      const isTimed = /^-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/.test(time);
      return isTimed && name.startsWith(stem) && rest.endsWith(extension);
    };
    const names = readdirSync(directory).filter(isBackup).sort().reverse();
    return names.map((name) => join(directory, name));
  }

  #nameParts(): { stem: string; extension: string } {
    const extension = extname(this.#path);
    return { stem: basename(this.#path, extension), extension };
  }
}

async function compress(path: string): Promise<void> {
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz`, { mode: 0o600 }));
    unlinkSync(path);
  } catch {
    // The old file stays as it is: larger than wished, but nothing is lost.
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
