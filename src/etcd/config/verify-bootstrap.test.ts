import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "./config-note.ts";
import { parseServeArguments } from "./serve-arguments.ts";
import { verifyBootstrap } from "./verify-bootstrap.ts";

function lookup(host: string): Promise<readonly string[]> {
  const known: Record<string, string[]> = {
    localhost: ["127.0.0.1"],
    "10.0.0.9": ["10.0.0.9"],
    here: ["10.0.0.1"],
    also: ["10.0.0.1"],
  };
  return known[host] === undefined ? Promise.reject(new Error("no such host")) : Promise.resolve(known[host]);
}

async function verify(...argv: string[]): Promise<string | null> {
  const parsed = parseServeArguments(["--name=n", ...argv], {}, () => "");
  assert.ok(parsed.kind === "serve", JSON.stringify(parsed));
  try {
    await verifyBootstrap(parsed.config, lookup);
    return null;
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
}

test("a new member must find itself in the initial cluster, under its advertised URLs", async () => {
  assert.equal(await verify(), null);
  assert.equal(await verify("--initial-cluster=n=http://localhost:2380"), null);
  assert.equal(
    await verify("--initial-cluster=a=http://localhost:2380"),
    `couldn't find local name "n" in the initial cluster configuration`,
  );
  assert.equal(
    await verify("--initial-cluster=n=http://10.0.0.9:2380"),
    "--initial-cluster has n=http://10.0.0.9:2380 but missing from --initial-advertise-peer-urls=http://localhost:2380",
  );
  assert.equal(
    await verify("--initial-cluster=n=http://here:1", "--initial-advertise-peer-urls=http://here:1,http://here:2"),
    "--initial-advertise-peer-urls has http://here:2 but missing from --initial-cluster=n=http://here:1,n=http://here:2",
  );
  assert.equal(
    await verify("--initial-cluster=n=http://localhost:2380,b=http://localhost:2380"),
    "initial cluster b=http://localhost:2380,n=http://localhost:2380 has duplicate url",
  );
});

test("two names of one host are the same URL", async () => {
  assert.equal(await verify("--initial-cluster=n=http://also:1", "--initial-advertise-peer-urls=http://here:1"), null);
  const missing =
    "--initial-cluster has n=http://nowhere:1 but missing from --initial-advertise-peer-urls=http://here:1";
  assert.equal(
    await verify("--initial-cluster=n=http://nowhere:1", "--initial-advertise-peer-urls=http://here:1"),
    missing,
  );
});

test("clusters of several members, and joining one, are not there yet", async () => {
  assert.equal(
    await verify("--initial-cluster=n=http://localhost:2380,b=http://here:2380"),
    "--initial-cluster with several members is not supported yet",
  );
  assert.equal(
    await verify("--initial-cluster-state=existing"),
    "--initial-cluster-state=existing on an empty data directory is not supported yet",
  );
});
