import assert from "node:assert/strict";
import { test } from "node:test";
import {
  newAlarmMember,
  newAlarmResponse,
  newDeleteRangeResponse,
  newDowngradeInfo,
  newHashKVResponse,
  newLeaseGrantResponse,
  newLeaseKeepAliveResponse,
  newLeaseLeasesResponse,
  newLeaseRevokeResponse,
  newLeaseTimeToLiveResponse,
  newMember,
  newMemberListResponse,
  newMoveLeaderResponse,
  newPutResponse,
  newRangeResponse,
  newResponseHeader,
  newResponseOp,
  newStatusResponse,
  newTxnResponse,
  newWatchResponse,
} from "../wire/etcdserverpb.ts";
import { newEvent, newKeyValue } from "../wire/mvccpb.ts";
import { CtlError, exitCode } from "./exit.ts";
import { printerOf, type Answer, type OutputFormat, type PrintOptions } from "./printer.ts";

const header = newResponseHeader({
  clusterId: 14841639068965178418n,
  memberId: 10276657743932975437n,
  revision: 5,
  raftTerm: 2,
});
const jsonHeader = '{"cluster_id":14841639068965178418,"member_id":10276657743932975437,"revision":5,"raft_term":2}';
const flatHeader = jsonHeader.slice(1, -1);
const fieldsHeader =
  '"ClusterID" : 14841639068965178418\n"MemberID" : 10276657743932975437\n"Revision" : 5\n"RaftTerm" : 2\n';

const kv = newKeyValue({
  key: Buffer.from("foo"),
  value: Buffer.from("b\0r"),
  createRevision: 2,
  modRevision: 5,
  version: 3,
  lease: 0x694d5765fc71500bn,
});
const bare = newKeyValue({ key: Buffer.from("<b>"), createRevision: 4, modRevision: 4, version: 1 });
const jsonKv =
  '{"key":"Zm9v","create_revision":2,"mod_revision":5,"version":3,"value":"YgBy","lease":7587817042727751691}';
const fieldsKv = (prefix: string): string =>
  `"${prefix}Key" : "foo"\n"${prefix}CreateRevision" : 2\n"${prefix}ModRevision" : 5\n"${prefix}Version" : 3\n` +
  `"${prefix}Value" : "b\\x00r"\n"${prefix}Lease" : 7587817042727751691\n`;

function printed(
  format: OutputFormat,
  answer: Answer,
  options: Partial<PrintOptions> = {},
): { out: string; err: string } {
  const out: Buffer[] = [];
  let err = "";
  printerOf(format)(
    answer,
    { hex: false, valuesOnly: false, ...options },
    { out: (chunk) => out.push(Buffer.from(chunk as string)), err: (chunk) => (err += chunk) },
  );
  return { out: Buffer.concat(out).toString("latin1"), err };
}

interface Golden {
  readonly answer: Answer;
  readonly simple: string;
  readonly json: string;
  readonly fields: string | null;
}

const goldens: Readonly<Record<string, Golden>> = {
  "a put": {
    answer: { kind: "put", response: newPutResponse({ header }) },
    simple: "OK\n",
    json: `{"header":${jsonHeader}}\n`,
    fields: fieldsHeader,
  },
  "a put that replaced": {
    answer: { kind: "put", response: newPutResponse({ header, prevKv: kv }) },
    simple: "OK\nfoo\nb\0r\n",
    json: `{"header":${jsonHeader},"prev_kv":${jsonKv}}\n`,
    fields: fieldsHeader + fieldsKv("Prev"),
  },
  "a get": {
    answer: { kind: "get", response: newRangeResponse({ header, kvs: [kv, bare], more: true, count: 9 }) },
    simple: "foo\nb\0r\n<b>\n\n",
    json:
      `{"header":${jsonHeader},"kvs":[${jsonKv},` +
      `{"key":"PGI+","create_revision":4,"mod_revision":4,"version":1}],"more":true,"count":9}\n`,
    fields:
      `${fieldsHeader}${fieldsKv("")}"Key" : "<b>"\n"CreateRevision" : 4\n"ModRevision" : 4\n"Version" : 1\n` +
      '"Value" : ""\n"Lease" : 0\n"More" : true\n"Count" : 9\n',
  },
  "a get of nothing": {
    answer: { kind: "get", response: newRangeResponse({ header }) },
    simple: "",
    json: `{"header":${jsonHeader}}\n`,
    fields: `${fieldsHeader}"More" : false\n"Count" : 0\n`,
  },
  "a delete": {
    answer: { kind: "del", response: newDeleteRangeResponse({ header, deleted: 1, prevKvs: [kv] }) },
    simple: "1\nfoo\nb\0r\n",
    json: `{"header":${jsonHeader},"deleted":1,"prev_kvs":[${jsonKv}]}\n`,
    fields: `${fieldsHeader}"Deleted" : 1\n${fieldsKv("Prev")}`,
  },
  "a transaction": {
    answer: {
      kind: "txn",
      response: newTxnResponse({
        header,
        succeeded: true,
        responses: [
          newResponseOp({ response: { case: "responsePut", value: newPutResponse() } }),
          newResponseOp({ response: { case: "responseRange", value: newRangeResponse({ kvs: [kv], count: 1 }) } }),
          newResponseOp({ response: { case: "responseDeleteRange", value: newDeleteRangeResponse({ deleted: 2 }) } }),
        ],
      }),
    },
    simple: "SUCCESS\n\nOK\n\nfoo\nb\0r\n\n2\n",
    json:
      `{"header":${jsonHeader},"succeeded":true,"responses":[{"Response":{"response_put":{}}},` +
      `{"Response":{"response_range":{"kvs":[${jsonKv}],"count":1}}},` +
      '{"Response":{"response_delete_range":{"deleted":2}}}]}\n',
    fields: `${fieldsHeader}"Succeeded" : true\n${fieldsKv("")}"More" : false\n"Count" : 1\n"Deleted" : 2\n`,
  },
  "a transaction that failed": {
    answer: { kind: "txn", response: newTxnResponse({ header }) },
    simple: "FAILURE\n",
    json: `{"header":${jsonHeader}}\n`,
    fields: `${fieldsHeader}"Succeeded" : false\n`,
  },
  "watch events": {
    answer: {
      kind: "watch",
      response: newWatchResponse({
        header,
        watchId: 3n,
        events: [
          newEvent({ kv, prevKv: bare }),
          newEvent({ type: 1, kv: newKeyValue({ key: Buffer.from("foo"), modRevision: 5 }) }),
        ],
      }),
    },
    simple: "PUT\n<b>\n\nfoo\nb\0r\nDELETE\nfoo\n\n",
    json:
      `{"Header":${jsonHeader},"Events":[{"kv":${jsonKv},` +
      '"prev_kv":{"key":"PGI+","create_revision":4,"mod_revision":4,"version":1}},' +
      '{"type":1,"kv":{"key":"Zm9v","mod_revision":5}}],"CompactRevision":0,"Canceled":false,"Created":false}\n',
    fields:
      `${fieldsHeader}"Type" : PUT\n"PrevKey" : "<b>"\n"PrevCreateRevision" : 4\n"PrevModRevision" : 4\n` +
      `"PrevVersion" : 1\n"PrevValue" : ""\n"PrevLease" : 0\n${fieldsKv("")}"Type" : DELETE\n"Key" : "foo"\n` +
      '"CreateRevision" : 0\n"ModRevision" : 5\n"Version" : 0\n"Value" : ""\n"Lease" : 0\n',
  },
  "a lease granted": {
    answer: { kind: "leaseGrant", response: newLeaseGrantResponse({ header, id: 0x7bn, ttl: 60 }) },
    simple: "lease 000000000000007b granted with TTL(60s)\n",
    json: `{${flatHeader},"ID":123,"TTL":60,"Error":""}\n`,
    fields: `${fieldsHeader}"ID" : 123\n"TTL" : 60\n`,
  },
  "a lease revoked": {
    answer: { kind: "leaseRevoke", id: 0x694d5765fc71500bn, response: newLeaseRevokeResponse({ header }) },
    simple: "lease 694d5765fc71500b revoked\n",
    json: `{"header":${jsonHeader}}\n`,
    fields: fieldsHeader,
  },
  "a lease kept alive": {
    answer: { kind: "leaseKeepAlive", response: newLeaseKeepAliveResponse({ header, id: 0x7bn, ttl: 60 }) },
    simple: "lease 000000000000007b keepalived with TTL(60)\n",
    json: `{${flatHeader},"ID":123,"TTL":60}\n`,
    fields: `${fieldsHeader}"ID" : 123\n"TTL" : 60\n`,
  },
  "a lease's time": {
    answer: {
      kind: "leaseTimeToLive",
      withKeys: true,
      response: newLeaseTimeToLiveResponse({
        header,
        id: 0x7bn,
        ttl: 9,
        grantedTtl: 60,
        keys: [Buffer.from("a"), Buffer.from("b")],
      }),
    },
    simple: "lease 000000000000007b granted with TTL(60s), remaining(9s), attached keys([a b])\n",
    json: `{${flatHeader},"id":123,"ttl":9,"granted-ttl":60,"keys":["YQ==","Yg=="]}\n`,
    fields: `${fieldsHeader}"ID" : 123\n"TTL" : 9\n"GrantedTTL" : 60\n"Key" : "a"\n"Key" : "b"\n`,
  },
  "the time of a lease that is gone": {
    answer: {
      kind: "leaseTimeToLive",
      withKeys: false,
      response: newLeaseTimeToLiveResponse({ header, id: 0x7bn, ttl: -1 }),
    },
    simple: "lease 000000000000007b already expired\n",
    json: `{${flatHeader},"id":123,"ttl":-1,"granted-ttl":0,"keys":null}\n`,
    fields: `${fieldsHeader}"ID" : 123\n"TTL" : -1\n"GrantedTTL" : 0\n`,
  },
  leases: {
    answer: { kind: "leaseLeases", response: newLeaseLeasesResponse({ header, leases: [{ id: 0x7bn }, { id: 1n }] }) },
    simple: "found 2 leases\n000000000000007b\n0000000000000001\n",
    json: `{${flatHeader},"leases":[{"id":123},{"id":1}]}\n`,
    fields: `${fieldsHeader}"ID" : 123\n"ID" : 1\n`,
  },
  members: {
    answer: {
      kind: "memberList",
      response: newMemberListResponse({
        header: newResponseHeader({ ...header, revision: 0 }),
        members: [
          newMember({ id: 0xabcn, name: "m1", peerUrls: ["http://p:1", "http://p:2"], clientUrls: ["http://c:1"] }),
          newMember({ id: 1n, peerUrls: ["http://q:1"], isLearner: true }),
        ],
      }),
    },
    simple: "abc, started, m1, http://p:1,http://p:2, http://c:1, false\n1, unstarted, , http://q:1, , true\n",
    json:
      `{"header":${jsonHeader.replace('"revision":5,', "")},"members":[` +
      '{"ID":2748,"name":"m1","peerURLs":["http://p:1","http://p:2"],"clientURLs":["http://c:1"]},' +
      '{"ID":1,"peerURLs":["http://q:1"],"isLearner":true}]}\n',
    fields:
      `${fieldsHeader.replace('"Revision" : 5\n', "")}"ID" : 2748\n"Name" : "m1"\n"PeerURL" : "http://p:1"\n` +
      '"PeerURL" : "http://p:2"\n"ClientURL" : "http://c:1"\n"IsLearner" : false\n\n' +
      '"ID" : 1\n"Name" : ""\n"PeerURL" : "http://q:1"\n"IsLearner" : true\n\n',
  },
  alarms: {
    answer: {
      kind: "alarm",
      response: newAlarmResponse({ header, alarms: [newAlarmMember({ memberId: 7n, alarm: 1 })] }),
    },
    simple: "memberID:7 alarm:NOSPACE \n",
    json: `{"header":${jsonHeader},"alarms":[{"memberID":7,"alarm":1}]}\n`,
    fields: `${fieldsHeader}"MemberID" : 7\n"AlarmType" : NOSPACE\n\n`,
  },
  "leadership given away": {
    answer: { kind: "moveLeader", leader: 0xan, target: 0xbn, response: newMoveLeaderResponse() },
    simple: "Leadership transferred from a to b\n",
    json: "{}\n",
    fields: null,
  },
  "the health of endpoints": {
    answer: { kind: "endpointHealth", rows: [{ endpoint: "e:1", health: true, took: "1.5ms", error: "" }] },
    simple: "e:1 is healthy: successfully committed proposal: took = 1.5ms\n",
    json: '[{"endpoint":"e:1","health":true,"took":"1.5ms"}]\n',
    fields: '"Endpoint" : "e:1"\n"Health" : true\n"Took" : 1.5ms\n"Error" : \n\n',
  },
  "the status of endpoints": {
    answer: {
      kind: "endpointStatus",
      rows: [
        {
          endpoint: "e:1",
          response: newStatusResponse({
            header,
            version: "3.6.14",
            storageVersion: "3.6.0",
            dbSize: 40_960,
            dbSizeInUse: 20_480,
            dbSizeQuota: 2_147_483_648,
            leader: header.memberId,
            raftIndex: 20,
            raftAppliedIndex: 19,
            raftTerm: 2,
            errors: ["one", "two"],
            downgradeInfo: newDowngradeInfo(),
          }),
        },
      ],
    },
    simple:
      "e:1, 8e9e05c52164694d, 3.6.14, 3.6.0, 41 kB, 20 kB, 50%, 2.1 GB, true, false, 2, 20, 19, one, two, , false\n",
    json:
      `[{"Endpoint":"e:1","Status":{"header":${jsonHeader},"version":"3.6.14","dbSize":40960,` +
      '"leader":10276657743932975437,"raftIndex":20,"raftTerm":2,"raftAppliedIndex":19,"errors":["one","two"],' +
      '"dbSizeInUse":20480,"storageVersion":"3.6.0","dbSizeQuota":2147483648,"downgradeInfo":{}}}]\n',
    fields:
      `${fieldsHeader}"Version" : "3.6.14"\n"StorageVersion" : "3.6.0"\n"DBSize" : 40960\n"DBSizeInUse" : 20480\n` +
      '"DBSizeQuota" : 2147483648\n"Leader" : 10276657743932975437\n"IsLearner" : false\n"RaftIndex" : 20\n' +
      '"RaftAppliedIndex" : 19\n"Errors" : [one two]\n"Endpoint" : "e:1"\n"DowngradeTargetVersion" : ""\n' +
      '"DowngradeEnabled" : false\n\n',
  },
  "the hashes of endpoints": {
    answer: {
      kind: "endpointHashKv",
      rows: [
        {
          endpoint: "e:1",
          response: newHashKVResponse({ header, hash: 3305255506, compactRevision: -1, hashRevision: 2 }),
        },
      ],
    },
    simple: "e:1, 3305255506, 2\n",
    json:
      `[{"Endpoint":"e:1","HashKV":{"header":${jsonHeader},"hash":3305255506,"compact_revision":-1,` +
      '"hash_revision":2}}]\n',
    fields: `${fieldsHeader}"Endpoint" : "e:1"\n"Hash" : 3305255506\n"HashRevision" : 2\n\n`,
  },
  "a snapshot's status": {
    answer: {
      kind: "snapshotStatus",
      status: { hash: 0x708cc1d1, revision: 6, totalKeys: 16, totalBytes: 20_480, version: "3.6.0" },
    },
    simple: "708cc1d1, 6, 16, 20 kB, 3.6.0\n",
    json: '{"hash":1888272849,"revision":6,"totalKey":16,"totalSize":20480,"version":"3.6.0"}\n',
    fields: '"Hash" : 1888272849\n"Revision" : 6\n"Keys" : 16\n"Size" : 20480\n"Version" : 3.6.0\n',
  },
};

for (const [what, golden] of Object.entries(goldens)) {
  test(`${what} in simple, JSON and fields`, () => {
    assert.deepEqual(printed("simple", golden.answer), { out: golden.simple, err: "" });
    assert.deepEqual(printed("json", golden.answer), { out: golden.json, err: "" });
    if (golden.fields !== null) {
      assert.deepEqual(printed("fields", golden.answer), { out: golden.fields, err: "" });
    } else {
      assert.throws(
        () => printed("fields", golden.answer),
        new CtlError(exitCode.badFeature, "fields not supported as output format"),
      );
    }
  });
}

test("--hex writes bytes and, where etcdctl does, ids in hexadecimal", () => {
  const get: Answer = { kind: "get", response: newRangeResponse({ header, kvs: [kv] }) };
  assert.equal(printed("simple", get, { hex: true }).out, "\\x66\\x6f\\x6f\n\\x62\\x00\\x72\n");
  const fields = printed("fields", get, { hex: true }).out;
  assert.match(fields, /"ClusterID" : cdf818194e3a8c32\n"MemberID" : 8e9e05c52164694d\n/);
  assert.match(fields, /"Lease" : 694d5765fc71500b\n/);
  assert.equal(printed("json", get, { hex: true }).out, printed("json", get).out);
  const members = goldens["members"]!.answer;
  assert.equal(
    printed("json", members, { hex: true }).out,
    '{"header":{"cluster_id":"cdf818194e3a8c32","member_id":"8e9e05c52164694d","raft_term":2},"members":[' +
      '{"ID":"abc","name":"m1","peerURLs":["http://p:1","http://p:2"],"clientURLs":["http://c:1"]},' +
      '{"ID":"1","name":"","peerURLs":["http://q:1"],"clientURLs":null}]}\n',
  );
});

test("values alone", () => {
  const get: Answer = { kind: "get", response: newRangeResponse({ header, kvs: [kv, bare] }) };
  assert.equal(printed("simple", get, { valuesOnly: true }).out, "b\0r\n\n");
});

test("an unhealthy endpoint is told of on standard error", () => {
  const rows = [{ endpoint: "e:1", health: false, took: "5s", error: "context deadline exceeded" }];
  assert.deepEqual(printed("simple", { kind: "endpointHealth", rows }), {
    out: "",
    err: "e:1 is unhealthy: failed to commit proposal: context deadline exceeded\n",
  });
});

test("tables are for lists of members, endpoints and snapshots", () => {
  assert.equal(
    printed("table", goldens["the hashes of endpoints"]!.answer).out,
    `+----------+------------+---------------+
| ENDPOINT |    HASH    | HASH REVISION |
+----------+------------+---------------+
|      e:1 | 3305255506 |             2 |
+----------+------------+---------------+
`,
  );
  for (const what of ["members", "the health of endpoints", "the status of endpoints", "a snapshot's status"]) {
    assert.match(printed("table", goldens[what]!.answer).out, /^\+-/);
  }
  assert.throws(
    () => printed("table", goldens["a get"]!.answer),
    new CtlError(exitCode.badFeature, "table not supported as output format"),
  );
});

test("protobuf is the message's bytes; of a lease answer the header's alone, as etcdctl does", () => {
  const header_ = newResponseHeader({ memberId: 1n });
  const bytes = (answer: Answer): string => Buffer.from(printed("protobuf", answer).out, "latin1").toString("hex");
  assert.equal(bytes({ kind: "put", response: newPutResponse({ header: header_ }) }), "0a021001");
  assert.equal(bytes({ kind: "leaseGrant", response: newLeaseGrantResponse({ header: header_, id: 5n }) }), "1001");
  assert.throws(() => bytes(goldens["the status of endpoints"]!.answer), CtlError);
});
