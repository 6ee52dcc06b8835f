// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";

export const HealthCheckResponse_ServingStatus = {
  UNKNOWN: 0,
  SERVING: 1,
  NOT_SERVING: 2,
  SERVICE_UNKNOWN: 3,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type HealthCheckResponse_ServingStatus = number;

/** Asks for one service; the empty name is the server as a whole. */
export interface HealthCheckRequest {
  service: string;
}

export function newHealthCheckRequest(init?: Partial<HealthCheckRequest>): HealthCheckRequest {
  if (init === undefined) {
    return {
      service: "",
    };
  }
  return {
    service: init.service ?? "",
  };
}

export function encodeHealthCheckRequest(m: HealthCheckRequest): Buffer {
  const w = startWriting();
  writeHealthCheckRequest(w, m);
  return w.finish();
}

export function writeHealthCheckRequest(w: Writer, m: HealthCheckRequest): void {
  if (m.service !== "") w.string(10, m.service);
}

export function decodeHealthCheckRequest(bytes: Uint8Array): HealthCheckRequest {
  return readHealthCheckRequest(new Reader(bytes), newHealthCheckRequest());
}

const fieldsOfHealthCheckRequest: FieldNames = {
  1: "service",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readHealthCheckRequest(r: Reader, m: HealthCheckRequest): HealthCheckRequest {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.service = r.string();
        break;
      default:
        r.other(tag, fieldsOfHealthCheckRequest);
    }
  }
  return m;
}

export interface HealthCheckResponse {
  status: HealthCheckResponse_ServingStatus;
}

export function newHealthCheckResponse(init?: Partial<HealthCheckResponse>): HealthCheckResponse {
  if (init === undefined) {
    return {
      status: 0,
    };
  }
  return {
    status: init.status ?? 0,
  };
}

export function encodeHealthCheckResponse(m: HealthCheckResponse): Buffer {
  const w = startWriting();
  writeHealthCheckResponse(w, m);
  return w.finish();
}

export function writeHealthCheckResponse(w: Writer, m: HealthCheckResponse): void {
  if (m.status !== 0) w.int32(8, m.status);
}

export function decodeHealthCheckResponse(bytes: Uint8Array): HealthCheckResponse {
  return readHealthCheckResponse(new Reader(bytes), newHealthCheckResponse());
}

const fieldsOfHealthCheckResponse: FieldNames = {
  1: "status",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readHealthCheckResponse(r: Reader, m: HealthCheckResponse): HealthCheckResponse {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.status = r.int32();
        break;
      default:
        r.other(tag, fieldsOfHealthCheckResponse);
    }
  }
  return m;
}
