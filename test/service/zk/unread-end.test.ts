/** Clients that ask for the end of their session behind more replies than they read. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fourLetterWord, ZkClient } from "../../support/zk-client.ts";
import { startScratchZk, type ZkInProcess } from "../../support/zk-in-process.ts";

const EPHEMERAL = 1;
const TIMEOUT_MS = 2000;
const READS = 30;
const DATA = Buffer.alloc(1_000_000, "x");

describe("a connection whose session ended behind replies that are not read", { timeout: 120_000 }, () => {
  let server: ZkInProcess;

  before(async () => {
    server = await startScratchZk(["--zk-tick-time", "100", "--zk-4lw-commands-whitelist", "*"]);
    const client = await ZkClient.connect({ port: server.port });
    await client.ok("create", { path: "/large", data: DATA });
    await client.close();
  });

  after(() => server.stop());

  const openConnections = async (): Promise<number> => {
    const [, count] = /^zk_num_alive_connections\t(\d+)$/m.exec(await fourLetterWord(server, "mntr"))!;
    // One is that of the word.
    return Number(count) - 1;
  };

  /** Everything is asked for while the output is empty: the reads wait behind a write. */
  const endBehindReplies = async (): Promise<{ readonly client: ZkClient; readonly replies: Promise<number[]> }> => {
    const client = await ZkClient.connect({ port: server.port, timeoutMs: TIMEOUT_MS });
    await client.ok("create", { path: "/own", flags: EPHEMERAL });
    client.pause();
    const calls = [
      client.call("setData", { path: "/large", data: DATA }),
      ...Array.from({ length: READS }, () => client.call("getData", { path: "/large" })),
      client.call("closeSession", {}),
    ];
    const replies = errorsOf(calls);
    // Who does not read them does not wait for them.
    replies.catch(() => undefined);
    const other = await ZkClient.connect({ port: server.port });
    while ((await other.call("exists", { path: "/own" })).err === 0) await sleep(20);
    await other.close();
    return { client, replies };
  };

  test("is kept for as long as a session lets its client be silent, and then closed", async () => {
    const { client } = await endBehindReplies();
    assert.equal(await openConnections(), 1);
    await sleep(TIMEOUT_MS + 500);
    assert.equal(await openConnections(), 0);
    client.drop();
  });

  test("ends with its last reply when they are read in time", async () => {
    const { client, replies } = await endBehindReplies();
    client.resume();
    assert.deepEqual(
      await replies,
      Array.from({ length: READS + 2 }, () => 0),
    );
    await client.closed;
    assert.equal(await openConnections(), 0);
  });
});

/** The error code of each. */
async function errorsOf(calls: readonly Promise<{ readonly err: number }>[]): Promise<number[]> {
  return (await Promise.all(calls)).map(({ err }) => err);
}
