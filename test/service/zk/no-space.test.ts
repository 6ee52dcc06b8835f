/** A store without space: writes are refused, and their clients come back and read, in the embedded etcd and over a cluster. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AlarmRequest_AlarmAction, AlarmType, newAlarmRequest } from "../../../src/etcd/wire/etcdserverpb.ts";
import { ZkClient } from "../../support/zk-client.ts";
import { etcdClientOf, startFacadeInProcess, startZkInProcess, type ZkInProcess } from "../../support/zk-in-process.ts";

const TIMEOUT_MS = 8000;

for (const engine of ["in the etcd", "over an etcd"]) {
  test(
    `a client whose write was refused for lack of space comes back and reads (${engine})`,
    { timeout: 60_000 },
    async (context) => {
      const directory = await mkdtemp(join(tmpdir(), "zk-no-space-"));
      const etcd = await startZkInProcess(directory);
      const server = engine === "in the etcd" ? etcd : await startFacadeInProcess(etcd.etcdEndpoint);
      context.after(async () => {
        if (server !== etcd) await server.stop();
        await etcd.stop();
        await rm(directory, { recursive: true });
      });
      const client = await ZkClient.connect({ port: server.port, timeoutMs: TIMEOUT_MS });
      await client.ok("create", { path: "/kept", data: Buffer.from("data") });
      await setAlarm(etcd, AlarmRequest_AlarmAction.ACTIVATE);
      let last = client;
      for (let time = 0; time < 2; time++) {
        // Several at once: those behind the first one go with it.
        for (const path of ["/a", "/b", "/c"]) void last.call("create", { path });
        await last.closed;
        last = await last.reattach({ port: server.port }, { timeoutMs: TIMEOUT_MS });
        assert.equal(last.connection?.sessionId, client.connection?.sessionId);
        assert.equal((await last.ok("getData", { path: "/kept" })).data?.toString(), "data");
        assert.deepEqual((await last.ok("getChildren", { path: "/" })).children.toSorted(), ["kept", "zookeeper"]);
      }
      await setAlarm(etcd, AlarmRequest_AlarmAction.DEACTIVATE);
      await last.ok("create", { path: "/a" });
      await last.close();
    },
  );
}

async function setAlarm(server: ZkInProcess, action: AlarmRequest_AlarmAction): Promise<void> {
  const client = etcdClientOf(server);
  const { header } = await client.status();
  await client.alarm(newAlarmRequest({ action, memberId: header!.memberId, alarm: AlarmType.NOSPACE }));
  client.close();
}
