import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test, type TestContext } from "node:test";
import { ScriptedEtcd } from "../../../test/support/scripted-etcd.ts";
import { EtcdClient } from "../client/etcd-client.ts";
import { grpcCode } from "../rpc/status.ts";
import { newPutResponse, type PutRequest, type PutResponse } from "../wire/etcdserverpb.ts";
import { services } from "../wire/services.ts";
import { SteadyWriter } from "./check-perf.ts";
import { ProgressBar } from "./progress-bar.ts";

const prefix = Buffer.from("/perf/");
const never = new AbortController().signal;

async function writerTo(
  t: TestContext,
  options: { readonly clients: number; readonly writesPerSecond: number },
  put: (request: PutRequest) => PutResponse | Promise<PutResponse>,
): Promise<SteadyWriter> {
  const server = await new ScriptedEtcd().unary(services["etcdserverpb.KV"].Put, put).listen();
  const clients = Array.from({ length: options.clients }, () => new EtcdClient({ endpoints: [server.endpoint] }));
  t.after(() => {
    for (const client of clients) client.close();
    server.stop();
  });
  return new SteadyWriter({ clients, prefix, writesPerSecond: options.writesPerSecond });
}

test("writes come at the rate asked for, with keys and values of the sizes promised", async (t) => {
  const puts: PutRequest[] = [];
  const writer = await writerTo(t, { clients: 8, writesPerSecond: 100 }, (request) => {
    puts.push(request);
    return newPutResponse();
  });
  let ticks = 0;
  const result = await writer.run(2, never, () => ticks++);
  assert.equal(ticks, 2);
  assert.equal(result.errors.size, 0);
  // A busy machine may be late, but never writes more than asked.
  assert(puts.length <= 200 && puts.length > 100, `${puts.length} writes`);
  assert(result.writesPerSecond <= 100);
  assert(puts.every(({ key, value }) => key.length === prefix.length + 256 && value.length === 1024));
  assert(new Set(puts.map(({ key }) => Buffer.from(key).toString("latin1"))).size === puts.length);
  assert(puts.every(({ key }) => prefix.equals(key.subarray(0, prefix.length))));
});

test("a slow server lowers the rate; no client has two writes in flight", async (t) => {
  let inFlight = 0;
  let inFlightMax = 0;
  const writer = await writerTo(t, { clients: 3, writesPerSecond: 1_000 }, async () => {
    inFlightMax = Math.max(inFlightMax, ++inFlight);
    await new Promise((resolve) => setTimeout(resolve, 100));
    inFlight--;
    return newPutResponse();
  });
  const result = await writer.run(1, never, () => undefined);
  assert.equal(inFlightMax, 3);
  assert(result.writesPerSecond <= 31, `${result.writesPerSecond}`);
  assert(result.slowestSeconds >= 0.1);
});

test("errors are counted by their words, and are no writes", async (t) => {
  const writer = await writerTo(t, { clients: 2, writesPerSecond: 20 }, () => {
    throw Object.assign(new Error(), {
      code: grpcCode.resourceExhausted,
      details: "etcdserver: mvcc: database space exceeded",
    });
  });
  const result = await writer.run(1, never, () => undefined);
  assert.deepEqual([...result.errors.keys()], ["etcdserver: mvcc: database space exceeded"]);
  assert.equal(result.writesPerSecond, 0);
});

test("an interrupt ends the run early", async (t) => {
  const writer = await writerTo(t, { clients: 1, writesPerSecond: 10 }, () => newPutResponse());
  const startMs = Date.now();
  await writer.run(60, AbortSignal.timeout(200), () => undefined);
  assert(Date.now() - startMs < 5_000);
});

test("a bar in a file is drawn once, when it is full; on a terminal at each step", () => {
  const draw = (isTTY: boolean): string => {
    let text = "";
    const output = Object.assign(
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          text += chunk.toString();
          done();
        },
      }),
      isTTY ? { isTTY } : {},
    );
    const bar = new ProgressBar(output, 2);
    bar.add(1);
    bar.add(1);
    bar.finish();
    return text;
  };
  const full = `2 / 2 [${"-".repeat(45)}] 100.00%`;
  assert.equal(draw(false), `${full}\n`);
  const half = `1 / 2 [${"-".repeat(22)}>${"_".repeat(22)}] 50.00%`;
  assert.equal(draw(true), `\r0 / 2 [${"_".repeat(45)}] 0.00%\r${half}\r${full}\r${full}\n`);
});
