import type { EtcdPort } from "../port.ts";
import { bidi, type ServiceHandlers } from "./handler.ts";

export function watchHandlers(port: EtcdPort): ServiceHandlers<"etcdserverpb.Watch"> {
  return {
    Watch: bidi((responses) => {
      const stream = port.watch({
        write: (response) => responses.write(response),
        end: (error) => responses.end(error),
      });
      return {
        // Each create and cancel is answered by a response or two. A client that reads none of them stops the carrier
        // from reading its requests, so nothing more needs to be held back here.
        message(request) {
          stream.request(request);
          return true;
        },
        halfClose() {
          // A client that will ask for nothing more still watches.
        },
        drained: () => stream.drained(),
        close: () => stream.close(),
      };
    }),
  };
}
