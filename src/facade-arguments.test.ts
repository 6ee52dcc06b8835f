import assert from "node:assert/strict";
import { test } from "node:test";
import { type FacadeArguments, type FacadeCommandLine, facadeHelp, parseFacadeArguments } from "./facade-arguments.ts";
import { facadeFlags } from "./zk-facade/config/facade-flags.ts";

const zk = facadeFlags("localhost:2181=/zk");

function parse(...argv: string[]): FacadeCommandLine {
  return parseFacadeArguments(argv, zk);
}

function argumentsOf(...argv: string[]): FacadeArguments {
  const parsed = parse(...argv);
  assert.equal(parsed.kind, "facade", JSON.stringify(parsed));
  return parsed;
}

test("without flags, etcd is where etcdctl looks for it", () => {
  assert.deepEqual(argumentsOf(), {
    kind: "facade",
    endpoints: ["127.0.0.1:2379"],
    tls: null,
    txnOpsMax: 128,
    name: null,
    log: { level: "info", format: "json", outputs: ["stderr"], rotation: null },
    foreign: new Map(),
  });
});

test("the cluster, the log and ZooKeeper's settings", () => {
  const parsed = argumentsOf(
    ...["--etcd-endpoints", "a:1, http://b:2,https://c:3", "--etcd-max-txn-ops=10000", "--name=f1"],
    ...["--etcd-cacert=ca.pem", "--etcd-cert=c.pem", "--etcd-key=k.pem", "--log-level=debug", "--log-format=console"],
    ...["--zk-listen", "localhost:0=/zk", "-Djute.maxbuffer=9"],
  );
  assert.deepEqual(parsed.endpoints, ["a:1", "http://b:2", "https://c:3"]);
  assert.deepEqual([parsed.txnOpsMax, parsed.name], [10_000, "f1"]);
  assert.deepEqual(parsed.tls, { ca: "ca.pem", cert: "c.pem", key: "k.pem", insecureSkipVerify: false });
  assert.deepEqual([parsed.log.level, parsed.log.format], ["debug", "console"]);
  assert.deepEqual(Object.fromEntries(parsed.foreign), { "zk-listen": "localhost:0=/zk", "Djute.maxbuffer": "9" });
  assert.equal(argumentsOf("--etcd-insecure-skip-tls-verify").tls?.insecureSkipVerify, true);
});

test("what makes no sense is refused", () => {
  const refused = (message: string): FacadeCommandLine => ({ kind: "refused", message });
  const unreadable = (text: string): FacadeCommandLine => ({ kind: "unreadable", text });
  const cases: readonly (readonly [readonly string[], FacadeCommandLine])[] = [
    [["--etcd-endpoints="], refused("--etcd-endpoints names no endpoint")],
    [["--etcd-max-txn-ops=0"], refused('--etcd-max-txn-ops "0" is not a positive number')],
    [["--etcd-cert=c.pem"], refused("--etcd-cert and --etcd-key must both be given")],
    [["--log-level=loud"], refused('unrecognized level: "loud"')],
    [["a:1"], refused('"a:1" is not a valid flag')],
    // The embedded member's flags are not for a facade.
    [["--data-dir=d"], unreadable("flag provided but not defined: -data-dir")],
    [["--etcd-endpoints"], unreadable("flag needs an argument: -etcd-endpoints")],
    [["--enable-log-rotation=x"], unreadable('invalid value "x" for flag -enable-log-rotation: parse error')],
    [
      ["--etcd-insecure-skip-tls-verify=x"],
      unreadable('invalid boolean value "x" for -etcd-insecure-skip-tls-verify: parse error'),
    ],
  ];
  for (const [argv, expected] of cases) assert.deepEqual(parse(...argv), expected);
});

test("the help lists all flags, in at most 100 columns", () => {
  assert.deepEqual(parse("--help"), { kind: "help" });
  const help = facadeHelp("bridgekeeper facade", zk);
  for (const flag of ["etcd-endpoints", "name", "log-level", "zk-listen", "zk-tick-time"]) {
    assert.match(help, new RegExp(`^  --${flag} `, "m"));
  }
  // The default of the log rotation is one word.
  const wide = help.split("\n").filter((line) => line.length > 100);
  assert.deepEqual(wide, []);
});
