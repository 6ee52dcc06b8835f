/** Runs the program that a user put behind `watch` or `lock`, its output joined to ours. */
import { spawn } from "node:child_process";
import type { CtlIo } from "./io.ts";

/** Resolves with the exit status, or with the words for a program that could not run or was killed. */
export function runProgram(
  [program = "", ...words]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  io: CtlIo,
): Promise<number | string> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { env: { ...io.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.pipe(io.stdout, { end: false });
    child.stderr.pipe(io.stderr, { end: false });
    child.on("error", (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === "ENOENT"
          ? `exec: ${JSON.stringify(program)}: executable file not found in $PATH`
          : error.message,
      );
    });
    child.on("close", (status, signal) => resolve(status ?? `signal: ${signal ?? "unknown"}`));
  });
}
