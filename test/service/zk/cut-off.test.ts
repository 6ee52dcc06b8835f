/** What the clients of a facade may believe while it cannot reach its etcd. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TcpCutter } from "../../support/tcp-cutter.ts";
import { ConnectionEnded, ZkClient } from "../../support/zk-client.ts";
import { startFacadeInProcess, startZkInProcess, type ZkInProcess } from "../../support/zk-in-process.ts";

const EPHEMERAL = 1;
const noNode = -101;
const TICK_MS = 400;

describe("a facade that is cut off from its etcd", () => {
  let directory: string;
  let embedded: ZkInProcess;
  let cutter: TcpCutter;
  let remote: ZkInProcess;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "zk-cut-"));
    embedded = await startZkInProcess(join(directory, "a"));
    cutter = await TcpCutter.before(Number(embedded.etcdEndpoint.split(":").at(-1)));
    remote = await startFacadeInProcess(cutter.endpoint, ["--zk-tick-time", String(TICK_MS)]);
  });

  afterEach(() => cutter.reopen());

  after(async () => {
    await remote.stop();
    await cutter.close();
    await embedded.stop();
    await rm(directory, { recursive: true });
  });

  test("lets no client go on before the fate of what it wrote on its last connection is certain", async () => {
    const client = await ZkClient.connect({ port: remote.port, timeoutMs: 8000 });
    cutter.shut();
    // The facade knows by now that there is nobody to send it to.
    await sleep(300);
    const written = assert.rejects(client.ok("create", { path: "/late" }), ConnectionEnded);
    await sleep(100);
    const reattached = client.reattach({ port: remote.port });
    await written;
    const whileCutOff = await Promise.race([reattached, sleep(500)]);
    assert.ok(whileCutOff === undefined, "attached, and the write may still be carried out");
    cutter.reopen();
    const again = await reattached;
    await again.ok("sync", { path: "/" });
    const first = (await again.call("exists", { path: "/late", watch: false })).err;
    await sleep(500);
    assert.equal((await again.call("exists", { path: "/late", watch: false })).err, first);
    await again.close();
  });

  test("sends a client away before others can own what is its", async () => {
    const owner = await ZkClient.connect({ port: remote.port, timeoutMs: 1000 });
    await owner.ok("create", { path: "/lock", flags: EPHEMERAL });
    const other = await ZkClient.connect({ port: embedded.port, timeoutMs: 40_000 });
    cutter.shut();
    const speak = async (): Promise<void> => {
      for (let spokeMs = 0; spokeMs < 10_000; spokeMs += 100) {
        await owner.call("exists", { path: "/lock", watch: false });
        await sleep(100);
      }
    };
    await assert.rejects(speak, ConnectionEnded);
    await other.ok("sync", { path: "/" });
    assert.equal((await other.call("exists", { path: "/lock", watch: false })).err, 0, "it is still the owner's");
    for (let waitedMs = 0; ; waitedMs += 100) {
      if ((await other.call("exists", { path: "/lock", watch: false })).err === noNode) break;
      assert.ok(waitedMs < 15_000, "its lease ends");
      await sleep(100);
    }
    await other.close();
  });
});
