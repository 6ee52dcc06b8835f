import type { EtcdPort } from "../port.ts";
import { newRangeStreamResponse, type RangeRequest, type RangeStreamResponse } from "../wire/etcdserverpb.ts";
import type { Call } from "./call.ts";
import { serverStream, type ServiceHandlers, unary } from "./handler.ts";

export function kvHandlers(port: EtcdPort): ServiceHandlers<"etcdserverpb.KV"> {
  return {
    Range: unary((request, call) => port.range(request, call)),
    Put: unary((request, call) => port.put(request, call)),
    DeleteRange: unary((request, call) => port.deleteRange(request, call)),
    Txn: unary((request, call) => port.txn(request, call)),
    Compact: unary((request, call) => port.compact(request, call)),
    RangeStream: serverStream((request, call) => rangeStream(port, request, call)),
  };
}

async function* rangeStream(port: EtcdPort, request: RangeRequest, call: Call): AsyncGenerator<RangeStreamResponse> {
  for await (const rangeResponse of port.rangeStream(request, call)) {
    yield newRangeStreamResponse({ rangeResponse });
  }
}
