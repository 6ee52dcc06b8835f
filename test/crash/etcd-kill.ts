import assert from "node:assert/strict";
import type { Random } from "../../src/etcd/base/random.ts";
import { newLeaseGrantRequest, newLeaseTimeToLiveRequest, newPutRequest } from "../../src/etcd/wire/etcdserverpb.ts";
import { RawClient } from "../support/raw-client.ts";
import type { ServerProcess } from "../support/servers.ts";
import type { RunningServer, Work, Workload } from "./crash-run.ts";
import { StoreHistory } from "./history.ts";
import { Writer } from "./writer.ts";

const LEASE = 77n;
const LEASED_KEY = Buffer.from("leased");

/**
 * etcd's clients in a crash run. After each: every acknowledged write is there, the revision did not go back, a watch
 * resumes without a gap or a double, leases and what hangs on them are still there. At the end the history that the watch
 * saw is replayed into a fresh store in memory: its HashKV must be the server's.
 */
export class EtcdWorkload implements Workload {
  readonly flags = [];
  readonly workMsMax = 430;
  readonly #random: Random;
  readonly #writers: readonly Writer[];
  readonly #history = new StoreHistory();

  constructor(random: Random) {
    this.#random = random;
    this.#writers = Array.from({ length: 8 }, (_, index) => new Writer(`writer${index}`, random));
  }

  async prepare(server: ServerProcess): Promise<void> {
    await withClient(server, async (client) => {
      const grant = await client.call("leaseGrant", newLeaseGrantRequest({ id: LEASE, ttl: 3600 }));
      assert.equal(grant.error, null);
      await client.call("put", newPutRequest({ key: LEASED_KEY, value: Buffer.from("v"), lease: LEASE }));
    });
  }

  work({ process, kill }: RunningServer): Work {
    const client = new RawClient(process.endpoint);
    const watch = this.#history.follow(client);
    const writing = this.#writers.map((writer) => writer.run(client));
    const compacting = kill % 5 === 0 ? this.#history.compact(client, this.#random) : Promise.resolve();
    const hasEnded = Promise.all([...writing, compacting]).then(() => {
      this.#history.collect(watch);
      client.close();
    });
    return { hasBegun: Promise.resolve(), hasEnded };
  }

  async verify(server: ServerProcess): Promise<void> {
    await withClient(server, async (client) => {
      for (const writer of this.#writers) await writer.verify(client);
      await checkLease(client);
      await this.#history.catchUp(client);
    });
  }

  async finish(server: ServerProcess): Promise<void> {
    await withClient(server, (client) => this.#history.checkReplay(client));
  }

  progress(): string {
    const acknowledged = this.#writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
    return `${acknowledged} acknowledged writes, ${this.#history.events.length} events`;
  }
}

async function withClient(server: ServerProcess, action: (client: RawClient) => Promise<void>): Promise<void> {
  const client = new RawClient(server.endpoint);
  await action(client);
  client.close();
}

async function checkLease(client: RawClient): Promise<void> {
  const lease = await client.call("leaseTimeToLive", newLeaseTimeToLiveRequest({ id: LEASE, keys: true }));
  assert.equal(lease.response?.grantedTtl, 3600, "the lease is gone");
  const keys = lease.response.keys.map((key) => Buffer.from(key).toString());
  assert.deepEqual(keys, ["leased"]);
}
