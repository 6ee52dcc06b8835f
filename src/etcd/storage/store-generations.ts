/**
 * The names of the store's files: `0000000000000001.mdb` and upwards. A defragmentation writes the next generation
 * under another name and gives it its own when it is complete; that rename is the moment from which it counts.
 */
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { closeFile, openFile, syncDirectory, syncFileData } from "./durable-files.ts";

export const generationFileName = (generation: number): string => `${generation.toString(16).padStart(16, "0")}.mdb`;
const fileNamePattern = /^([0-9a-f]{16})\.mdb$/;

/** Whether the directory holds a store. */
export async function hasGeneration(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).some((name) => fileNamePattern.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/**
 * The newest generation counts. Older ones and unfinished files are what a crash during a defragmentation left.
 * Null: there is none.
 */
export async function settleGenerations(directory: string): Promise<number | null> {
  const names = await readdir(directory);
  const generations = names
    .map((name) => fileNamePattern.exec(name))
    .filter((match) => match !== null)
    .map((match) => Number.parseInt(match[1]!, 16));
  const newest = generations.length === 0 ? null : Math.max(...generations);
  for (const name of names) {
    const isCurrent = newest !== null && name.startsWith(generationFileName(newest));
    if (!isCurrent && /\.(mdb|tmp)(-lock)?$/.test(name)) await rm(join(directory, name));
  }
  return newest;
}

/** Gives a finished, closed file its generation's name, durably. */
export async function adoptGeneration(unfinished: string, directory: string, generation: number): Promise<void> {
  const fd = await openFile(unfinished, 0);
  await syncFileData(fd).finally(() => closeFile(fd));
  await rm(`${unfinished}-lock`, { force: true });
  await rename(unfinished, join(directory, generationFileName(generation)));
  await syncDirectory(directory);
}
