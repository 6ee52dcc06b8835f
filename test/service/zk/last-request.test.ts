/** Requests that are pipelined behind one that ends the connection. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ZkClient } from "../../support/zk-client.ts";
import { startScratchZk, type ZkInProcess } from "../../support/zk-in-process.ts";

const UNKNOWN_OPERATION = 500;

describe(
  "behind the last request of a connection nothing is answered and nothing is done:",
  { timeout: 120_000 },
  () => {
    let server: ZkInProcess;

    before(async () => {
      server = await startScratchZk();
    });

    after(async () => {
      await server.stop();
    });

    for (const [name, opCode, err] of [
      ["closeSession", -11, 0],
      ["an operation that nobody knows", UNKNOWN_OPERATION, -6],
    ] as const) {
      test(name, async () => {
        const client = await ZkClient.connect({ port: server.port });
        const path = `/behind${opCode}`;
        const requests = [
          client.call("create", { path: "/", data: "" }),
          client.request(opCode, Buffer.alloc(0)),
          client.call("exists", { path: "/" }),
          client.call("create", { path }),
          client.call("exists", { path: "/zookeeper" }),
        ];
        const outcomes = await Promise.allSettled(requests);
        const errors = outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value.err : "no reply"));
        assert.deepEqual(errors, [-110, err, "no reply", "no reply", "no reply"]);
        const other = await ZkClient.connect({ port: server.port });
        assert.equal((await other.call("exists", { path })).err, -101);
        await other.close();
      });
    }
  },
);
