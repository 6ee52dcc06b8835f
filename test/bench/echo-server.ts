/**
 * A bare grpc-js server that knows KV.Put and KV.Range and answers each with the same bytes: what the transport alone
 * costs, the yardstick for everything that our server adds. Prints its port, ends on SIGTERM.
 */
import * as grpc from "@grpc/grpc-js";

const header = Buffer.from("0a1508a096f1b5c6e9cdfbcd01108d93859ec2a5c1a18e011802", "hex").subarray(0, 23);
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

const answer: grpc.handleUnaryCall<Buffer, Buffer> = (_call, callback) => callback(null, header);
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
