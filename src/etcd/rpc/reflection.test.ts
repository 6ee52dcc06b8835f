import assert from "node:assert/strict";
import { test } from "node:test";
import { startEdgeServer } from "../../../test/edge/edge-server.ts";
import { TestStream } from "../../../test/edge/grpc-client.ts";

/** A ServerReflectionRequest with one string field. */
function request(field: number, value: string): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, value.length]), Buffer.from(value)]);
}

const FILE_CONTAINING_SYMBOL = 4;
const LIST_SERVICES = 7;

for (const version of ["v1", "v1alpha"]) {
  test(`services and their messages can be looked up (${version})`, async () => {
    const server = await startEdgeServer();
    try {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      const same = (bytes: Buffer): Buffer => bytes;
      const stream = new TestStream(server.client.raw.makeBidiStreamRequest(path, same, same));
      stream.send(request(LIST_SERVICES, "*"));
      const services = (await stream.next()).toString("latin1");
      for (const service of ["etcdserverpb.KV", "etcdserverpb.Watch", "v3lockpb.Lock", "grpc.health.v1.Health"]) {
        assert.ok(services.includes(service), service);
      }
      stream.send(request(FILE_CONTAINING_SYMBOL, "etcdserverpb.RangeRequest"));
      assert.ok((await stream.next()).includes("min_create_revision"));
      stream.send(request(FILE_CONTAINING_SYMBOL, "etcdserverpb.Nothing"));
      assert.match((await stream.next()).toString("latin1"), /not found/i);
      stream.call.end();
      assert.equal((await stream.status).code, 0);
    } finally {
      await server.stop();
    }
  });
}
