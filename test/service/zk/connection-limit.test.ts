/** maxCnxns: how many connections a server has in all, whoever they come from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ZkClient } from "../../support/zk-client.ts";
import { startScratchZk } from "../../support/zk-in-process.ts";

const CONNECTIONS_MAX = 3;

test("one connection more than maxCnxns is closed, until another one ends", { timeout: 60_000 }, async () => {
  const flags = ["--zk-max-cnxns", String(CONNECTIONS_MAX), "--zk-max-client-cnxns=0"];
  const server = await startScratchZk(flags);
  const connect = (): Promise<ZkClient> => ZkClient.connect({ port: server.port, timeoutMs: 30_000 });
  const clients = await Promise.all(Array.from({ length: CONNECTIONS_MAX }, connect));
  await assert.rejects(connect());
  for (const client of clients) await client.ok("exists", { path: "/" });
  await clients[0]!.close();
  const next = await connect();
  await next.ok("exists", { path: "/" });
  for (const client of [...clients.slice(1), next]) await client.close();
  await server.stop();
});
