/** A whole server within the test's process, on free ports, for tests that need no process of its own. */
import assert from "node:assert/strict";
import { silentLogger } from "../../src/etcd/base/logger.ts";
import { parseServeArguments } from "../../src/etcd/config/serve-arguments.ts";
import { type RunningServer, serve } from "../../src/main.ts";

/**
 * Serves on the loopback. What it advertises are etcd's default URLs: ids come from the peer URL, so they are those of
 * every default single member.
 */
export function startInProcess(dataDir: string, flags: readonly string[] = []): Promise<RunningServer> {
  const argv = [
    ...["--data-dir", dataDir, "--listen-peer-urls", "http://127.0.0.1:0"],
    ...["--listen-client-urls", "http://127.0.0.1:0", "--advertise-client-urls", "http://localhost:2379"],
    ...flags,
  ];
  const parsed = parseServeArguments(argv, {}, () => "");
  assert.equal(parsed.kind, "serve", JSON.stringify(parsed));
  return serve(parsed.config, silentLogger);
}
