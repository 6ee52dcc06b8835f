/**
 * A bare grpc-js server that knows KV.Put and KV.Range and answers each with the same bytes: what the transport alone
 * costs, the yardstick for everything that our server adds. Prints its port, ends on SIGTERM.
 */
import * as grpc from "@grpc/grpc-js";
import { encodePutResponse, newPutResponse, newResponseHeader } from "../../src/etcd/wire/etcdserverpb.ts";

/** A header is all that a Put answers; a Range reads the same bytes as a range without pairs. */
const answered = Buffer.from(
  encodePutResponse(
    newPutResponse({
      header: newResponseHeader({
        clusterId: 0xcdf818194e3a8c32n,
        memberId: 0x8e9e05c52164694dn,
        revision: 123_456,
        raftTerm: 2,
      }),
    }),
  ),
);
const identity = (bytes: Buffer): Buffer => bytes;
const method = (path: string): grpc.MethodDefinition<Buffer, Buffer> => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: identity,
  requestDeserialize: identity,
  responseSerialize: identity,
  responseDeserialize: identity,
});

const answer: grpc.handleUnaryCall<Buffer, Buffer> = (_call, callback) => callback(null, answered);
const server = new grpc.Server();
server.addService(
  { Put: method("/etcdserverpb.KV/Put"), Range: method("/etcdserverpb.KV/Range") },
  { Put: answer, Range: answer },
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
process.once("SIGTERM", () => server.forceShutdown());
