/** The client must notice what a server does wrong: a test that uses it can then fail. */
import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { ConnectionEnded, fourLetterWord, ZkClient, ZkFailure } from "./zk-client.ts";
import { JuteOut } from "./zk-jute.ts";

const accepted = frame(new JuteOut().int(0).int(9000).long(77n).buffer(Buffer.alloc(16, 5)).boolean(false));
const expired = frame(new JuteOut().int(0).int(0).long(0n).buffer(Buffer.alloc(16)).boolean(false));

test("replies and events are read however they are cut", async () => {
  const sent = Buffer.concat([
    accepted,
    event(4, 1, "/a"),
    reply(1, 4, 0, new JuteOut().buffer("/a")),
    event(-1, 3, "/b"),
    reply(2, 5, -101),
  ]);
  await withServer(answering([...sent].map((byte) => Buffer.of(byte))), async (port) => {
    const client = await ZkClient.connect({ port, timeoutMs: 9000 });
    assert.deepEqual([client.sessionId, client.timeoutMs], [77n, 9000]);
    const [created, missing] = await Promise.all([
      client.call("create", { path: "/a" }),
      client.call("delete", { path: "/c" }),
    ]);
    assert.deepEqual([created.err, created.body, created.zxid], [0, { path: "/a" }, 4]);
    assert.deepEqual([missing.err, missing.body], [-101, null]);
    assert.equal(client.lastZxidSeen, 5);
    assert.deepEqual(await client.nextEvent(), { type: 1, state: 3, path: "/a", zxid: 4 });
    assert.deepEqual(client.takeEvents(), [{ type: 3, state: 3, path: "/b", zxid: -1 }]);
    assert.deepEqual(
      client.arrivals.map(({ kind }) => kind),
      ["event", "reply", "event", "reply"],
    );
    client.drop();
  });
});

test("only ok throws for an error code", async () => {
  await withServer(answering([accepted, reply(1, 4, -110)]), async (port) => {
    const client = await ZkClient.connect({ port });
    await assert.rejects(
      client.ok("create", { path: "/a" }),
      (error) => error instanceof ZkFailure && error.err === -110,
    );
    client.drop();
  });
});

test("auth may overtake, ping has an xid of its own", async () => {
  await withServer(answering([accepted, reply(-4, 0, 0), reply(1, 4, -101), reply(-2, 4, 0)]), async (port) => {
    const client = await ZkClient.connect({ port });
    const replies = await Promise.all([
      client.call("exists", { path: "/a" }),
      client.call("ping", {}),
      client.call("auth", { scheme: "digest", auth: "u:p" }),
    ]);
    assert.deepEqual(
      replies.map(({ xid }) => xid),
      [1, -2, -4],
    );
    client.drop();
  });
});

const faults: readonly (readonly [string, Buffer, RegExp])[] = [
  ["replies out of order", reply(2, 4, -101), /xid 2 where 1 was due/],
  ["a body that is too long", reply(1, 4, 0, new JuteOut().int(0).int(0)), /malformed.*4 bytes too many/],
  ["a body that is too short", reply(1, 4, 0, new JuteOut().boolean(true)), /malformed.*3 bytes too few/],
  ["an event that is cut", frame(new JuteOut().int(-1).long(4).int(0).int(3)), /bytes too few/],
  ["a negative length", Buffer.from("ffffffff", "hex"), /length -1/],
];
for (const [name, bytes, reason] of faults) {
  test(`${name}: the connection breaks, and all that waits is told why`, async () => {
    await withServer(answering([accepted, bytes]), async (port) => {
      const client = await ZkClient.connect({ port });
      const first = client.call("getAllChildrenNumber", { path: "/" });
      const second = client.call("exists", { path: "/" });
      await assert.rejects(first, reason);
      await assert.rejects(second, reason);
      await client.closed;
      assert.ok(client.isClosed);
    });
  });
}

test("a server that says nothing is noticed", async () => {
  await withServer(answering([accepted]), async (port) => {
    const client = await ZkClient.connect({ port, replyWithinMs: 50 });
    await assert.rejects(client.call("ping", {}), /no reply to opcode 11/);
    await assert.rejects(client.nextEvent(), /no reply/);
  });
});

test("a closed connection, an expired session and a refusal are told apart", async () => {
  await withServer(answering([expired]), async (port) => {
    await assert.rejects(ZkClient.connect({ port, sessionId: 5n }), /expired/);
  });
  await withServer(
    (socket) => void socket.once("data", () => socket.end()),
    async (port) => {
      const client = await ZkClient.open({ port });
      assert.equal(await client.handshake({ lastZxidSeen: 1n << 60n }), null);
      await assert.rejects(client.call("ping", {}), ConnectionEnded);
    },
  );
});

test("a four-letter word is answered until the server closes", async () => {
  await withServer(
    (socket) => void socket.once("data", (word) => socket.end(`${word.toString()}: yes`)),
    async (port) => {
      assert.equal(await fourLetterWord({ port }, "ruok"), "ruok: yes");
      assert.equal(await fourLetterWord({ port }, "isro", { halfClose: true }), "isro: yes");
    },
  );
});

/** Answers the first thing it hears with the connect response, and the second with all that comes after it. */
function answering([first, ...rest]: readonly Buffer[]): (socket: Socket) => void {
  return (socket) => {
    socket.setNoDelay(true);
    const isWhole = first!.length > 1;
    socket.once("data", () => {
      if (isWhole) socket.write(first!);
      else void trickle(socket, [first!, ...rest]);
      if (!isWhole) return;
      socket.once("data", () => {
        for (const bytes of rest) socket.write(bytes);
      });
    });
  };
}

/** One byte at a time, each in a segment of its own as far as the kernel goes along; no reply before its request. */
async function trickle(socket: Socket, bytes: readonly Buffer[]): Promise<void> {
  for (const byte of bytes.slice(0, accepted.length)) {
    socket.write(byte);
    await new Promise(setImmediate);
  }
  await new Promise((resolve) => socket.once("data", resolve));
  for (const byte of bytes.slice(accepted.length)) {
    socket.write(byte);
    await new Promise(setImmediate);
  }
}

async function withServer(serve: (socket: Socket) => void, use: (port: number) => Promise<void>): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

function reply(xid: number, zxid: number, err: number, body = new JuteOut()): Buffer {
  return frame(new JuteOut().int(xid).long(zxid).int(err).raw(body.bytes()));
}

function event(zxid: number, type: number, path: string): Buffer {
  return frame(new JuteOut().int(-1).long(zxid).int(0).int(type).int(3).buffer(path));
}

function frame(payload: JuteOut): Buffer {
  const bytes = payload.bytes();
  return new JuteOut().int(bytes.length).raw(bytes).bytes();
}
