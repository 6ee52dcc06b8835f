/** What the program `etcd` says of a whole life, on a member of its own: supervisors and tests wait for these lines. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, describe, test } from "node:test";
import { Child } from "./support/child.ts";

describe("a member's log", { concurrency: 1 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "start-and-stop-"));
  after(() => rmSync(directory, { recursive: true }));

  function start(flags: readonly string[] = [], env: Record<string, string> = {}): Child {
    const urls = [
      ...["--listen-client-urls", "http://127.0.0.1:0", "--advertise-client-urls", "http://localhost:2379"],
      ...["--listen-peer-urls", "http://127.0.0.1:0"],
    ];
    return new Child("src/bin/etcd.ts", ["--name", "m1", "--data-dir", join(directory, "m1"), ...urls, ...flags], {
      env,
    });
  }

  const READY = "serving client traffic insecurely; this is strongly discouraged!";
  const addressOf = (child: Child): string => String(child.log().find((line) => line["msg"] === READY)?.["address"]);
  /** Without the lines of the Raft core, which have a logger of their own. */
  const messages = (child: Child): string[] =>
    child
      .log()
      .filter((line) => line["logger"] === undefined)
      .map((line) => String(line["msg"]));
  const noComplaint = (child: Child): void =>
    assert.deepEqual(
      child.log().filter((line) => !["info", "warn"].includes(String(line["level"]))),
      [],
    );

  test("a new member: every step in etcd's words and order, and nothing above a warning", async () => {
    // systemd's own tool, as far as it is called here.
    const notified = join(directory, "notified");
    const bin = join(directory, "systemd-notify");
    writeFileSync(bin, `#!/bin/sh\necho "$@" > '${notified}'\n`);
    chmodSync(bin, 0o755);
    const PATH = `${directory}${delimiter}${process.env["PATH"] ?? ""}`;

    const child = start([], { NOTIFY_SOCKET: "/run/nowhere", PATH });
    await child.logged("successfully notified init daemon");
    child.process.kill("SIGTERM");
    assert.equal((await child.ended).signal, "SIGTERM");
    assert.deepEqual(messages(child), [
      "Running http and grpc server on single port. This is not recommended for production.",
      "Running: ",
      "Initialize and start etcd server",
      "configuring peer listeners",
      "configuring client listeners",
      "starting an etcd server",
      "opened backend db",
      "starting local member",
      "added member",
      "published local member to cluster through raft",
      "set initial cluster version",
      "enabled capabilities for version",
      "now serving peer/client/metrics",
      "serving peer traffic",
      "ready to serve client requests",
      READY,
      "notifying init daemon",
      "successfully notified init daemon",
      "received signal; shutting down",
      "closing etcd server",
      "skipped leadership transfer for single voting member cluster",
      "closed etcd server",
    ]);
    const raft = child.log().filter((line) => line["logger"] === "raft");
    assert.ok(raft.some((line) => /^raft\.node: ([0-9a-f]+) elected leader \1 at term 2$/.test(String(line["msg"]))));
    assert.ok(raft.some((line) => /^[0-9a-f]+ became leader at term 2$/.test(String(line["msg"]))));
    noComplaint(child);
  });

  test("a member that comes back says so, and tells of requests that take long", async () => {
    const child = start(["--warning-unary-request-duration=1ns", "--warning-apply-duration=1ns"]);
    await child.logged(READY);
    const put = { method: "POST", body: `{"key":"${Buffer.from("secret").toString("base64")}"}` };
    assert.equal((await fetch(`http://${addressOf(child)}/v3/kv/put`, put)).status, 200);
    assert.equal((await fetch(`http://${addressOf(child)}/v3/maintenance/defragment`, { method: "POST" })).status, 200);
    child.process.kill("SIGTERM");
    await child.ended;
    const said = messages(child);
    for (const message of [
      ...["server has already been initialized", "restarting local member", "starting defragment"],
      ...["request stats", "apply request took too long", "finished defragmenting directory"],
    ]) {
      assert.ok(said.includes(message), message);
    }
    assert.ok(!said.includes("added member") && !said.includes("set initial cluster version"));
    assert.ok(!JSON.stringify(child.log()).includes("secret"), "a key of a user stands in the log");
    noComplaint(child);
  });
});
