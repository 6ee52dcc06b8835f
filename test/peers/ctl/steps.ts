/** The commands that the tests of etcdctl and of `bridgekeeper ctl` give, in this order, to servers of one history. */

export interface Step {
  readonly words: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** etcdctl 3.4 has no such flag, or prints another shape. */
  readonly since36?: true;
  /** Both ask one server, which keeps its ids and sizes: for commands that change nothing. */
  readonly sameServer?: true;
  /** Beside its complaint etcdctl prints the command's whole help. */
  readonly showsHelp?: true;
}

const step = (command: string, more: Omit<Step, "words"> = {}): Step => ({ words: splitCommand(command), ...more });

/** Words are parted by spaces; `''` is an empty one. */
function splitCommand(command: string): string[] {
  return command === "" ? [] : command.split(" ").map((word) => (word === "''" ? "" : word));
}

export const formats = ["simple", "json", "fields", "table"];
const inEachFormat = (command: string, more: Omit<Step, "words"> = {}): Step[] =>
  formats.map((format) => step(`${command} -w ${format}`, more));
/** Ids and all. */
const asked = (command: string, more: Omit<Step, "words"> = {}): Step[] =>
  [...formats, "protobuf"].map((format) => step(`${command} -w ${format}`, { sameServer: true, ...more }));

const txn = (...lines: string[]): Omit<Step, "words"> => ({ stdin: lines.map((line) => `${line}\n`).join("") });

export const steps: readonly Step[] = [
  // Writes, and what they say.
  ...inEachFormat("put a 1"),
  ...inEachFormat("put a 2 --prev-kv"),
  step("put b", { stdin: "from standard input\n" }),
  step("put empty ''"),
  step("put -- dash -v"),
  step("put spaced -- --two words"),
  step("put a --ignore-value --prev-kv"),
  step("put nosuch --ignore-value"),
  step("put a 3 --ignore-lease"),
  step("put a 3 --lease=7b"),
  step("put a 3 --lease=zz"),
  step("put a v --ignore-value"),
  step("put"),
  step("put lonely"),
  step("put ''  x"),
  step("put binary", { stdin: "\u0001\u0002" }),
  step("put kä ünïcödé✓"),

  // Reads.
  ...inEachFormat("get a"),
  ...inEachFormat("get a --hex", { since36: true }),
  ...inEachFormat("get nosuch"),
  ...inEachFormat("get '' --prefix"),
  ...inEachFormat("get b --from-key"),
  step("get a c"),
  step("get '' --from-key --keys-only"),
  step("get '' --prefix --limit=2 -w json"),
  step("get '' --prefix --limit 2 -w fields"),
  step("get '' --prefix --order=DESCEND"),
  step("get '' --prefix --order=descend --sort-by=modify"),
  step("get '' --prefix --sort-by=CREATE --order=ASCEND -w json"),
  step("get '' --prefix --sort-by=VALUE --order=ASCEND"),
  step("get '' --prefix --sort-by=VERSION --order=DESCEND --limit=1"),
  step("get a --rev=2 -w json"),
  step("get a --rev=999"),
  step("get a --rev=x", { showsHelp: true }),
  step("get a --print-value-only"),
  step("get '' --prefix --print-value-only --hex"),
  step("get a --print-value-only -w json"),
  step("get a --consistency=s"),
  step("get a --consistency=q"),
  step("get a --order=UP"),
  step("get a --sort-by=SIZE"),
  step("get a --prefix --from-key"),
  step("get a b --prefix"),
  step("get"),
  step("get ''"),
  step("get a -w xml"),
  step("get a --keys-only=true"),
  step("get a --keys-only=false"),
  step("get a --keys-only=maybe", { showsHelp: true }),
  step("get a --nosuch", { showsHelp: true }),
  step("get a --limit", { showsHelp: true }),
  step("get '' --prefix --count-only -w fields", { since36: true }),
  step("get '' --prefix --count-only", { since36: true }),
  step("get '' --prefix --count-only --keys-only", { since36: true }),
  step("get '' --prefix --min-mod-rev=5 --max-mod-rev=9 -w json", { since36: true }),
  step("get '' --prefix --min-create-rev=9 --max-create-rev=5", { since36: true }),

  // Transactions.
  ...formats.map((format) =>
    step(
      `txn -w ${format}`,
      txn('mod("a") > "1"', 'value("nosuch") = "x"', "", "put t 1", "", "put t 0", "get a", "del t", ""),
    ),
  ),
  ...formats.map((format) =>
    step(`txn -w ${format}`, txn("", "put t 1 --prev-kv", "get t --prefix", "del t --prev-kv", "", "")),
  ),
  step("txn -i", txn('ver("a") != "0"', 'c("a") < "99"', "", "get a", "", "get b", "")),
  step("txn", txn('create("a") = "0"', "", "", "put f failure", "get f", "")),
  step("txn", txn('val("a") = "3"', "", String.raw`put q "quo\"ted \x41\u00e9\n tail"`, "get q", "", "")),
  step("txn", { ...txn("", "get q -w json", "", ""), showsHelp: true }),
  step("get q -w json"),
  step("txn", txn("nonsense", "")),
  step("txn", txn('mod("a") > "x"', "")),
  step("txn", txn('size("a") > "1"', "")),
  step("txn", txn("", "put", "")),
  step("txn", txn("", "destroy a b", "")),
  step("txn", txn("", "put a 1")),
  step("txn", txn("", "put a 1", "put a 2", "", "")),
  step("txn now"),

  // Deletes.
  ...inEachFormat("del nosuch"),
  step("del t --prev-kv -w fields"),
  step("del q --prev-kv"),
  step("put p1 1"),
  step("put p2 2"),
  step("del p --prefix --prev-kv"),
  step("put r1 1"),
  step("del r r9 --range", { since36: true }),
  step("del"),
  step("del a b c"),
  step("del a b --prefix"),
  step("del spaced --from-key"),

  // Hash and compaction, before lease ids make the stores differ.
  ...inEachFormat("endpoint hashkv", { since36: true }),
  step("endpoint hashkv --rev=5 -w json"),
  step("endpoint hashkv --rev=999"),
  step("compaction 5"),
  step("compaction 5"),
  step("compact 6 --physical"),
  step("compaction 999"),
  step("compaction x"),
  step("compaction"),
  step("get a --rev=2"),
  ...inEachFormat("watch a --rev 2", { since36: true }),
  step("watch a --rev 2"),
  step("watch a --rev 2 -w json"),

  // Leases.
  ...inEachFormat("lease grant 60"),
  step("lease grant x"),
  step("lease grant"),
  step("lease grant 99999999999"),
  ...inEachFormat("lease list"),
  step("lease list"),
  step("lease revoke 7b"),
  step("lease revoke zz"),
  step("lease revoke"),
  ...inEachFormat("lease timetolive 7b"),
  step("lease timetolive 7b --keys -w json"),
  step("lease timetolive"),
  step("lease keep-alive --once 7b"),
  step("lease keep-alive 7b"),
  step("lease keep-alive 7b -w json"),

  // Members, alarms, maintenance.
  step("member list"),
  step("member list -w json"),
  step("member list -w table", { sameServer: true }),
  step("member list -w json --hex", { since36: true }),
  step("member list -w fields --hex", { since36: true }),
  step("member list --consistency=s", { since36: true }),
  ...["simple", "json", "table"].map((format) => step(`alarm list -w ${format}`)),
  step("alarm disarm"),
  step("alarm list now"),
  ...["simple", "fields"].map((format) => step(`endpoint health -w ${format}`, { since36: true })),
  step("endpoint health -w json"),
  step("endpoint health --cluster", { since36: true }),
  ...asked("endpoint status", { since36: true }),
  ...asked("endpoint hashkv", { since36: true }),
  ...asked("get '' --prefix"),
  ...asked("lease list"),
  ...asked("member list", { since36: true }),
  step("endpoint status -w json"),
  step("endpoint status --cluster -w json"),
  step("move-leader 1"),
  step("move-leader zz"),
  step("move-leader"),
  step("defrag", { since36: true }),
  step("check perf --load=huge"),
  step("lock"),
  step("elect e"),
  step("elect"),
  step("elect e proposal -l"),
  step("elect e proposal more"),
  step("watch"),
  step("watch a b --prefix"),
  step("watch a --"),
  step("watch a", { env: { ETCDCTL_WATCH_KEY: "b" } }),
  step("watch", { env: { ETCDCTL_WATCH_RANGE_END: "b" } }),
  step("lock locked true"),
  step("lock failing false", { since36: true }),
  step("nosuch"),
  step("member nosuch", { showsHelp: true }),
];
