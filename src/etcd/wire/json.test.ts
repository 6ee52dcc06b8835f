import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { messageArbitrary } from "../../../test/support/message-arbitrary.ts";
import { jsonVectors, messageVectors } from "../../../test/support/wire-vectors.ts";
import { DEPTH_MAX } from "./codec.ts";
import { messageDescriptors, type MessageName } from "./descriptors.ts";
import { newLeaseGrantResponse, newTxnResponse, newWatchResponse, type TxnRequest } from "./etcdserverpb.ts";
import { JsonError } from "./json-scan.ts";
import { fromJson, toJson } from "./json.ts";

const names = Object.keys(messageDescriptors) as MessageName[];

test("every message that real etcd printed is printed alike, and read back as the same message", () => {
  for (const { name, bytes, json } of messageVectors()) {
    const { decode, encode } = messageDescriptors[name];
    assert.equal(toJson(name, decode(bytes)), json, name);
    assert.equal(encode(fromJson(name, json)).toString("hex"), bytes.toString("hex"), name);
  }
});

test("every text that real etcd's gateway was given is read alike, or refused in the same words", () => {
  for (const { name, text, answer } of jsonVectors()) {
    if ("bytes" in answer) {
      const bytes = messageDescriptors[name].encode(fromJson(name, text));
      assert.equal(bytes.toString("hex"), answer.bytes.toString("hex"), text);
    } else if (answer.error === "EOF") {
      // The end at once: the gateway takes an empty body for an empty message.
      assert.deepEqual(fromJson(name, text), messageDescriptors[name].create(), text);
    } else {
      assert.throws(() => fromJson(name, text), { name: "JsonError", message: answer.error }, text);
    }
  }
});

test("every message comes back from its JSON as it was", () => {
  for (const name of names) {
    const { encode } = messageDescriptors[name];
    fc.assert(
      fc.property(messageArbitrary(name), fc.boolean(), (message, escapeHtml) => {
        const json = toJson(name, message, { escapeHtml });
        assert.doesNotThrow(() => JSON.parse(json) as unknown);
        assert.equal(encode(fromJson(name, json)).toString("hex"), encode(message).toString("hex"));
      }),
      { numRuns: 8 },
    );
  }
});

test("an id keeps all its 64 bits, given as a number or as a string", () => {
  for (const text of ['{"ID":7587848943239472601}', '{"ID":"7587848943239472601"}', '{"ID":7.587848943239472601e18}']) {
    assert.equal(fromJson("etcdserverpb.LeaseRevokeRequest", text).id, 7587848943239472601n);
  }
});

test("a counter past 2^53 reads as the far future", () => {
  const far = fromJson("etcdserverpb.RangeRequest", '{"revision":"9223372036854775807","limit":-9223372036854775808}');
  assert.deepEqual([far.revision, far.limit], [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]);
});

test("an enum number without a name is printed as the number", () => {
  const response = newWatchResponse({ watchId: 3n, events: [{ type: 7, kv: null, prevKv: null }] });
  assert.equal(toJson("etcdserverpb.WatchResponse", response), '{"watch_id":"3","events":[{"type":7}]}');
});

test("zero is left out, but for the chosen member of a oneof", () => {
  const response = newTxnResponse({ responses: [{ response: null }] });
  assert.equal(toJson("etcdserverpb.TxnResponse", response), '{"responses":[{}]}');
  const compare = messageDescriptors["etcdserverpb.Compare"].create();
  Object.assign(compare, { targetUnion: { case: "value", value: Buffer.alloc(0) } });
  assert.equal(toJson("etcdserverpb.Compare", compare), '{"value":""}');
});

test("only a stream's messages escape what HTML would mind", () => {
  const response = newLeaseGrantResponse({ error: '<a href="b">&\u2028\u2029</a>' });
  const name = "etcdserverpb.LeaseGrantResponse";
  assert.equal(toJson(name, response), '{"error":"<a href=\\"b\\">&\u2028\u2029</a>"}');
  const escaped = '{"error":"\\u003ca href=\\"b\\"\\u003e\\u0026\\u2028\\u2029\\u003c/a\\u003e"}';
  assert.equal(toJson(name, response, { escapeHtml: true }), escaped);
});

/** A Txn in a Txn, so many levels deep. */
function nestedTxn(levels: number): string {
  return '{"success":[{"request_txn":'.repeat(levels) + "{}" + "}]}".repeat(levels);
}

test("messages nest as deep in JSON as on the wire, and no deeper", () => {
  let txn: TxnRequest | null = fromJson("etcdserverpb.TxnRequest", nestedTxn(DEPTH_MAX / 2 - 1));
  assert.equal(toJson("etcdserverpb.TxnRequest", txn), nestedTxn(DEPTH_MAX / 2 - 1));
  let depth = 0;
  for (; txn !== null; depth++) {
    const request: TxnRequest["success"][number]["request"] = txn.success[0]?.request ?? null;
    txn = request?.case === "requestTxn" ? request.value : null;
  }
  assert.equal(depth, DEPTH_MAX / 2);
  const tooDeep = (error: unknown): boolean =>
    error instanceof JsonError && /max (recursion )?depth/.test(error.message);
  assert.throws(() => fromJson("etcdserverpb.TxnRequest", nestedTxn(DEPTH_MAX)), tooDeep);
  assert.throws(() => fromJson("etcdserverpb.TxnRequest", nestedTxn(100_000)), tooDeep);
  assert.throws(() => fromJson("etcdserverpb.TxnRequest", `{"unknown":${"[".repeat(100_000)}`), tooDeep);
});

test("a text that is cut short or changed is read or refused, and never breaks anything", () => {
  const vector = fc.constantFrom(...messageVectors());
  fc.assert(
    fc.property(vector, fc.nat(), fc.string({ maxLength: 3 }), ({ name, json }, at, inserted) => {
      const cut = at % (json.length + 1);
      for (const text of [json.slice(0, cut), json.slice(0, cut) + inserted + json.slice(cut)]) {
        try {
          fromJson(name, text);
        } catch (error) {
          if (!(error instanceof JsonError)) throw error;
        }
      }
    }),
    { numRuns: 2000 },
  );
});
