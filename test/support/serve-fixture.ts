/**
 * A server process whose member is a stand-in: HTTP connections get one line. It has all the rest of the real one, the
 * flags, the doors, the log, the signals, so that these can be tested by themselves.
 *
 *   STAND_IN_DRAIN_MS   how long a stop takes        STAND_IN_END   "removed" or "broken": the member ends by itself
 */
import type { Socket } from "node:net";
import type { OpenParts, ServingParts } from "../../src/main.ts";
import { runServerProcess } from "../../src/server-process.ts";

const drainMs = Number(process.env["STAND_IN_DRAIN_MS"] ?? 0);

export const openStandIn: OpenParts = (_config, logger) => {
  const doors = { http1: answer, http2: null };
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve;
    if (process.env["STAND_IN_END"] === "removed") setTimeout(resolve, 50);
    if (process.env["STAND_IN_END"] === "broken") setTimeout(() => reject(new Error("the disk is gone")), 50);
  });
  const parts: ServingParts = {
    memberId: 0x8e9e05c52164694dn,
    port: null,
    client: doors,
    http: doors,
    metrics: doors,
    addMetrics: () => undefined,
    peer: doors,
    ready: Promise.resolve(),
    ended,
    drain: () => new Promise((resolve) => setTimeout(resolve, drainMs)),
    close: () => {
      logger.info("stand-in closed");
      end();
      return Promise.resolve();
    },
  };
  return Promise.resolve(parts);
};

function answer(socket: Socket): void {
  socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
}

if (import.meta.filename === process.argv[1]) {
  process.exit(await runServerProcess("etcd", process.argv.slice(2), { open: openStandIn }));
}
