import assert from "node:assert/strict";
import { test } from "node:test";
import { EtcdError } from "../errors.ts";
import type { WatchSink } from "../port.ts";
import { newResponseHeader, newWatchCreateRequest, newWatchResponse, type WatchRequest } from "../wire/etcdserverpb.ts";
import { Watcher, watchError } from "./watcher.ts";

/** A port whose only stream is in the test's hands. */
class HandPort {
  readonly requests: WatchRequest[] = [];
  drains = 0;
  closes = 0;
  sink!: WatchSink;

  watch(sink: WatchSink): { request(message: WatchRequest): void; drained(): void; close(): void } {
    this.sink = sink;
    return {
      request: (message) => this.requests.push(message),
      drained: () => this.drains++,
      close: () => {
        if (this.closes++ === 0) sink.end();
      },
    };
  }

  say(revision: number, canceled = false): boolean {
    return this.sink.write(newWatchResponse({ header: newResponseHeader({ revision }), canceled }));
  }
}

async function revisions(watcher: Watcher): Promise<number[]> {
  const seen: number[] = [];
  for await (const { header } of watcher) seen.push(header!.revision);
  return seen;
}

test("responses come in order; the canceled one is the last; created is kept back", async () => {
  const port = new HandPort();
  const watcher = new Watcher(port, newWatchCreateRequest());
  assert.equal(port.requests[0]?.requestUnion?.case, "createRequest");
  port.sink.write(newWatchResponse({ created: true }));
  const reading = revisions(watcher);
  port.say(1);
  await Promise.resolve();
  port.say(2);
  port.say(3, true);
  port.say(4);
  assert.deepEqual(await reading, [1, 2, 3]);
  assert.equal(port.closes, 1);
});

test("the stream is asked to pause when 64 wait, and told when they are taken", async () => {
  const port = new HandPort();
  const watcher = new Watcher(port, newWatchCreateRequest());
  for (let revision = 1; revision < 64; revision++) assert.equal(port.say(revision), true);
  assert.equal(port.say(64), false);
  assert.equal(port.drains, 0);
  const reading = revisions(watcher);
  await Promise.resolve();
  assert.equal(port.drains, 1);
  watcher.close();
  assert.equal((await reading).length, 64);
});

test("what the stream ends with is thrown behind what came before", async () => {
  const port = new HandPort();
  const watcher = new Watcher(port, newWatchCreateRequest());
  port.say(1);
  port.sink.end(new EtcdError("noLeader"));
  const seen: number[] = [];
  await assert.rejects(
    async () => {
      for await (const { header } of watcher) seen.push(header!.revision);
    },
    (error) => error instanceof EtcdError && error.code === "noLeader",
  );
  assert.deepEqual(seen, [1]);
});

test("an abort ends the loop without an error", async () => {
  const port = new HandPort();
  const abort = new AbortController();
  const reading = revisions(new Watcher(port, newWatchCreateRequest(), abort.signal));
  abort.abort();
  assert.deepEqual(await reading, []);
  assert.deepEqual(await revisions(new Watcher(new HandPort(), newWatchCreateRequest(), abort.signal)), []);
});

test("why a watcher was cancelled, as etcd's client reads it", () => {
  const codeOf = (fields: Parameters<typeof newWatchResponse>[0]): string | undefined => {
    const error = watchError(newWatchResponse(fields));
    return error instanceof EtcdError ? error.code : error?.message;
  };
  assert.equal(codeOf({}), undefined);
  assert.equal(codeOf({ canceled: true, compactRevision: 5 }), "compacted");
  assert.equal(codeOf({ canceled: true }), "futureRevision");
  assert.equal(codeOf({ canceled: true, cancelReason: "etcdserver: permission denied" }), "permissionDenied");
  assert.equal(
    codeOf({ canceled: true, cancelReason: "mvcc: watcher range is empty" }),
    "mvcc: watcher range is empty",
  );
});
