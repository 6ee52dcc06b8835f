/** What the clients of a facade may believe while it cannot reach its etcd. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionEnded, ZkClient } from "../../support/zk-client.ts";
import { type CuttableFacade, startCuttableFacade } from "../../support/zk-in-process.ts";

const EPHEMERAL = 1;
const noNode = -101;
const TICK_MS = 400;

describe("a facade that is cut off from its etcd", { timeout: 120_000 }, () => {
  let facades: CuttableFacade;

  before(async () => {
    facades = await startCuttableFacade(["--zk-tick-time", String(TICK_MS)]);
  });

  afterEach(() => facades.cutter.reopen());

  after(async () => {
    await facades.stop();
  });

  test("lets no client go on before the fate of what it wrote on its last connection is certain", async () => {
    const client = await ZkClient.connect({ port: facades.remote.port, timeoutMs: 8000 });
    facades.cutter.shut();
    // The facade knows by now that there is nobody to send it to.
    await sleep(300);
    const written = assert.rejects(client.ok("create", { path: "/late" }), ConnectionEnded);
    await sleep(100);
    const reattached = client.reattach({ port: facades.remote.port });
    await written;
    const whileCutOff = await Promise.race([reattached, sleep(500)]);
    assert.ok(whileCutOff === undefined, "attached, and the write may still be carried out");
    facades.cutter.reopen();
    const again = await reattached;
    await again.ok("sync", { path: "/" });
    const first = (await again.call("exists", { path: "/late", watch: false })).err;
    await sleep(500);
    assert.equal((await again.call("exists", { path: "/late", watch: false })).err, first);
    await again.close();
  });

  test("sends a client away before others can own what is its", async () => {
    const owner = await ZkClient.connect({ port: facades.remote.port, timeoutMs: 1000 });
    await owner.ok("create", { path: "/lock", flags: EPHEMERAL });
    const other = await ZkClient.connect({ port: facades.embedded.port, timeoutMs: 40_000 });
    facades.cutter.shut();
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
