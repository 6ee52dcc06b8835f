/** Who a client is, over real sockets: digests, the super user, and servers that take nobody who has not said. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ZkClient } from "../../support/zk-client.ts";
import { startScratchZk, type ZkInProcess } from "../../support/zk-in-process.ts";

const noAuth = -102;
const authFailed = -115;
const mustAuthenticate = -124;
/** Of super:secret. */
const superDigest = "super:lK75jTNcA+U9vtVEw5vB51mj/w4=";
const bobOnly = [{ perms: 31, scheme: "digest", id: "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=" }];

describe("authentication", { timeout: 120_000 }, () => {
  let server: ZkInProcess;
  let strict: ZkInProcess;
  let saslOnly: ZkInProcess;

  before(async () => {
    const flags = [`-Dzookeeper.DigestAuthenticationProvider.superDigest=${superDigest}`];
    server = await startScratchZk(flags);
    const enforced = ["-Dzookeeper.enforce.auth.enabled=true", "-Dzookeeper.enforce.auth.schemes=digest"];
    strict = await startScratchZk(enforced);
    const sasl = "-Dzookeeper.authProvider.sasl=org.apache.zookeeper.server.auth.SASLAuthenticationProvider";
    saslOnly = await startScratchZk([sasl, "-Dzookeeper.sessionRequireClientSASLAuth=true"]);
  });

  after(async () => {
    await server.stop();
    await strict.stop();
    await saslOnly.stop();
  });

  const connect = ({ port }: ZkInProcess): Promise<ZkClient> => ZkClient.connect({ port, timeoutMs: 10_000 });

  test("what is bob's is for bob and for super", async () => {
    const bob = await connect(server);
    await bob.ok("auth", { scheme: "digest", auth: "bob:pw" });
    await bob.ok("create", { path: "/bob", data: "secret", acl: bobOnly });
    const stranger = await connect(server);
    assert.equal((await stranger.call("getData", { path: "/bob" })).err, noAuth);
    assert.equal((await stranger.call("setData", { path: "/bob", data: "x" })).err, noAuth);
    assert.equal((await stranger.call("exists", { path: "/bob" })).err, noAuth);
    await stranger.ok("auth", { scheme: "digest", auth: "super:secret" });
    assert.equal((await stranger.ok("getData", { path: "/bob" })).data?.toString(), "secret");
    await bob.close();
    await stranger.close();
  });

  test("an event of a znode that a client may not read is not sent", async () => {
    const bob = await connect(server);
    await bob.ok("auth", { scheme: "digest", auth: "bob:pw" });
    const stranger = await connect(server);
    await stranger.ok("addWatch", { path: "/", mode: 1 });
    await bob.ok("create", { path: "/hidden", acl: bobOnly });
    await bob.ok("create", { path: "/open" });
    assert.equal((await stranger.nextEvent()).path, "/open");
    await bob.close();
    await stranger.close();
  });

  test("a proof of an unknown kind ends the connection", async () => {
    const client = await connect(server);
    assert.equal((await client.call("auth", { scheme: "kerberos", auth: "x" })).err, authFailed);
    await client.closed;
  });

  test("a server that takes nobody without a proof says so and closes", async () => {
    const stranger = await connect(strict);
    assert.equal((await stranger.call("exists", { path: "/" })).err, mustAuthenticate);
    await stranger.closed;
    const bob = await connect(strict);
    await bob.ok("auth", { scheme: "digest", auth: "bob:pw" });
    assert.equal((await bob.call("exists", { path: "/" })).err, 0);
    await bob.close();
  });

  test("where clients must log in by SASL nobody gets in", async () => {
    const bob = await connect(saslOnly);
    await bob.ok("auth", { scheme: "digest", auth: "bob:pw" });
    assert.equal((await bob.ok("sasl", { token: "" })).token, null);
    assert.equal((await bob.call("exists", { path: "/" })).err, mustAuthenticate);
    await bob.closed;
  });
});
