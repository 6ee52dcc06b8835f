/** `snapshot save | status <filename>` */
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import type { Command } from "commander";
import type { Ctl } from "./ctl.ts";
import { badArguments, CtlError, errorText, exitCode, orExit } from "./exit.ts";
import { readSnapshotStatus } from "./snapshot-status.ts";

/** Behind the database, whose size is a multiple of a disk sector, stands its SHA-256. */
const SECTOR_BYTES = 512;
const CHECKSUM_BYTES = 32;

export function defineSnapshot(program: Command, ctl: Ctl): void {
  const snapshot = program.command("snapshot").description("Manages etcd node snapshots").usage("<subcommand>");

  snapshot
    .command("save")
    .description("Stores an etcd node backend snapshot to a given file")
    .usage("<filename>")
    .argument("[arguments...]")
    .action(async (words: string[]) => {
      const [path] = words;
      if (path === undefined || words.length !== 1) {
        throw badArguments("snapshot save expects one argument <filename>");
      }
      try {
        const version = await save(ctl, path);
        ctl.line(`Snapshot saved at ${path}`);
        if (version !== "") ctl.line(`Server version ${version}`);
      } catch (error) {
        throw new CtlError(exitCode.interrupted, errorText(error), { cause: error });
      }
    });

  snapshot
    .command("status")
    .description("Gets backend snapshot status of a given file: hash, revision, total keys, total size, version")
    .usage("<filename>")
    .argument("[arguments...]")
    .action(async (words: string[]) => {
      const [path] = words;
      if (path === undefined || words.length !== 1) throw badArguments("snapshot status requires exactly one argument");
      ctl.print({ kind: "snapshotStatus", status: await orExit(exitCode.error, readSnapshotStatus(path)) });
    });
}

/** Writes beside the target and renames when the whole is there and on the disk. Resolves with the server's version. */
async function save(ctl: Ctl, path: string): Promise<string> {
  const { endpoints } = ctl.globals;
  if (endpoints.length !== 1) {
    throw new Error(`snapshot must be requested to one selected node, not multiple [${endpoints.join(" ")}]`);
  }
  const partPath = `${path}.part`;
  const file = await open(partPath, "w", 0o600).catch((error: unknown) => {
    throw new Error(`could not open ${partPath} (${errorText(error)})`, { cause: error });
  });
  try {
    const version = await download(ctl, file).finally(() => file.close());
    await rename(partPath, path);
    return version;
  } finally {
    await rm(partPath, { force: true });
  }
}

async function download(ctl: Ctl, file: FileHandle): Promise<string> {
  // A big store takes its time; only a user who names a deadline gets one.
  const options = ctl.globals.commandTimeoutIsSet ? ctl.soon : ctl.patiently;
  let bytes = 0;
  let version = "";
  for await (const part of ctl.connect().snapshot(options)) {
    await file.writeFile(part.blob);
    bytes += part.blob.length;
    version ||= part.version;
  }
  if (bytes % SECTOR_BYTES !== CHECKSUM_BYTES) throw new Error(`sha256 checksum not found [bytes: ${bytes}]`);
  await file.sync();
  return version;
}
