import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import type { Logger } from "../../etcd/base/logger.ts";
import type { AdminConfig } from "../config/facade-config.ts";
import { openAdministration } from "./administration.ts";
import { FakeStatus } from "./testing/fake-status.ts";

const statuses = new Map([["/zk", new FakeStatus()]]);
const properties = new Map<string, string>();
const admin: AdminConfig = {
  enabled: true,
  host: "127.0.0.1",
  port: 0,
  isAddressGiven: true,
  idleTimeoutMs: 30_000,
  commandUrl: "/commands",
};

class Lines implements Logger {
  readonly warnings: string[] = [];
  debug(): void {
    // Nobody asks for these.
  }
  info(): void {
    // Nobody asks for these.
  }
  warn(message: string): void {
    this.warnings.push(message);
  }
  error(message: string): void {
    this.warnings.push(message);
  }
}

async function takenPort(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

test("what the settings ask for is opened, and closed again", async () => {
  const config = { admin, prometheus: { host: "127.0.0.1", port: 0 }, properties };
  const opened = await openAdministration(config, statuses, new Lines());
  const [adminAddress] = opened.adminAddresses;
  const [prometheusAddress] = opened.prometheusAddresses;
  assert.equal((await fetch(`http://${adminAddress!}/commands/ruok`)).status, 200);
  assert.match(await (await fetch(`http://${prometheusAddress!}/metrics`)).text(), /^znode_count 5$/m);
  await Promise.all([opened.close(), opened.close()]);
  await assert.rejects(fetch(`http://${adminAddress!}/commands/ruok`));
  await assert.rejects(fetch(`http://${prometheusAddress!}/metrics`));
});

test("nothing is opened that nobody wants", async () => {
  const config = { admin: { ...admin, enabled: false }, prometheus: null, properties };
  const opened = await openAdministration(config, statuses, new Lines());
  assert.deepEqual([opened.adminAddresses, opened.prometheusAddresses], [[], []]);
  await opened.close();
});

test("a taken port keeps the server down only when somebody has chosen it", async () => {
  const taken = await takenPort();
  try {
    const { port } = taken;
    const message = `listen tcp 127.0.0.1:${port}: bind: address already in use`;
    const chosen = { admin: { ...admin, port }, prometheus: null, properties };
    await assert.rejects(openAdministration(chosen, statuses, new Lines()), { message });

    const lines = new Lines();
    const byDefault = { ...chosen, admin: { ...admin, port, isAddressGiven: false } };
    const opened = await openAdministration(byDefault, statuses, lines);
    assert.deepEqual(opened.adminAddresses, []);
    assert.match(lines.warnings.join("\n"), /^the AdminServer's default address cannot be had/);
    await opened.close();

    const metrics = { admin, prometheus: { host: "127.0.0.1", port }, properties };
    await assert.rejects(openAdministration(metrics, statuses, new Lines()), { message });
  } finally {
    taken.close();
  }
});
