import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEndpoint } from "./endpoint.ts";

test("an endpoint is a host and port, with or without a scheme, or a socket", () => {
  const rows: readonly (readonly [text: string, target: string, authority: string, secure: boolean | undefined])[] = [
    ["127.0.0.1:2379", "ipv4:127.0.0.1:2379", "127.0.0.1:2379", undefined],
    ["http://127.0.0.1:2379", "ipv4:127.0.0.1:2379", "127.0.0.1:2379", false],
    ["https://etcd-1.example:2379", "dns:etcd-1.example:2379", "etcd-1.example:2379", true],
    ["http://localhost:2379/", "dns:localhost:2379", "localhost:2379", false],
    ["[::1]:2379", "ipv6:[::1]:2379", "[::1]:2379", undefined],
    ["unix:/run/etcd.sock", "unix:/run/etcd.sock", "localhost", false],
    ["unixs:///run/etcd.sock", "unix:/run/etcd.sock", "localhost", true],
  ];
  for (const [text, target, authority, secure] of rows) {
    assert.deepEqual(parseEndpoint(text), { text, target, authority, secure });
  }
  assert.throws(() => parseEndpoint(""), TypeError);
  assert.throws(() => parseEndpoint("http://"), TypeError);
});
