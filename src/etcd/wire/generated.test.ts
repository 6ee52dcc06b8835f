import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadSync } from "@grpc/proto-loader";
import { GENERATED_HEADER } from "../../../proto/emit-messages.ts";
import { generate, WIRE_FOLDER } from "../../../proto/generate.ts";
import type { MethodDescriptor } from "./method.ts";
import { services } from "./services.ts";

test("the committed files are what `npm run generate` writes", () => {
  const generated = generate();
  for (const [file, content] of generated) {
    assert.ok(readFileSync(join(WIRE_FOLDER, file), "utf8") === content, `${file}: run npm run generate`);
  }
  const onDisk = readdirSync(WIRE_FOLDER).filter(
    (file) => file.endsWith(".ts") && readFileSync(join(WIRE_FOLDER, file), "utf8").startsWith(GENERATED_HEADER),
  );
  assert.deepEqual(onDisk.sort(), [...generated.keys()].sort());
});

test("proto-loader, which serves reflection, sees the services that the table has", () => {
  const folder = join(import.meta.dirname, "../../../proto");
  const definitions = loadSync(
    ["etcdserverpb/rpc.proto", "v3lockpb/v3lock.proto", "v3electionpb/v3election.proto", "grpc/health/v1/health.proto"],
    { includeDirs: [folder], keepCase: true },
  );
  const theirs = Object.entries(definitions).flatMap(([service, definition]) =>
    "format" in definition
      ? []
      : Object.entries(definition).map(([name, { path, requestStream, responseStream }]) => [
          service,
          name,
          path,
          requestStream,
          responseStream,
        ]),
  );
  const ours = Object.values(services).flatMap((methods) =>
    Object.values(methods).map((method: MethodDescriptor<never, never>) => [
      method.service,
      method.name,
      method.path,
      method.clientStreaming,
      method.serverStreaming,
    ]),
  );
  assert.deepEqual(ours.map(String).sort(), theirs.map(String).sort());
});

test("the gateway's paths are etcd's, the old ones of the lease service too", () => {
  const paths = Object.values(services).flatMap((methods) =>
    Object.values(methods).flatMap((method: MethodDescriptor<never, never>) => method.gatewayPaths),
  );
  assert.equal(new Set(paths).size, paths.length);
  assert.deepEqual(services["etcdserverpb.KV"].Range.gatewayPaths, ["/v3/kv/range"]);
  assert.deepEqual(services["etcdserverpb.KV"].RangeStream.gatewayPaths, []);
  assert.deepEqual(services["etcdserverpb.Lease"].LeaseRevoke.gatewayPaths, [
    "/v3/lease/revoke",
    "/v3/kv/lease/revoke",
  ]);
  assert.equal(paths.length, 51);
});
