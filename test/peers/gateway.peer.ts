import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exchange, type HttpAnswer, type HttpQuestion } from "../support/http-exchange.ts";
import { type ServerProcess, startEtcd36, startOurs } from "../support/servers.ts";

/*
 * The JSON requests of etcd's manual and of clients that live without gRPC, and what can be wrong with them, go to our
 * server and to a real etcd in the same order: status, headers and body must be the same, ids, sizes and times aside.
 */

interface Step extends HttpQuestion {
  readonly name: string;
  /** The answer is a stream: how many of its lines to read. */
  readonly lines?: number;
  /** The order of lines is chance. */
  readonly unordered?: true;
  /** Only status and headers are compared: the words are of Go's JSON parser, or numbers of the process. */
  readonly bodyDiffers?: true;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const post = (path: string, body: unknown, more: Partial<Step> = {}): Step => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { name: `${path} ${text.slice(0, 80)}`, method: "POST", path, body: text, ...more };
};
const get = (path: string, more: Partial<Step> = {}): Step => ({ name: path, method: "GET", path, ...more });
const named = (name: string, step: Step): Step => ({ ...step, name });

const key = base64("foo");
const steps: readonly Step[] = [
  // The manual's examples.
  post("/v3/kv/put", { key, value: base64("bar") }),
  post("/v3/kv/range", { key }),
  post("/v3/kv/range", { key, range_end: base64("fop") }),
  post("/v3/kv/txn", {
    compare: [{ target: "CREATE", key, createRevision: "2" }],
    success: [{ requestPut: { key, value: base64("bar") } }],
  }),
  post("/v3/kv/txn", {
    compare: [{ version: "4", result: "EQUAL", target: "VERSION", key }],
    success: [{ requestRange: { key } }],
  }),
  post("/v3/lease/grant", { ID: "7587848943239472601", TTL: "600" }),
  post("/v3/lease/timetolive", { ID: "7587848943239472601", keys: true }),
  post("/v3/lease/keepalive", { ID: "7587848943239472601" }, { lines: 1 }),
  post("/v3/lease/leases", {}),
  post("/v3/auth/status", {}),

  // Keys and values.
  post("/v3/kv/put", { key, value: base64("again"), prev_kv: true }),
  post("/v3/kv/put", { key, value: base64("camel"), prevKv: true }),
  post("/v3/kv/put", { key: "Zm9v", value: "-_-_" }),
  post("/v3/kv/put", { key: "Zm8", value: "" }),
  post("/v3/kv/put", '{"key":"Zm9v","ignore_value":true,"lease":7587848943239472601}'),
  post("/v3/kv/put", '{"key":"Zm9v","ignore_value":true,"lease":"7587848943239472601"}'),
  post("/v3/kv/put", { key, ignore_lease: true, value: base64("<&> \u2028") }),
  post("/v3/kv/range", { key: "AA==", range_end: "AA==", limit: 1 }),
  post("/v3/kv/range", { key: "AA==", range_end: "AA==", sort_order: "DESCEND", sort_target: "MOD" }),
  post("/v3/kv/range", { key: "AA==", range_end: "AA==", sortOrder: 2, sortTarget: 1, limit: "1e0" }),
  post("/v3/kv/range", { key: "AA==", range_end: "AA==", count_only: true }),
  post("/v3/kv/range", { key: "AA==", range_end: "AA==", keys_only: true }),
  post("/v3/kv/range", { key, revision: 2 }),
  post("/v3/kv/range", { key, revision: "2", serializable: true }),
  post("/v3/kv/range", { key: base64("nothing") }),
  post("/v3/kv/range", { key, revision: null, unknown_field: { a: [1, 2] } }),
  post("/v3/kv/deleterange", { key: "Zm8=", prev_kv: true }),
  post("/v3/kv/deleterange", { key: base64("nothing") }),
  post("/v3/kv/txn", {
    compare: [{ result: "GREATER", target: "VALUE", key, value: "AA==" }],
    success: [
      { request_put: { key: base64("t"), value: base64("1"), prev_kv: true } },
      { request_range: { key: base64("t") } },
      { request_delete_range: { key: base64("t"), prev_kv: true } },
      { request_txn: { failure: [], success: [{ request_range: { key } }] } },
    ],
    failure: [{ request_range: { key } }],
  }),
  post("/v3/kv/txn", {
    compare: [{ result: "NOT_EQUAL", target: "LEASE", key, lease: "0" }],
    failure: [{ request_range: { key, count_only: true } }],
  }),
  post("/v3/kv/txn", {}),
  post("/v3beta/kv/range", { key }),

  // Watches.
  post("/v3/watch", { create_request: { key, start_revision: "2" } }, { lines: 2 }),
  post("/v3/watch", { create_request: { key, start_revision: 2, prev_kv: true, filters: ["NODELETE"] } }, { lines: 2 }),
  post(
    "/v3/watch",
    { create_request: { key: "AA==", range_end: "AA==", start_revision: 2, watch_id: 7 } },
    { lines: 2 },
  ),
  post("/v3/watch", '{"create_request":{"key":"Zm9v"}}{"create_request":{"key":"Zm8="}}\n{"progress_request":{}}', {
    lines: 3,
    // etcd answers a progress request from another goroutine.
    unordered: true,
  }),
  post("/v3/watch", '{"create_request":{"key":"Zm9v"}} {"cancel_request":{"watch_id":"0"}}', { lines: 2 }),
  post("/v3/watch", { create_request: { key, watch_id: -1 } }, { lines: 1 }),
  named("two watches of one id", {
    ...post(
      "/v3/watch",
      '{"create_request":{"key":"Zm9v","watch_id":5}}{"create_request":{"key":"Zm9v","watch_id":5}}',
    ),
    lines: 2,
  }),
  post("/v3/lease/keepalive", '{"ID":"7587848943239472601"}{"ID":"12345"}', { lines: 2 }),

  // What is wrong, and how that is said.
  post("/v3/kv/put", {}),
  post("/v3/kv/put", ""),
  post("/v3/kv/range", {}),
  post("/v3/kv/range", { key, revision: "100000" }),
  post("/v3/kv/put", { key, lease: "1" }),
  post("/v3/kv/txn", { success: [{ request_put: { key } }, { request_put: { key } }] }),
  post("/v3/lease/grant", { ID: "7587848943239472601", TTL: "600" }),
  post("/v3/lease/grant", { TTL: "9000000001" }),
  post("/v3/lease/revoke", { ID: "1" }),
  post("/v3/kv/lease/revoke", { ID: "1" }),
  post("/v3/kv/compaction", { revision: "100000" }),
  post("/v3/kv/compaction", { revision: "3", physical: true }),
  post("/v3/kv/compaction", { revision: "3" }),
  post("/v3/kv/range", { key, revision: "2" }),
  post("/v3/watch", { create_request: { key, start_revision: "2" } }, { lines: 2 }),
  post("/v3/kv/put", "{", { bodyDiffers: true }),
  post("/v3/kv/put", "nonsense", { bodyDiffers: true }),
  post("/v3/kv/put", '{"key":5}', { bodyDiffers: true }),
  post("/v3/kv/put", '{"key":"%%%"}', { bodyDiffers: true }),
  post("/v3/kv/range", '{"key":"Zm9v","limit":"many"}', { bodyDiffers: true }),
  post("/v3/kv/range", '{"key":"Zm9v","limit":1.5}', { bodyDiffers: true }),
  post("/v3/kv/range", '{"key":"Zm9v","sort_order":"SIDEWAYS"}'),
  post("/v3/kv/range", '{"key":"Zm9v"} trailing', { bodyDiffers: true }),
  post("/v3/kv/nothing", {}),
  post("/v3/nothing", {}),
  post("/v4/kv/range", {}),
  get("/v3/kv/range"),
  { name: "PUT", method: "PUT", path: "/v3/kv/put", body: "{}" },
  { name: "DELETE", method: "DELETE", path: "/v3/kv/put" },
  post("/v3/kv/range/", { key }),
  post("/v3/kv/range?key=Zm9v", {}),
  named("a deadline", post("/v3/kv/range", { key }, { headers: { "grpc-timeout": "5S" } })),
  named("a bad deadline", post("/v3/kv/range", { key }, { headers: { "grpc-timeout": "soon" }, bodyDiffers: true })),
  named("a form", post("/v3/kv/range", { key }, { headers: { "content-type": "application/x-www-form-urlencoded" } })),
  named("a token", post("/v3/kv/range", { key }, { headers: { authorization: "nonsense" } })),
  named("a long value", post("/v3/kv/put", { key, value: "A".repeat(2_100_000) })),
  named("a longer value", post("/v3/kv/put", { key, value: "A".repeat(4_000_000) })),

  // Leases, locks, elections.
  post("/v3/kv/lease/timetolive", { ID: "7587848943239472601" }),
  post("/v3/kv/lease/leases", {}),
  post("/v3/lease/timetolive", { ID: "1" }),
  post("/v3/lock/lock", { name: base64("l"), lease: "7587848943239472601" }),
  post("/v3/lock/unlock", { key: base64("l/694d77aa9e38260f") }),
  post("/v3/lock/lock", { name: base64("l"), lease: "1" }),
  post("/v3/election/leader", { name: base64("e") }),
  post("/v3/election/campaign", { name: base64("e"), lease: "7587848943239472601", value: base64("me") }),
  post("/v3/election/leader", { name: base64("e") }),
  post("/v3/election/observe", { name: base64("e") }, { lines: 1 }),
  post("/v3/election/proclaim", { value: base64("you") }),
  post("/v3/election/resign", {}),
  post("/v3/lease/revoke", { ID: "7587848943239472601" }),

  // The cluster and its upkeep.
  post("/v3/cluster/member/list", {}),
  post("/v3/cluster/member/list", { linearizable: true }),
  post("/v3/maintenance/status", {}),
  post("/v3/maintenance/alarm", { action: "GET" }),
  post("/v3/maintenance/alarm", { action: "ACTIVATE", alarm: "NOSPACE", memberID: "1" }),
  post("/v3/kv/put", { key, value: "AA==" }),
  get("/health"),
  get("/health?exclude=NOSPACE"),
  get("/readyz"),
  post("/v3/maintenance/alarm", { action: "DEACTIVATE", alarm: "NOSPACE", memberID: "1" }),
  post("/v3/maintenance/defragment", {}),
  post("/v3/maintenance/hashkv", { revision: "0" }, { bodyDiffers: true }),
  post("/v3/maintenance/hash", {}, { bodyDiffers: true }),
  post("/v3/maintenance/transfer-leadership", { targetID: "1" }),
  post("/v3/maintenance/downgrade", { action: "VALIDATE", version: "x" }),
  post("/v3/maintenance/snapshot", {}, { bodyDiffers: true, lines: 1 }),
  post("/v3/auth/enable", {}),
  post("/v3/auth/user/list", {}),
  post("/v3/auth/role/list", {}),
  post("/v3/auth/authenticate", { name: "root", password: "x" }),

  // The pages beside the gateway.
  get("/health"),
  get("/health?serializable=true"),
  get("/livez"),
  get("/livez?verbose", { unordered: true }),
  get("/livez/serializable_read"),
  get("/livez/nothing"),
  get("/livez?exclude=serializable_read&verbose"),
  get("/readyz"),
  get("/readyz?verbose", { unordered: true }),
  get("/readyz/data_corruption?verbose"),
  get("/readyz/linearizable_read"),
  get("/readyz/non_learner"),
  get("/readyz?exclude=nothing"),
  post("/health", ""),
  post("/livez", ""),
  get("/version"),
  post("/version", ""),
  get("/debug/vars", { bodyDiffers: true }),
  post("/debug/vars", ""),
  get("/metrics", { bodyDiffers: true }),
  get("/"),
  get("/v2/keys"),
  get("/nothing"),
  named("CORS", get("/health", { headers: { origin: "http://example.com" } })),
  { name: "CORS preflight", method: "OPTIONS", path: "/v3/kv/put", headers: { origin: "http://example.com" } },
  { name: "OPTIONS without an origin", method: "OPTIONS", path: "/v3/kv/put" },
  { name: "HEAD", method: "HEAD", path: "/health" },
];

describe("the JSON gateway and its neighbours, beside etcd 3.6", { concurrency: 1 }, () => {
  let ours: ServerProcess;
  let theirs: ServerProcess;
  before(async () => {
    [ours, theirs] = await Promise.all([startOurs(), startEtcd36()]);
  });
  after(() => Promise.all([ours.stop(), theirs.stop()]));

  for (const step of steps) {
    test(step.name, async () => {
      const [own, real] = await Promise.all([ours, theirs].map(async ({ endpoint }) => ask(endpoint, step)));
      assert.deepEqual(own, real);
    });
  }

  test("a watch hears of what comes after it", async () => {
    const stories = await Promise.all(
      [ours, theirs].map(async ({ endpoint }) => {
        const create = post("/v3/watch", { create_request: { key: base64("live"), prev_kv: true } });
        const watched = ask(endpoint, { ...create, lines: 4 });
        // Registered before the first put, however slow the machine is.
        await new Promise((resolve) => setTimeout(resolve, 500));
        await exchange(endpoint, post("/v3/kv/put", { key: base64("live"), value: base64("<1>") }));
        await exchange(endpoint, post("/v3/kv/put", { key: base64("live"), value: base64("2") }));
        await exchange(endpoint, post("/v3/kv/deleterange", { key: base64("live") }));
        return watched;
      }),
    );
    assert.equal(stories[1]!.body.split("\n").length, 5);
    assert.deepEqual(stories[0], stories[1]);
  });
});

describe("where ours says more than etcd", () => {
  test("a watch request that is no JSON: etcd says nothing and leaves the stream open, ours says why", async () => {
    const servers = await Promise.all([startOurs(), startEtcd36()]);
    const [own, real] = await Promise.all(
      servers.map(({ endpoint }) =>
        exchange(endpoint, post("/v3/watch", "{nonsense"), { timeoutMs: 2000 }).catch(String),
      ),
    );
    await Promise.all(servers.map((server) => server.stop()));
    assert.equal(real, "Error: no answer to POST /v3/watch within 2000 ms");
    assert.ok(typeof own === "object");
    const text = "invalid character 'n' looking for beginning of object key string";
    assert.deepEqual([own.status, JSON.parse(own.body)], [400, { code: 3, message: text }]);
  });
});

async function ask(endpoint: string, step: Step): Promise<HttpAnswer> {
  const answer = await exchange(endpoint, step, step.lines === undefined ? {} : { lines: step.lines });
  return {
    status: answer.status,
    headers: maskHeaders(answer.headers),
    body: step.bodyDiffers ? "" : maskBody(answer.body, endpoint, step),
  };
}

/** Left out: the clock, how the body is framed, and a word that Prometheus's library adds from version to version. */
function maskHeaders(headers: HttpAnswer["headers"]): HttpAnswer["headers"] {
  const isCompared = (name: string): boolean => !["date", "content-length", "transfer-encoding"].includes(name);
  const kept = Object.entries(headers).filter(([name]) => isCompared(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value).replace("; escaping=underscores", "")]));
}

function maskBody(body: string, endpoint: string, step: Step): string {
  const lines = body.split("\n").map((line) => maskText(compact(line)).replaceAll(endpoint, "ENDPOINT"));
  return (step.unordered ? lines.sort() : lines).join("\n");
}

/** protobuf-go puts a blank behind commas, or not, from build to build, so that nobody relies on it. */
function compact(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line));
  } catch {
    return line;
  }
}

function maskText(text: string): string {
  return (
    text
      .replace(/"(cluster_id|member_id|leader|memberID)":"\d+"/g, '"$1":"N"')
      .replace(/"ID":"(?!7587848943239472601)\d{10,}"/g, '"ID":"N"')
      .replace(/"(dbSize|dbSizeInUse|raftIndex|raftAppliedIndex)":"\d+"/g, '"$1":"N"')
      .replace(/"(version|etcdserver)":"3\.6\.\d+"/g, '"$1":"3.6.N"')
      // etcd measures the message, ours the JSON that it will not even parse.
      .replace(/larger than max \(\d+ vs\. \d+\)/, "larger than max (N vs. N)")
      .replace(/127\.0\.0\.1:\d+/g, "ADDRESS")
  );
}
