import fs, { constants } from "node:fs";
import { stat } from "node:fs/promises";
import { closeFile, openFile } from "./durable-files.ts";
import { CorruptStorageError } from "./errors.ts";
import { isZero } from "./wal-format.ts";

const loadStepBytes = 1024 * 1024;

/** A file that is read from its start, step by step, into one buffer; untouched parts of it cost no memory. */
export class LoadedFile {
  readonly bytes: Buffer;
  readonly size: number;
  loaded = 0;
  readonly #fd: number;

  private constructor(fd: number, size: number) {
    this.#fd = fd;
    this.size = size;
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  static async open(path: string): Promise<LoadedFile> {
    const { size } = await stat(path);
    return new LoadedFile(await openFile(path, constants.O_RDONLY), size);
  }

  close(): Promise<void> {
    return closeFile(this.#fd);
  }

  /** Loads up to the offset at least, or to the end of the file. */
  async load(offset: number): Promise<void> {
    const target = Math.min(this.size, offset);
    while (this.loaded < target) await this.#step();
  }

  /** Loads on from the offset until a whole step holds nothing but zeros: no write of ours reaches past that. */
  async loadUntilQuiet(offset: number): Promise<void> {
    await this.load(offset + loadStepBytes);
    let checked = offset;
    while (!isZero(this.bytes, checked, this.loaded) && this.loaded < this.size) {
      checked = this.loaded;
      await this.#step();
    }
  }

  async #step(): Promise<void> {
    const length = Math.min(loadStepBytes, this.size - this.loaded);
    const count = await new Promise<number>((resolve, reject) => {
      fs.read(this.#fd, this.bytes, this.loaded, length, this.loaded, (error, bytesRead) => {
        if (error === null) resolve(bytesRead);
        else reject(error);
      });
    });
    if (count === 0) throw new CorruptStorageError("wal: the file became shorter while it was read");
    this.loaded += count;
  }
}
