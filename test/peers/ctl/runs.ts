import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ctlRun } from "../../support/ctl-run.ts";
import { runProgram } from "../../support/program.ts";
import { repository, type ServerProcess } from "../../support/servers.ts";
import type { Step } from "./steps.ts";

export interface Answer {
  readonly code: number;
  stdout: string;
  /** The lines for people: `Error: …`, `Failed …`, `… is unhealthy …`. etcdctl logs its retries as JSON beside them. */
  complaints: readonly string[];
}

/** A tool of etcd 3.6, from its public module, built on first use. */
export function buildTool(name: string): string {
  const sources = join(repository, "test/peers/ctl");
  const binary = join(repository, ".peers", name);
  mkdirSync(join(repository, ".peers"), { recursive: true });
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(join(sources, "go.mod")).mtimeMs) return binary;
  const built = spawnSync("go", ["build", "-o", binary, `./${name}`], { cwd: sources, encoding: "utf8" });
  assert.equal(built.status, 0, built.stderr);
  return binary;
}

export async function runReal(etcdctl: string, server: ServerProcess, one: Step): Promise<Answer> {
  const args = [...one.words, `--endpoints=${server.endpoint}`].sort(endpointFirst);
  const env = { ETCDCTL_API: "3", ...one.env };
  const input = Buffer.from(one.stdin ?? "", "latin1");
  const { code, stdout, stderr } = await runProgram(etcdctl, args, { env, input, timeoutMs: 20_000 });
  return answerOf(typeof code === "number" ? code : -1, stdout, stderr);
}

export async function runOwn(server: ServerProcess, one: Step): Promise<Answer> {
  const run = await ctlRun([`--endpoints=${server.endpoint}`, ...one.words], {
    stdin: Buffer.from(one.stdin ?? "", "latin1"),
    ...(one.env && { env: one.env }),
  });
  return answerOf(run.code, run.stdout, run.stderr);
}

/** The flag must stand before a `--`. */
function endpointFirst(a: string, b: string): number {
  return Number(b.startsWith("--endpoints=")) - Number(a.startsWith("--endpoints="));
}

export function answerOf(code: number, stdout: string, stderr: string): Answer {
  const lines = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  return { code, stdout, complaints: [...new Set(lines)] };
}

/** What may differ: ids, ports, times, and who is speaking. On one server ids may not. */
export function mask(answer: Answer, server: ServerProcess, one: Step): Answer {
  const masked = (text: string): string => {
    const timeless = text
      .replace(/\b\d+(\.\d+)?(µs|ms|s)\b(?!\))/g, "TIME")
      .replace(/TIME +\|/g, "TIME |")
      .replace(/("?raft(?:Applied)?Index"? ?: ?)\d+/gi, "$1N")
      .replaceAll("bridgekeeper ctl", "etcdctl");
    if (one.sameServer)
      return timeless
        .replace(/, \d+, \d+(, , , \w+\n)/, ", N, N$1")
        .replace(/ \d+ \| +\d+ (\| +\| +\| +\w+ \|\n)/, " N | N $1");
    return timeless
      .replaceAll(server.endpoint, "ENDPOINT")
      .replace(/\b3\.6\.[1-9]\d*\b/g, "3.6.N")
      .replace(/127\.0\.0\.1:\d+/g, "PEER")
      .replace(/\b\d{16,20}\b/g, "ID")
      .replace(/\b[0-9a-f]{14,16}\b/g, "ID")
      .replace(/"(dbSize(?:InUse)?)":\d+/g, '"$1":N');
  };
  return { code: answer.code, stdout: masked(answer.stdout), complaints: answer.complaints.map(masked) };
}
