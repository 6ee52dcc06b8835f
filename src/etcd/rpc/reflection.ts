/**
 * gRPC server reflection, v1 and v1alpha, by grpc-js's own implementation: for grpcurl and its like, who come without
 * our .proto files. It is loaded at its first use, because hardly anybody ever asks and it takes a while.
 */
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as grpcReflection from "@grpc/reflection";
import type * as protoLoader from "@grpc/proto-loader";
import { MethodStats } from "./call-stats.ts";
import type { Endpoint } from "./endpoint.ts";
import { bidi, type RequestSink, type ResponseSink } from "./handler.ts";

const require = createRequire(import.meta.url);
const protoDirectory = fileURLToPath(new URL("../../../proto/", import.meta.url));
/** The files with services; what they import comes along. */
const serviceFiles = [
  "etcdserverpb/rpc.proto",
  "v3lockpb/v3lock.proto",
  "v3electionpb/v3election.proto",
  "grpc/health/v1/health.proto",
];
const METHOD = "ServerReflectionInfo";

/** What the implementation registers with what it takes for a grpc-js server. */
interface Loaded {
  decode(bytes: Buffer): unknown;
  encode(response: unknown): Buffer;
  serve(stream: EventEmitter): void;
}

export function reflectionEndpoints(): Endpoint[] {
  let loaded: Map<string, Loaded> | null = null;
  return ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"].map((service) => {
    const path = `/${service}/${METHOD}`;
    const implementation = (): Loaded => (loaded ??= load()).get(path)!;
    return {
      path,
      handler: bidi((responses) => new ReflectionStream(implementation(), responses)),
      stats: new MethodStats(service, METHOD, "bidi_stream"),
      gatewayPaths: [],
      requestType: null,
      responseType: null,
      decodeRequest: (bytes) => implementation().decode(Buffer.from(bytes)),
      encodeResponse: (response) => implementation().encode(response),
    };
  });
}

function load(): Map<string, Loaded> {
  const { ReflectionService } = require("@grpc/reflection") as typeof grpcReflection;
  const { loadSync } = require("@grpc/proto-loader") as typeof protoLoader;
  const definition = loadSync(serviceFiles, { includeDirs: [protoDirectory], keepCase: true });
  const loaded = new Map<string, Loaded>();
  new ReflectionService(definition).addToServer({
    addService(service, implementation) {
      for (const [name, { path, requestDeserialize, responseSerialize }] of Object.entries(service)) {
        const serve = implementation[name] as unknown as Loaded["serve"];
        loaded.set(path, { decode: requestDeserialize, encode: responseSerialize, serve });
      }
    },
  });
  return loaded;
}

/** As much of a grpc-js stream as the implementation uses: `data` and `end` in, `write` and `end` out. */
class ReflectionStream extends EventEmitter implements RequestSink<unknown> {
  readonly #responses: ResponseSink<unknown>;

  constructor(implementation: Loaded, responses: ResponseSink<unknown>) {
    super();
    this.#responses = responses;
    implementation.serve(this);
  }

  write(response: unknown): void {
    this.#responses.write(response);
  }

  end(): void {
    this.#responses.end();
  }

  message(request: unknown): boolean {
    this.emit("data", request);
    return true;
  }

  halfClose(): void {
    this.emit("end");
  }

  drained(): void {
    // Each response answers one request, and a client that does not read is not read.
  }

  close(): void {
    this.removeAllListeners();
  }
}
