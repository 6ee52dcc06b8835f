/**
 * The three shapes of a service handler. A handler gets decoded requests and a {@link Call}, and returns a response or
 * writes to a stream. It does not know what carries it: HTTP/2 (`http2-carrier.ts`), the JSON gateway, or a test.
 */
import type { services } from "../wire/services.ts";
import type { MethodDescriptor } from "../wire/method.ts";
import type { Call } from "./call.ts";

export interface UnaryHandler<Request, Response> {
  readonly kind: "unary";
  handle(request: Request, call: Call): Promise<Response>;
}

/** The carrier pulls: it asks for the next response when the client has room for it. */
export interface ServerStreamHandler<Request, Response> {
  readonly kind: "serverStream";
  handle(request: Request, call: Call): AsyncIterable<Response>;
}

export interface BidiHandler<Request, Response> {
  readonly kind: "bidi";
  /** The client opened a stream. Called before any request of it is read. */
  open(responses: ResponseSink<Response>, call: Call): RequestSink<Request>;
}

/** Where the responses of a bidirectional stream go. */
export interface ResponseSink<Response> {
  /** Takes the response in any case. False: the client does not keep up; wait for {@link RequestSink.drained}. */
  write(response: Response): boolean;
  /** Ends the stream: with OK, or with the status of the error. What comes later is ignored. */
  end(error?: Error): void;
  /** Requests are welcome again after {@link RequestSink.message} returned false. */
  wantRequests(): void;
}

/** Where the requests of a bidirectional stream go. */
export interface RequestSink<Request> {
  /** Takes the request in any case. False: no more, please, until {@link ResponseSink.wantRequests}. */
  message(request: Request): boolean;
  /** The client will send no more, but still listens. */
  halfClose(): void;
  /** The client has room again. */
  drained(): void;
  /** The stream is over. Nothing else is called afterwards, and nothing that is written is sent. */
  close(): void;
}

export type Handler<Request, Response> =
  UnaryHandler<Request, Response> | ServerStreamHandler<Request, Response> | BidiHandler<Request, Response>;

export function unary<Request, Response>(
  handle: (request: Request, call: Call) => Promise<Response>,
): UnaryHandler<Request, Response> {
  return { kind: "unary", handle };
}

export function serverStream<Request, Response>(
  handle: (request: Request, call: Call) => AsyncIterable<Response>,
): ServerStreamHandler<Request, Response> {
  return { kind: "serverStream", handle };
}

export function bidi<Request, Response>(
  open: (responses: ResponseSink<Response>, call: Call) => RequestSink<Request>,
): BidiHandler<Request, Response> {
  return { kind: "bidi", open };
}

type Services = typeof services;

type HandlerOf<Descriptor> =
  Descriptor extends MethodDescriptor<infer Request, infer Response> ? Handler<Request, Response> : never;

/** The handlers of one service: a row for each of its methods. */
export type ServiceHandlers<Service extends keyof Services> = {
  readonly [Method in keyof Services[Service]]: HandlerOf<Services[Service][Method]>;
};

/** A handler for each method of each service: the table cannot miss a row. */
export type Handlers = { readonly [Service in keyof Services]: ServiceHandlers<Service> };
