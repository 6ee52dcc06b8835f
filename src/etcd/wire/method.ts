import type { MessageName } from "./descriptors.ts";

/** One RPC method as every transport needs to know it. */
export interface MethodDescriptor<Request, Response> {
  /** The full name: `etcdserverpb.KV`. */
  readonly service: string;
  readonly name: string;
  /** The HTTP/2 path: `/etcdserverpb.KV/Range`. */
  readonly path: string;
  readonly clientStreaming: boolean;
  readonly serverStreaming: boolean;
  /** Paths of the JSON gateway, all POST. None: the method is for gRPC only. */
  readonly gatewayPaths: readonly string[];
  readonly requestType: MessageName;
  readonly responseType: MessageName;
  readonly encodeRequest: (message: Request) => Buffer;
  /** Throws a DecodeError. */
  readonly decodeRequest: (bytes: Uint8Array) => Request;
  readonly encodeResponse: (message: Response) => Buffer;
  /** Throws a DecodeError. */
  readonly decodeResponse: (bytes: Uint8Array) => Response;
}

/** Gives a row of the table its type. */
export function method<Request, Response>(
  descriptor: MethodDescriptor<Request, Response>,
): MethodDescriptor<Request, Response> {
  return descriptor;
}
