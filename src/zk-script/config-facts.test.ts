import assert from "node:assert/strict";
import { test } from "node:test";
import { dataDirOf, findClientAddress } from "./config-facts.ts";

const none = (): null => null;

test("the data directory is that of the last line that names one", () => {
  assert.equal(dataDirOf("# dataDir=/no\ndataDir=/a\n  dataDir = /b \ndataLogDir=/c"), "/b");
  assert.equal(dataDirOf("tickTime=1"), "");
  assert.equal(dataDirOf("dataDir=\\u12"), "");
});

test("clients are looked for at clientPort", () => {
  assert.deepEqual(findClientAddress("clientPort=2181", none), {
    client: { host: "localhost", port: "2181", isSecure: false },
    lines: [],
  });
  assert.equal(findClientAddress("clientPort=2181\nclientPortAddress=10.0.0.1", none).client?.host, "10.0.0.1");
});

test("else behind the semicolon of the server's own line, in one file or the other", () => {
  const files: Readonly<Record<string, string>> = { "/d/myid": "2\n", "/dyn": "server.2=b:1:2;[::1]:2183" };
  const read = (path: string): string | null => files[path] ?? null;
  const own = findClientAddress("dataDir=/d\nserver.1=a:1:2;7\nserver.2=b:1:2:participant;2182", read);
  assert.deepEqual(own, { client: { host: "localhost", port: "2182", isSecure: false }, lines: [] });
  const dynamic = findClientAddress("dataDir=/d\ndynamicConfigFile=/dyn", read);
  assert.deepEqual(dynamic, {
    client: { host: "::1", port: "2183", isSecure: false },
    lines: ["Client port not found in static config file. Looking in dynamic config file."],
  });
});

test("else at the secure port, and else nowhere", () => {
  const myId = "myid could not be determined, will not able to locate clientPort in the server configs.";
  const looking = "Client port not found. Looking for secureClientPort in the static config.";
  assert.deepEqual(findClientAddress("secureClientPort=2281\nsecureClientPortAddress=h", none), {
    client: { host: "h", port: "2281", isSecure: true },
    lines: [myId, looking],
  });
  assert.deepEqual(findClientAddress("clientPort=abc", none), {
    client: null,
    lines: [myId, looking, "Unable to find either secure or unsecure client port in any configs. Terminating."],
  });
});
