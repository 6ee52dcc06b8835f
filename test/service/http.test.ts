/** HTTP on the port of gRPC, with a real member behind it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exchange } from "../support/http-exchange.ts";
import { bytes, LiveServer, MEMBER_ID, pause } from "./live-server.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

describe("HTTP", { timeout: 120_000 }, () => {
  let server: LiveServer;

  before(async () => {
    server = await LiveServer.open();
  });
  after(() => server.end());

  const post = async (path: string, body: unknown): Promise<Answer> => {
    const response = await fetch(`${server.url}${path}`, { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  const header = (revision: number): Record<string, string> => ({
    cluster_id: "14841639068965178418",
    member_id: "10276657743932975437",
    revision: String(revision),
    raft_term: "2",
  });

  test("put, range, delete and txn as in etcd's manual", async () => {
    const put = await post("/v3/kv/put", { key: base64("foo"), value: base64("bar") });
    assert.deepEqual(put, { status: 200, json: { header: header(2) } });
    const range = await post("/v3/kv/range", { key: base64("foo") });
    assert.deepEqual(range.json, {
      header: header(2),
      kvs: [{ key: "Zm9v", create_revision: "2", mod_revision: "2", version: "1", value: "YmFy" }],
      count: "1",
    });
    const txn = await post("/v3/kv/txn", {
      compare: [{ target: "CREATE", key: base64("foo"), createRevision: "2" }],
      success: [{ requestPut: { key: base64("foo"), value: base64("baz") } }],
    });
    assert.deepEqual(txn.json, {
      header: header(3),
      succeeded: true,
      responses: [{ response_put: { header: { revision: "3" } } }],
    });
    const removed = await post("/v3/kv/deleterange", { key: base64("foo"), prev_kv: true });
    assert.deepEqual([removed.json["deleted"], removed.json["header"]], ["1", header(4)]);
    assert.deepEqual((await post("/v3/kv/range", { key: base64("foo") })).json, { header: header(4) });
  });

  test("an error is etcd's, with the status that goes with its code", async () => {
    assert.deepEqual(await post("/v3/kv/put", {}), {
      status: 400,
      json: { code: 3, message: "etcdserver: key is not provided" },
    });
    assert.deepEqual(await post("/v3/lease/revoke", { ID: "99" }), {
      status: 404,
      json: { code: 5, message: "etcdserver: requested lease not found" },
    });
    assert.deepEqual(await post("/v3/nope", {}), { status: 404, json: { code: 5, message: "Not Found" } });
  });

  test("what HTTP wrote gRPC reads, and a watch over HTTP sees what gRPC wrote", async () => {
    await post("/v3/kv/put", { key: base64("shared"), value: base64("by HTTP") });
    assert.equal(await server.get("shared"), "by HTTP");
    const question = {
      method: "POST",
      path: "/v3/watch",
      body: JSON.stringify({ create_request: { key: base64("watched") } }),
    };
    const watched = exchange(server.address, question, { lines: 2 });
    // Whether it is there already or not, it sees one of these first.
    for (let i = 0; i < 5; i++) {
      await server.put("watched", String(i));
      await pause(20);
    }
    const [created, event] = (await watched).body.split("\n").map((line) => line && (JSON.parse(line) as unknown));
    assert.deepEqual((created as { result: { created: boolean } }).result.created, true);
    const { events } = (event as { result: { events: { kv: { key: string } }[] } }).result;
    assert.equal(events[0]?.kv.key, base64("watched"));
  });

  test("leases: granted, renewed, looked at", async () => {
    const granted = await post("/v3/lease/grant", { TTL: 600, ID: "4711" });
    assert.deepEqual([granted.json["ID"], granted.json["TTL"]], ["4711", "600"]);
    const renewed = await exchange(
      server.address,
      { method: "POST", path: "/v3/lease/keepalive", body: '{"ID":"4711"}' },
      { lines: 1 },
    );
    assert.match(renewed.body, /"ID":"4711","TTL":"600"/);
    const life = await post("/v3/lease/timetolive", { ID: "4711" });
    assert.equal(life.json["grantedTTL"], "600");
    assert.deepEqual((await post("/v3/lease/timetolive", { ID: "5" })).json["TTL"], "-1");
  });

  test("status and members", async () => {
    const { json } = await post("/v3/maintenance/status", {});
    assert.deepEqual([json["version"], json["leader"], json["storageVersion"]], ["3.6.14", String(MEMBER_ID), "3.6.0"]);
    assert.deepEqual(json["downgradeInfo"], {});
    const members = await post("/v3/cluster/member/list", {});
    assert.deepEqual(members.json["members"], [
      {
        ID: String(MEMBER_ID),
        name: "default",
        peerURLs: ["http://localhost:2380"],
        clientURLs: ["http://localhost:2379"],
      },
    ]);
  });

  test("the pages for operators", async () => {
    const page = async (path: string): Promise<[number, string]> => {
      const response = await fetch(server.url + path);
      return [response.status, await response.text()];
    };
    assert.deepEqual(await page("/health"), [200, '{"health":"true","reason":""}']);
    assert.deepEqual(await page("/version"), [200, '{"etcdserver":"3.6.14","etcdcluster":"3.6.0","storage":"3.6.0"}']);
    for (const path of ["/livez", "/readyz", "/readyz/linearizable_read", "/livez/serializable_read"]) {
      const [status, text] = await page(path);
      assert.deepEqual([status, text.trim()], [200, "ok"], path);
    }
    const [status, vars] = await page("/debug/vars");
    assert.equal(status, 200);
    const raft = (JSON.parse(vars) as Record<string, unknown>)["raft.status"] as Record<string, unknown>;
    assert.deepEqual([raft["id"], raft["raftState"]], ["8e9e05c52164694d", "StateLeader"]);
  });
});

test("localhost is served on both loopback addresses, by gRPC and by HTTP", { timeout: 120_000 }, async (t) => {
  const server = await LiveServer.start(t, ["--listen-client-urls=http://localhost:0"]);
  const addresses = server.running.clientAddresses;
  assert.deepEqual(
    addresses.map((address) => address.replace(/:\d+$/, "")),
    ["127.0.0.1", "[::1]"],
  );
  assert.equal(new Set(addresses.map((address) => address.replace(/^.*:/, ""))).size, 1);
  for (const address of addresses) {
    const body = JSON.stringify({ key: base64(address), value: base64("here") });
    const response = await fetch(`http://${address}/v3/kv/put`, { method: "POST", body });
    assert.equal(response.status, 200, address);
    assert.equal((await server.range({ key: bytes(address) })).count, 1);
  }
});
