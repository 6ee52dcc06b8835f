import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test, type TestContext } from "node:test";
import { ctlRun, type CtlRun, type CtlRunOptions } from "../../../test/support/ctl-run.ts";
import { eventually, ScriptedEtcd } from "../../../test/support/scripted-etcd.ts";
import { grpcCode } from "../rpc/status.ts";
import {
  AlarmRequest_AlarmAction,
  newAlarmMember,
  newAlarmResponse,
  newCompactionResponse,
  newDeleteRangeResponse,
  newHashKVResponse,
  newLeaseKeepAliveResponse,
  newMember,
  newMemberListResponse,
  newMoveLeaderResponse,
  newPutResponse,
  newRangeResponse,
  newResponseHeader,
  newSnapshotResponse,
  newStatusResponse,
  newTxnResponse,
  newWatchResponse,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type AlarmRequest,
  type CompactionRequest,
  type DeleteRangeRequest,
  type MoveLeaderRequest,
  type PutRequest,
  type RangeRequest,
  type TxnRequest,
  type WatchRequest,
} from "../wire/etcdserverpb.ts";
import { newEvent, newKeyValue } from "../wire/mvccpb.ts";
import { services } from "../wire/services.ts";
import { SERVER_VERSION } from "../version.ts";

const kv = services["etcdserverpb.KV"];
const maintenance = services["etcdserverpb.Maintenance"];
const header = newResponseHeader({ clusterId: 1n, memberId: 2n, revision: 3, raftTerm: 4 });

interface Asked {
  puts: PutRequest[];
  ranges: RangeRequest[];
  deletes: DeleteRangeRequest[];
  txns: TxnRequest[];
  compactions: CompactionRequest[];
}

/** A server that takes everything and notes it, and a ctl that speaks to it. */
async function setUp(
  t: TestContext,
  script?: (server: ScriptedEtcd) => void,
): Promise<{ asked: Asked; endpoint: string; ctl: (argv: string[], options?: CtlRunOptions) => Promise<CtlRun> }> {
  const asked: Asked = { puts: [], ranges: [], deletes: [], txns: [], compactions: [] };
  const server = new ScriptedEtcd()
    .unary(kv.Put, (request) => {
      asked.puts.push(request);
      return newPutResponse({ header });
    })
    .unary(kv.Range, (request) => {
      asked.ranges.push(request);
      return newRangeResponse({ header });
    })
    .unary(kv.DeleteRange, (request) => {
      asked.deletes.push(request);
      return newDeleteRangeResponse({ header, deleted: 3 });
    })
    .unary(kv.Txn, (request) => {
      asked.txns.push(request);
      return newTxnResponse({ header, succeeded: true });
    })
    .unary(kv.Compact, (request) => {
      asked.compactions.push(request);
      return newCompactionResponse({ header });
    });
  script?.(server);
  await server.listen();
  t.after(() => server.stop());
  const ctl = (argv: string[], options?: CtlRunOptions): Promise<CtlRun> =>
    ctlRun([`--endpoints=${server.endpoint}`, ...argv], options);
  return { asked, endpoint: server.endpoint, ctl };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

test("put sends what its words, flags and standard input say", async (t) => {
  const { asked, ctl } = await setUp(t);
  assert.deepEqual(await ctl(["put", "k", "v"]), { code: 0, stdout: "OK\n", stderr: "" });
  await ctl(["put", "k", "--lease=7b", "--prev-kv", "--ignore-value"]);
  await ctl(["put", "k", "v", "--ignore-lease"]);
  await ctl(["put", "--", "-k", "--v"]);
  await ctl(["put", "bytes"], { stdin: Uint8Array.of(0, 0xff, 0x0a) });
  await ctl(["put", "empty", ""]);
  const told = asked.puts.map((put) => [
    text(put.key),
    text(put.value),
    put.lease,
    put.prevKv,
    put.ignoreValue,
    put.ignoreLease,
  ]);
  assert.deepEqual(told, [
    ["k", "v", 0n, false, false, false],
    ["k", "", 123n, true, true, false],
    ["k", "v", 0n, false, false, true],
    ["-k", "--v", 0n, false, false, false],
    ["bytes", "\0\xff\n", 0n, false, false, false],
    ["empty", "", 0n, false, false, false],
  ]);
});

test("get sends the range that its flags mean", async (t) => {
  const { asked, ctl } = await setUp(t);
  const { NONE, DESCEND } = RangeRequest_SortOrder;
  const { KEY, MOD } = RangeRequest_SortTarget;
  await ctl(["get", "k"]);
  await ctl(["get", "k", "m", "--limit=5", "--rev", "9", "--consistency=s"]);
  await ctl(["get", "k", "--prefix", "--order=DESCEND", "--sort-by=modify", "--keys-only"]);
  await ctl(["get", "k", "--from-key", "--order=ascend", "--count-only", "-wfields"]);
  await ctl(["get", "", "--prefix"]);
  await ctl(["get", "k", "--prefix=false", "--rev=-4", "--limit=9223372036854775807"]);
  const told = asked.ranges.map((range) => [
    ...[text(range.key), text(range.rangeEnd), range.limit, range.revision, range.serializable],
    ...[range.sortOrder, range.sortTarget, range.keysOnly, range.countOnly],
  ]);
  assert.deepEqual(told, [
    ["k", "", 0, 0, false, NONE, KEY, false, false],
    ["k", "m", 5, 9, true, NONE, KEY, false, false],
    ["k", "l", 0, 0, false, DESCEND, MOD, true, false],
    ["k", "\0", 0, 0, false, NONE, KEY, false, true],
    ["\0", "\0", 0, 0, false, NONE, KEY, false, false],
    ["k", "", Number.MAX_SAFE_INTEGER, 0, false, NONE, KEY, false, false],
  ]);
});

test("del, and the warning before a range that might have been two keys", async (t) => {
  const { asked, ctl } = await setUp(t);
  assert.equal((await ctl(["del", "k", "--prefix", "--prev-kv"])).stdout, "3\n");
  assert.equal((await ctl(["del", "a", "b", "--range"])).stderr, "");
  const startMs = Date.now();
  const warned = await ctl(["del", "a", "b"]);
  assert(Date.now() - startMs >= 1_900);
  assert.match(warned.stderr, /^Warning: Keys between "a" and "b" will be deleted\./);
  assert.deepEqual(
    asked.deletes.map(({ key, rangeEnd, prevKv }) => [text(key), text(rangeEnd), prevKv]),
    [
      ["k", "l", true],
      ["a", "b", false],
      ["a", "b", false],
    ],
  );
  const regret = new AbortController();
  const regretted = ctl(["del", "a", "b"], { interrupted: regret.signal });
  setTimeout(() => regret.abort(), 100);
  assert.equal((await regretted).code, 130);
  assert.equal(asked.deletes.length, 3);
});

test("txn sends compares and requests, with bytes in any notation", async (t) => {
  const { asked, ctl } = await setUp(t);
  const stdin = [
    'mod("k") > "0"',
    "",
    String.raw`put k "\x00\xffé" --lease=1f`,
    "get 'a b' --prefix",
    "",
    "del k --from-key --prev-kv",
    "",
    "",
  ].join("\n");
  assert.equal((await ctl(["txn"], { stdin })).stdout, "SUCCESS\n");
  const [txn] = asked.txns;
  assert.equal(txn!.compare.length, 1);
  const [put, get] = txn!.success.map(({ request }) => request!);
  assert(put?.case === "requestPut" && get?.case === "requestRange");
  assert.equal(text(put.value.value), "\0\xff\xc3\xa9");
  assert.equal(put.value.lease, 0x1fn);
  assert.deepEqual([text(get.value.key), text(get.value.rangeEnd)], ["a b", "a c"]);
  const del = txn!.failure[0]!.request;
  assert(del?.case === "requestDeleteRange");
  assert.deepEqual([text(del.value.key), text(del.value.rangeEnd), del.value.prevKv], ["k", "\0", true]);
});

test("an abbreviated command is the command, as long as no other begins so", async (t) => {
  const { asked, ctl } = await setUp(t);
  assert.equal((await ctl(["compact", "7", "--physical"])).stdout, "compacted revision 7\n");
  assert.deepEqual(
    asked.compactions.map(({ revision, physical }) => [revision, physical]),
    [[7, true]],
  );
  assert.equal((await ctl(["ver"])).stdout, `etcdctl version: ${SERVER_VERSION}\nAPI version: 3.6\n`);
  assert.equal(
    (await ctl(["e"])).stderr,
    'Error: unknown command "e" for "bridgekeeper ctl"\nRun \'bridgekeeper ctl --help\' for usage.\n',
  );
});

test("what is wrong is said in etcdctl's words, with its exit code", async (t) => {
  const { ctl } = await setUp(t);
  const rows: readonly (readonly [argv: string[], code: number, error: string])[] = [
    [["put"], 128, "put command needs 1 argument and input from stdin or 2 arguments"],
    [["put", "k"], 128, "put command needs 1 argument and input from stdin or 2 arguments"],
    [
      ["put", "k", "v", "--lease=x"],
      128,
      'bad lease ID (strconv.ParseInt: parsing "x": invalid syntax), expecting ID in Hex',
    ],
    [["get"], 128, "get command needs one argument as key and an optional argument as range_end"],
    [["get", "k", "-w", "xml"], 4, "unsupported output format"],
    [["get", "k", "-w", "table"], 4, "table not supported as output format"],
    [["get", "k", "--consistency=x"], 4, 'unknown consistency flag "x"'],
    [
      ["get", "k", "--limit=x"],
      1,
      'invalid argument "x" for "--limit" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      ["get", "k", "--prefix=x"],
      1,
      'invalid argument "x" for "--prefix" flag: strconv.ParseBool: parsing "x": invalid syntax',
    ],
    [
      ["get", "k", "--command-timeout=x"],
      1,
      'invalid argument "x" for "--command-timeout" flag: time: invalid duration "x"',
    ],
    [["get", "k", "--nosuch"], 1, "unknown flag: --nosuch"],
    [["get", "k", "--limit"], 1, "flag needs an argument: --limit"],
    [["compaction", "x"], 1, 'strconv.ParseInt: parsing "x": invalid syntax'],
    [["txn"], 3, "EOF"],
    [["move-leader", "zz"], 128, 'strconv.ParseUint: parsing "zz": invalid syntax'],
    [["get", "k", "--cert=", "--key=x"], 128, "empty string is passed to --cert option"],
    [["get", "k", "--cert=x"], 128, "KeyFile and CertFile must both be present"],
    [["get", "k", "--cacert=/nonexistent/ca.pem"], 128, "open /nonexistent/ca.pem: ENOENT"],
    [["snapshot", "status", "/nonexistent/file"], 1, "ENOENT: no such file or directory, open '/nonexistent/file'"],
    [["check", "perf", "--load=q"], 4, "unknown load option q"],
  ];
  for (const [argv, code, error] of rows) {
    assert.deepEqual(await ctl(argv), { code, stdout: "", stderr: `Error: ${error}\n` }, argv.join(" "));
  }
});

test("an answer of etcd's is an error in etcd's words; silence is a deadline", async (t) => {
  const { ctl, endpoint } = await setUp(t, (server) => {
    server.unary(services["etcdserverpb.Lease"].LeaseRevoke, () => {
      throw Object.assign(new Error(), { code: grpcCode.notFound, details: "etcdserver: requested lease not found" });
    });
    server.unary(services["etcdserverpb.Lease"].LeaseTimeToLive, () => new Promise(() => undefined));
  });
  assert.deepEqual(await ctl(["lease", "revoke", "1"]), {
    code: 1,
    stdout: "",
    stderr: "Error: failed to revoke lease (etcdserver: requested lease not found)\n",
  });
  assert.deepEqual(await ctl(["lease", "timetolive", "1", "--command-timeout=200ms"]), {
    code: 2,
    stdout: "",
    stderr: "Error: context deadline exceeded\n",
  });
  // Two endpoints, of which nobody listens on the first.
  assert.equal((await ctlRun([`--endpoints=127.0.0.1:1,http://${endpoint}`, "put", "k", "v"])).code, 0);
});

test("flags come from the environment too, but not from both", async (t) => {
  const { endpoint } = await setUp(t);
  const env = { ETCDCTL_ENDPOINTS: endpoint, ETCDCTL_WRITE_OUT: "json", ETCDCTL_API: "3" };
  assert.match((await ctlRun(["put", "k", "v"], { env })).stdout, /^\{"header"/);
  assert.deepEqual(await ctlRun(["put", "k", "v", "-w", "simple"], { env }), {
    code: 1,
    stdout: "",
    stderr:
      'Error: conflicting environment variable "ETCDCTL_WRITE_OUT" is shadowed by corresponding command-line flag ' +
      "(either unset environment variable or disable flag)\n",
  });
});

test("help is an answer, not an error", async () => {
  for (const argv of [[], ["--help"], ["help"], ["lease"], ["lease", "nosuch"], ["get", "--help"]]) {
    const run = await ctlRun(argv);
    assert.deepEqual([run.code, run.stderr], [0, ""], argv.join(" "));
    assert.match(run.stdout, /^Usage: bridgekeeper ctl /);
  }
  assert.match((await ctlRun([])).stdout, /^ {2}compaction +Compacts the event history in etcd$/m);
});

test("endpoint commands go to each endpoint, tell of those that fail, and print the rest", async (t) => {
  const script = (server: ScriptedEtcd): void => {
    server
      .unary(maintenance.Status, () => newStatusResponse({ header, version: "3.6.0", leader: 2n }))
      .unary(maintenance.HashKV, () => newHashKVResponse({ header, hash: 77, hashRevision: 3 }))
      .unary(maintenance.Alarm, () => newAlarmResponse());
  };
  const { endpoint } = await setUp(t, script);
  const endpoints = `--endpoints=127.0.0.1:1,${endpoint}`;
  const timeout = "--command-timeout=300ms";
  const status = await ctlRun([endpoints, timeout, "endpoint", "status"]);
  assert.equal(status.code, 1);
  assert.equal(status.stderr, "Failed to get the status of endpoint 127.0.0.1:1 (context deadline exceeded)\n");
  assert.match(status.stdout, new RegExp(`^${endpoint}, 2, 3\\.6\\.0, `));
  const hashes = await ctlRun([endpoints, timeout, "endpoint", "hashkv"]);
  assert.deepEqual(hashes, {
    code: 1,
    stdout: `${endpoint}, 77, 3\n`,
    stderr:
      "Failed to get the hash of endpoint 127.0.0.1:1 (context deadline exceeded)\nError: context deadline exceeded\n",
  });
  const health = await ctlRun([endpoints, timeout, "endpoint", "health"]);
  assert.equal(health.code, 1);
  assert.match(
    health.stdout,
    new RegExp(`^${endpoint} is healthy: successfully committed proposal: took = [\\d.]+(µs|ms|Âµs)\n$`),
  );
  assert.equal(
    health.stderr,
    "127.0.0.1:1 is unhealthy: failed to commit proposal: context deadline exceeded\nError: unhealthy cluster\n",
  );
});

test("an alarm makes an endpoint unhealthy; who may not read it is healthy", async (t) => {
  const alarmed = await setUp(t, (server) =>
    server.unary(maintenance.Alarm, () => newAlarmResponse({ alarms: [newAlarmMember({ memberId: 2n, alarm: 1 })] })),
  );
  const run = await alarmed.ctl(["endpoint", "health", "-w", "json"]);
  assert.equal(run.code, 1);
  assert.match(run.stdout, /"health":false,"took":"[^"]+","error":"Active Alarm\(s\): NOSPACE "/);

  const server = await new ScriptedEtcd()
    .unary(kv.Range, () => {
      throw Object.assign(new Error(), { code: grpcCode.permissionDenied, details: "etcdserver: permission denied" });
    })
    .unary(maintenance.Alarm, () => newAlarmResponse())
    .listen();
  t.after(() => server.stop());
  assert.equal((await ctlRun([`--endpoints=${server.endpoint}`, "endpoint", "health"])).code, 0);
});

test("--cluster asks the members that the first endpoint names", async (t) => {
  const other = await setUp(t, (server) =>
    server.unary(maintenance.Status, () => newStatusResponse({ header, version: "9.9.9" })),
  );
  const { ctl } = await setUp(t, (server) =>
    server.unary(services["etcdserverpb.Cluster"].MemberList, () =>
      newMemberListResponse({ members: [newMember({ clientUrls: [`http://${other.endpoint}`] })] }),
    ),
  );
  const run = await ctl(["endpoint", "status", "--cluster"]);
  assert.match(run.stdout, new RegExp(`^http://${other.endpoint}, 2, 9\\.9\\.9, `));
});

test("alarm disarm names each alarm that is on", async (t) => {
  const asked: AlarmRequest[] = [];
  const { ctl } = await setUp(t, (server) =>
    server.unary(maintenance.Alarm, (request) => {
      asked.push(request);
      if (request.action !== AlarmRequest_AlarmAction.GET)
        return newAlarmResponse({ alarms: [newAlarmMember(request)] });
      return newAlarmResponse({
        alarms: [newAlarmMember({ memberId: 5n, alarm: 1 }), newAlarmMember({ memberId: 6n, alarm: 2 })],
      });
    }),
  );
  const run = await ctl(["alarm", "disarm"]);
  assert.equal(run.stdout, "memberID:5 alarm:NOSPACE \nmemberID:6 alarm:CORRUPT \n");
  assert.deepEqual(
    asked.map(({ action, memberId, alarm }) => [action, memberId, alarm]),
    [
      [0, 0n, 0],
      [2, 5n, 1],
      [2, 6n, 2],
    ],
  );
});

test("move-leader finds the leader among the endpoints and asks it", async (t) => {
  const moves: MoveLeaderRequest[] = [];
  const follower = await setUp(t, (server) =>
    server.unary(maintenance.Status, () => newStatusResponse({ header, leader: 9n })),
  );
  const leader = await setUp(t, (server) =>
    server
      .unary(maintenance.Status, () => newStatusResponse({ header: newResponseHeader({ memberId: 9n }), leader: 9n }))
      .unary(maintenance.MoveLeader, (request) => {
        moves.push(request);
        return newMoveLeaderResponse();
      }),
  );
  const both = `--endpoints=${follower.endpoint},${leader.endpoint}`;
  assert.deepEqual(await ctlRun([both, "move-leader", "ff"]), {
    code: 0,
    stdout: "Leadership transferred from 9 to ff\n",
    stderr: "",
  });
  assert.deepEqual(moves, [{ targetId: 255n }]);
  const alone = await follower.ctl(["move-leader", "ff"]);
  assert.deepEqual([alone.code, alone.stderr], [128, `Error: no leader endpoint given at [${follower.endpoint}]\n`]);
});

test("snapshot save writes the file whole or not at all", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "ctl-snapshot-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "s.db");
  let whole = true;
  const { ctl } = await setUp(t, (server) =>
    server.serverStream(maintenance.Snapshot, (call) => {
      call.write(newSnapshotResponse({ blob: Buffer.alloc(1024, 1), version: "3.6.14" }));
      if (whole) call.write(newSnapshotResponse({ blob: Buffer.alloc(32, 2), version: "3.6.14" }));
      call.end();
    }),
  );
  assert.deepEqual(await ctl(["snapshot", "save", path]), {
    code: 0,
    stdout: `Snapshot saved at ${path}\nServer version 3.6.14\n`,
    stderr: "",
  });
  assert.equal(readFileSync(path).length, 1_056);
  assert.equal(existsSync(`${path}.part`), false);

  whole = false;
  writeFileSync(path, "the old one");
  const cut = await ctl(["snapshot", "save", path]);
  assert.deepEqual([cut.code, cut.stderr], [5, "Error: sha256 checksum not found [bytes: 1024]\n"]);
  assert.equal(readFileSync(path, "utf8"), "the old one");
  assert.equal(existsSync(`${path}.part`), false);
});

/** A watch that tells of what a test says, to whoever asks. */
function watchServer(
  server: ScriptedEtcd,
  requests: WatchRequest[],
  tell: (call: Parameters<Parameters<typeof server.duplex>[1]>[0]) => void,
): void {
  server.duplex(services["etcdserverpb.Watch"].Watch, (call) => {
    call.on("data", (request: WatchRequest) => {
      requests.push(request);
      if (request.requestUnion?.case !== "createRequest") return;
      call.write(newWatchResponse({ header, created: true }));
      tell(call);
    });
  });
}

const event = newEvent({ kv: newKeyValue({ key: Buffer.from("k"), value: Buffer.from('v"'), modRevision: 8 }) });

test("watch prints events until it is interrupted, and runs a program for each", async (t) => {
  const requests: WatchRequest[] = [];
  const { ctl } = await setUp(t, (server) =>
    watchServer(server, requests, (call) => call.write(newWatchResponse({ header, events: [event, event] }))),
  );
  const stop = new AbortController();
  let output = "";
  const running = ctl(
    [
      "watch",
      "k",
      "--rev",
      "7",
      "--prefix",
      "--prev-kv",
      "--",
      "sh",
      "-c",
      'echo "$ETCD_WATCH_REVISION $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY $ETCD_WATCH_VALUE"',
    ],
    { interrupted: stop.signal, onOutput: (stdout) => (output = stdout) },
  );
  const line = `3 "PUT" "k" "v\\""\n`;
  await eventually(() => output.endsWith(line + line), "both events");
  stop.abort();
  const run = await running;
  assert.deepEqual([run.code, run.stdout], [0, `PUT\nk\nv"\nPUT\nk\nv"\n${line}${line}`]);
  const create = requests[0]!.requestUnion;
  assert(create?.case === "createRequest");
  const { key, rangeEnd, startRevision, prevKv } = create.value;
  assert.deepEqual([text(key), text(rangeEnd), startRevision, prevKv], ["k", "l", 7, true]);
});

test("a cancelled watch is an error, a failing program too", async (t) => {
  const { ctl } = await setUp(t, (server) =>
    watchServer(server, [], (call) => call.write(newWatchResponse({ header, canceled: true, compactRevision: 9 }))),
  );
  assert.deepEqual(await ctl(["watch", "k", "--rev=1"]), {
    code: 5,
    stdout: "",
    stderr:
      "watch was canceled (etcdserver: mvcc: required revision has been compacted)\nError: watch is canceled by the server\n",
  });
  const failing = await setUp(t, (server) =>
    watchServer(server, [], (call) => call.write(newWatchResponse({ header, events: [event] }))),
  );
  const run = await failing.ctl(["watch", "k", "--", "sh", "-c", "exit 4"]);
  assert.deepEqual([run.code, run.stderr], [1, 'Error: command ["sh" "-c" "exit 4"] error (exit status 4)\n']);
});

test("watch -i takes watchers and progress from standard input, and survives nonsense", async (t) => {
  const requests: WatchRequest[] = [];
  const { ctl } = await setUp(t, (server) =>
    watchServer(server, requests, (call) => call.write(newWatchResponse({ header, events: [event] }))),
  );
  const stdin = new PassThrough();
  let output = "";
  const running = ctl(["watch", "-i"], { stdin, onOutput: (stdout) => (output = stdout) });
  stdin.write('nonsense\n\nwatch\nwatch a b --prefix\nwatch "k 1" --rev 4\nwatch k2\n');
  await eventually(() => output.split("PUT").length === 3, "two watchers' events");
  stdin.write("progress\n");
  await eventually(() => requests.some(({ requestUnion }) => requestUnion?.case === "progressRequest"), "progress");
  stdin.end();
  const run = await running;
  assert.equal(run.code, 3);
  assert.deepEqual(run.stderr.split("\n"), [
    "Invalid command nonsense (only support watch)",
    "Invalid command:  (watch and progress supported)",
    "Invalid command watch (bad number of arguments)",
    "Invalid command watch a b --prefix (`range_end` and `--prefix` are mutually exclusive)",
    "Error: error reading watch request line: EOF",
    "",
  ]);
});

test("lease keep-alive goes on until the lease is gone", async (t) => {
  let renewals = 0;
  const { ctl } = await setUp(t, (server) =>
    server.duplex(services["etcdserverpb.Lease"].LeaseKeepAlive, (call) => {
      call.on("data", ({ id }: { id: bigint }) => {
        renewals++;
        call.write(newLeaseKeepAliveResponse({ header, id, ttl: renewals < 3 ? 2 : 0 }));
      });
    }),
  );
  assert.equal(
    (await ctl(["lease", "keep-alive", "--once", "7b"])).stdout,
    "lease 000000000000007b keepalived with TTL(2)\n",
  );
  const run = await ctl(["lease", "keep-alive", "7b"]);
  assert.equal(
    run.stdout,
    "lease 000000000000007b keepalived with TTL(2)\nlease 000000000000007b expired or revoked.\n",
  );
  assert.deepEqual(await ctl(["lease", "keep-alive", "--once", "7b"]), {
    code: 2,
    stdout: "",
    stderr: "Error: etcdserver: requested lease not found\n",
  });
});
