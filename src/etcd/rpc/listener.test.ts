import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import http2 from "node:http2";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Listener, parseListenUrl } from "./listener.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const cleanups: (() => void | Promise<void>)[] = [];
after(async () => {
  for (const cleanup of cleanups) await cleanup();
});

/** A listener whose doors note what they were given: the kind, and all bytes until the client's end. */
async function openNoting(url: string, firstBytesTimeoutMs = 5000) {
  const received: Promise<[string, string]>[] = [];
  const note = (kind: string) => (socket: net.Socket) => {
    received.push(
      new Promise((resolve) => {
        const chunks: Buffer[] = [];
        socket.on("data", (chunk: Buffer) => chunks.push(chunk));
        socket.on("end", () => {
          resolve([kind, Buffer.concat(chunks).toString("latin1")]);
          socket.destroy();
        });
        socket.resume();
      }),
    );
  };
  const listener = await Listener.open(url, { http2: note("http2"), http1: note("http1") }, { firstBytesTimeoutMs });
  cleanups.push(() => listener.close());
  return { listener, received };
}

async function connect(port: number, host = "127.0.0.1"): Promise<net.Socket> {
  const socket = net.connect(port, host);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.setNoDelay(true);
  return socket;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("no byte is lost, even when they come one at a time", async () => {
  const { listener, received } = await openNoting("http://127.0.0.1:0");
  for (const [kind, bytes] of [
    ["http2", `${PREFACE}settings and more`],
    ["http1", "POST /v3/kv/put HTTP/1.1\r\n\r\n"],
  ] as const) {
    const socket = await connect(listener.port);
    for (const byte of bytes) {
      socket.write(byte);
      await pause(1);
    }
    socket.end();
    await once(socket, "close");
    assert.deepEqual(await received.at(-1), [kind, bytes]);
  }
});

test("who speaks neither is closed at once", async () => {
  const { listener, received } = await openNoting("http://127.0.0.1:0");
  for (const bytes of ["\x16\x03\x01\x02\x00", "\0\0\0", "\r\n\r\n"]) {
    const socket = await connect(listener.port);
    socket.write(Buffer.from(bytes, "latin1"));
    await once(socket, "close");
  }
  assert.equal(received.length, 0);
});

test("who says nothing, or not enough, is closed after a while; who leaves early is forgotten", async () => {
  const { listener, received } = await openNoting("http://127.0.0.1:0", 100);
  const silent = await connect(listener.port);
  const undecided = await connect(listener.port);
  undecided.write("PRI * HT");
  const early = await connect(listener.port);
  early.end("PRI");
  await Promise.all([once(silent, "close"), once(undecided, "close"), once(early, "close")]);
  assert.equal(received.length, 0);
});

test("localhost is both loopback addresses, on one port", async () => {
  const { listener } = await openNoting("http://localhost:0");
  assert.equal(listener.addresses[0], `127.0.0.1:${listener.port}`);
  const hasIpv6 = listener.addresses.length === 2;
  if (hasIpv6) {
    assert.equal(listener.addresses[1], `[::1]:${listener.port}`);
    (await connect(listener.port, "::1")).destroy();
  }
  (await connect(listener.port)).destroy();
});

test("a port that is taken is an error", async () => {
  const { listener } = await openNoting("http://127.0.0.1:0");
  await assert.rejects(openNoting(`http://127.0.0.1:${listener.port}`), { code: "EADDRINUSE" });
  await assert.rejects(openNoting(`http://localhost:${listener.port}`), { code: "EADDRINUSE" });
});

test("a Unix socket carries the same", async () => {
  const directory = await mkdtemp(join(tmpdir(), "listener-"));
  cleanups.push(() => rm(directory, { recursive: true }));
  const path = join(directory, "etcd.sock");
  const { listener, received } = await openNoting(`unix://${path}`);
  assert.deepEqual(listener.addresses, [path]);
  const socket = net.connect(path);
  socket.end("GET / HTTP/1.1\r\n\r\n");
  await once(socket, "close");
  assert.deepEqual(await received[0], ["http1", "GET / HTTP/1.1\r\n\r\n"]);
});

test("a real HTTP/2 client works through the door", async () => {
  const server = http2.createServer();
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200 });
    stream.end("hello");
  });
  const doors = { http2: (socket: net.Socket) => server.emit("connection", socket), http1: null };
  const listener = await Listener.open("http://127.0.0.1:0", doors, { firstBytesTimeoutMs: 1000 });
  cleanups.push(() => listener.close());
  const session = http2.connect(`http://127.0.0.1:${listener.port}`);
  const stream = session.request({ ":path": "/" });
  stream.setEncoding("utf8");
  let body = "";
  for await (const chunk of stream) body += chunk as string;
  assert.equal(body, "hello");
  session.close();

  // HTTP/1 has no door here.
  const socket = await connect(listener.port);
  socket.write("GET / HTTP/1.1\r\n\r\n");
  await once(socket, "close");
});

test("where a URL listens", () => {
  const rows: [string, object][] = [
    ["http://127.0.0.1:2379", { host: "127.0.0.1", port: 2379 }],
    ["http://[::1]:80/", { host: "::1", port: 80 }],
    ["http://localhost:0", { host: "localhost", port: 0 }],
    ["http://:2379", { host: "", port: 2379 }],
    ["unix://run/etcd.sock", { path: "run/etcd.sock" }],
  ];
  for (const [url, place] of rows) assert.deepEqual(parseListenUrl(url), place);
  for (const url of ["https://localhost:1", "http://localhost", "http://a:1:2", "http://a:99999", "localhost:1", ""]) {
    assert.throws(() => parseListenUrl(url), /cannot listen on/);
  }
});
