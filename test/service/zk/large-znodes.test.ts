/** Znodes larger than an etcd cluster takes: refused with a word, however large, and the connection goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ZkClient } from "../../support/zk-client.ts";
import { startFacadeInProcess, startScratchZk } from "../../support/zk-in-process.ts";

const badArguments = -8;
const MiB = 1024 * 1024;

test(
  "what is larger than the cluster's --max-request-bytes is refused, above the bound of gRPC too",
  { timeout: 60_000 },
  async (context) => {
    const etcd = await startScratchZk();
    const facade = await startFacadeInProcess(etcd.etcdEndpoint, ["--zk-jute-maxbuffer", String(32 * MiB)]);
    context.after(async () => {
      await facade.stop();
      await etcd.stop();
    });
    const client = await ZkClient.connect({ port: facade.port, timeoutMs: 10_000 });
    await client.ok("create", { path: "/large" });
    const store = async (megabytes: number): Promise<number> => {
      const data = Buffer.alloc(megabytes * MiB, "x");
      return (await client.call("setData", { path: "/large", data, version: -1 })).err;
    };
    // The cluster takes 1.5 MiB, and its gRPC half a MiB more.
    const sizes = [1.25, 1.75, 2.5, 24];
    const errors: number[] = [];
    for (const size of sizes) errors.push(await store(size));
    assert.deepEqual(errors, [0, badArguments, badArguments, badArguments]);
    assert.equal((await client.ok("exists", { path: "/large" })).stat.dataLength, 1.25 * MiB);
    await client.close();
  },
);
