import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Program } from "../support/program.ts";
import { buildGoPeer, type ServerProcess, startEtcd36, startOurs, type StartOptions } from "../support/servers.ts";

/*
 * etcd's own Go client, of the current release, tries a server with everything it has (go/clientv3). What it says about
 * our server must be, line by line, what it says about a real etcd.
 */
const scenarios = [
  ...["kv", "txn", "hash", "errors", "large values"],
  ...["watch", "watch from the past", "watch with fragments", "watch compacted", "many watchers"],
  ...["lease", "lease expiry", "session", "mutex", "election", "stm", "recipes"],
  ...["leasing", "namespace", "ordering", "mirror", "naming"],
  ...["maintenance", "snapshot", "cluster", "auth"],
  ...["health service", "lock service", "election service", "restart"],
];

describe("etcd's Go client", () => {
  const directory = mkdtempSync(join(tmpdir(), "go-clientv3-"));
  let ours: ReadonlyMap<string, string>;
  let theirs: ReadonlyMap<string, string>;

  before(async () => {
    const program = buildGoPeer("clientv3");
    [ours, theirs] = await Promise.all([
      tellOf(program, startOurs, join(directory, "ours")),
      tellOf(program, startEtcd36, join(directory, "etcd")),
    ]);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  test("both runs told of every scenario", () => {
    assert.deepEqual([...theirs.keys()], scenarios);
    assert.deepEqual([...ours.keys()], scenarios);
  });

  for (const scenario of scenarios) {
    test(scenario, () => {
      const expected = theirs.get(scenario);
      assert.ok(expected !== undefined && expected !== "", "the real etcd's run says nothing of it");
      assert.doesNotMatch(expected, /^FAILED/m);
      assert.equal(ours.get(scenario), expected);
    });
  }
});

/** The program's words about one server, by scenario. */
async function tellOf(
  program: string,
  start: (options: StartOptions) => Promise<ServerProcess>,
  dataDir: string,
): Promise<Map<string, string>> {
  let server = await start({ dataDir });
  const told = new Program(program, ["--endpoint", server.endpoint], { timeoutMs: 240_000 });
  try {
    await told.printed(/^-- restart$/m, 200_000);
    await server.kill();
    server = await start({ dataDir, clientPort: Number(server.endpoint.split(":")[1]) });
    told.write("restarted\n");
    const { code, stdout, stderr } = await told.ended;
    const sections = sectionsOf(stdout);
    assert.ok(code === 0 || stdout.includes("FAILED"), `${server.name}: ended with ${code}\n${stdout}\n${stderr}`);
    return sections;
  } finally {
    told.signal("SIGKILL");
    await server.stop();
  }
}

function sectionsOf(stdout: string): Map<string, string> {
  const parts = stdout.split(/^== (.*)\n/m).slice(1);
  const sections = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) sections.set(parts[i]!, parts[i + 1]!);
  return sections;
}
