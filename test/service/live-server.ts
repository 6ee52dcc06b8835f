/** A whole server in the test's own process, with its client and its directory: what the service tests talk to. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { RunningServer } from "../../src/main.ts";
import type { MethodDescriptor } from "../../src/etcd/wire/method.ts";
import * as pb from "../../src/etcd/wire/etcdserverpb.ts";
import { kv, TestClient, watch } from "../edge/grpc-client.ts";
import { startInProcess } from "../support/in-process.ts";

export const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
export const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The single zero byte: as a key the lowest one, as a range_end the end of all keys. */
export const ZERO = Buffer.of(0);
/** All keys. */
export const everything = { key: ZERO, rangeEnd: ZERO };

/** The ids of every default single member. */
export const MEMBER_ID = 0x8e9e05c52164694dn;
export const CLUSTER_ID = 0xcdf818194e3a8c32n;

interface TestLife {
  after(cleanUp: () => void | Promise<void>): void;
}

export class LiveServer {
  readonly root = mkdtempSync(join(tmpdir(), "service-"));
  readonly dataDir = join(this.root, "data");
  #flags: readonly string[];
  #server: RunningServer | null = null;
  #client: TestClient | null = null;

  /** The caller must `end` it. */
  static async open(flags: readonly string[] = []): Promise<LiveServer> {
    const server = new LiveServer(flags);
    await server.resume();
    return server;
  }

  /** Stopped, and its directory removed, when the test is over. */
  static async start(t: TestLife, flags: readonly string[] = []): Promise<LiveServer> {
    const server = await LiveServer.open(flags);
    t.after(() => server.end());
    return server;
  }

  private constructor(flags: readonly string[]) {
    // Only what a test crashes needs to be flushed, and in this process nothing crashes.
    this.#flags = ["--unsafe-no-fsync", ...flags];
  }

  get running(): RunningServer {
    assert.ok(this.#server !== null, "the server is started");
    return this.#server;
  }

  get client(): TestClient {
    assert.ok(this.#client !== null, "the server is started");
    return this.#client;
  }

  /** HOST:PORT */
  get address(): string {
    return this.running.clientAddresses[0]!;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  /** A further connection; close it. */
  connect(): TestClient {
    return new TestClient(this.address);
  }

  /** After `stop`. */
  async resume(): Promise<void> {
    this.#server = await startInProcess(this.dataDir, this.#flags);
    this.#client = new TestClient(this.address);
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await this.running.stop();
    this.#server = null;
  }

  /** Stops and starts again on the same directory. */
  async restart(flags?: readonly string[]): Promise<void> {
    await this.stop();
    if (flags !== undefined) this.#flags = ["--unsafe-no-fsync", ...flags];
    await this.resume();
  }

  async end(): Promise<void> {
    if (this.#server !== null) await this.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  // What most tests do.

  put(key: string, value: string | Uint8Array = "v", more: Partial<pb.PutRequest> = {}): Promise<pb.PutResponse> {
    const request = { key: bytes(key), value: typeof value === "string" ? bytes(value) : value, ...more };
    return this.client.unary(kv.Put, pb.newPutRequest(request));
  }

  range(init: Partial<pb.RangeRequest>): Promise<pb.RangeResponse> {
    return this.client.unary(kv.Range, pb.newRangeRequest(init));
  }

  /** The value of a key, null if there is none. */
  async get(key: string): Promise<string | null> {
    const { kvs } = await this.range({ key: bytes(key) });
    return kvs[0] === undefined ? null : text(kvs[0].value);
  }

  txn(init: Partial<pb.TxnRequest>): Promise<pb.TxnResponse> {
    return this.client.unary(kv.Txn, pb.newTxnRequest(init));
  }

  async revision(): Promise<number> {
    return (await this.range({ key: ZERO, serializable: true })).header!.revision;
  }

  watch(client = this.client): Watch {
    return new Watch(client);
  }

  /** The server goes on: a put works, within a time that a client would wait. */
  async proveAlive(): Promise<void> {
    const client = this.connect();
    try {
      const request = pb.newPutRequest({ key: bytes("alive"), value: bytes("yes") });
      const { header } = await client.unary(kv.Put, request, { deadlineMs: 15_000 });
      assert.equal(header!.revision > 1, true);
    } finally {
      client.close();
    }
  }
}

export const putOp = (key: string, value = "v", more: Partial<pb.PutRequest> = {}): pb.RequestOp => ({
  request: { case: "requestPut", value: pb.newPutRequest({ key: bytes(key), value: bytes(value), ...more }) },
});
export const rangeOp = (key: string, more: Partial<pb.RangeRequest> = {}): pb.RequestOp => ({
  request: { case: "requestRange", value: pb.newRangeRequest({ key: bytes(key), ...more }) },
});
export const deleteOp = (key: string, rangeEnd = ""): pb.RequestOp => ({
  request: {
    case: "requestDeleteRange",
    value: pb.newDeleteRangeRequest({ key: bytes(key), rangeEnd: bytes(rangeEnd) }),
  },
});
export const txnOp = (init: Partial<pb.TxnRequest>): pb.RequestOp => ({
  request: { case: "requestTxn", value: pb.newTxnRequest(init) },
});

export const createWatch = (init: Partial<pb.WatchCreateRequest>): pb.WatchRequest =>
  pb.newWatchRequest({ requestUnion: { case: "createRequest", value: pb.newWatchCreateRequest(init) } });
export const cancelWatch = (watchId: bigint): pb.WatchRequest =>
  pb.newWatchRequest({ requestUnion: { case: "cancelRequest", value: { watchId } } });
export const askProgress: pb.WatchRequest = pb.newWatchRequest({
  requestUnion: { case: "progressRequest", value: {} },
});

/** One watch stream and what came over it, asked for response by response. */
export class Watch {
  readonly call: ClientDuplexStream<pb.WatchRequest, pb.WatchResponse>;
  readonly status: Promise<{ code: number; details: string }>;
  readonly #responses: pb.WatchResponse[] = [];

  constructor(client: TestClient) {
    const { path, encodeRequest, decodeResponse } = watch.Watch;
    this.call = client.raw.makeBidiStreamRequest(path, encodeRequest, decodeResponse);
    this.call.on("data", (response: pb.WatchResponse) => this.#responses.push(response));
    this.call.on("error", () => undefined);
    this.status = new Promise((resolve) => {
      this.call.on("status", ({ code, details }) => resolve({ code, details }));
    });
  }

  send(request: pb.WatchRequest): void {
    this.call.write(request);
  }

  /** Creates a watch and returns the answer, which must be the next response. */
  async create(init: Partial<pb.WatchCreateRequest>): Promise<pb.WatchResponse> {
    this.send(createWatch(init));
    const response = await this.next();
    assert.ok(response.created, JSON.stringify(response, printable));
    return response;
  }

  async next(withinMs = 30_000): Promise<pb.WatchResponse> {
    if (this.#responses.length === 0) {
      await until(() => this.#responses.length > 0, "a watch response", withinMs);
    }
    return this.#responses.shift()!;
  }

  /** So many events, over as many responses as they take. */
  async events(count: number, withinMs = 30_000): Promise<string[]> {
    const events: string[] = [];
    while (events.length < count) events.push(...eventsOf(await this.next(withinMs)));
    return events;
  }

  /** Fails if anything comes within a while. */
  async silence(milliseconds: number): Promise<void> {
    await pause(milliseconds);
    assert.equal(JSON.stringify(this.#responses, printable), "[]");
  }

  cancel(): void {
    this.call.cancel();
  }
}

/** `put a=1@2`, `delete a@3`, and what was before: `put a=2@3 (1@2)`. */
export function eventsOf({ events }: pb.WatchResponse): string[] {
  return events.map(({ type, kv: pair, prevKv }) => {
    const before = prevKv === null ? "" : ` (${text(prevKv.value)}@${prevKv.modRevision})`;
    const { key, value, modRevision } = pair!;
    const what = type === 1 ? `delete ${text(key)}` : `put ${text(key)}=${text(value)}`;
    return `${what}@${modRevision}${before}`;
  });
}

/** All responses of a server's stream, and how it ended. */
export async function collect<Q, R>(
  client: TestClient,
  method: MethodDescriptor<Q, R>,
  request: Q,
): Promise<{ responses: R[]; code: number; details: string }> {
  const { call, status } = client.serverStream(method, request);
  const responses: R[] = [];
  call.on("data", (response: R) => responses.push(response));
  return { responses, ...(await status) };
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  what = condition.toString(),
  withinMs = 30_000,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(1);
  }
}

/** For JSON.stringify, which has no word for a bigint. */
export function printable(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
