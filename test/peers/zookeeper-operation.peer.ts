import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fourLetterWord, ZkClient } from "../support/zk-client.ts";
import { startOurFacade, startZooKeeper39, type ZkServer } from "../support/zk-servers.ts";

/*
 * What monitors read: the four-letter words of a real ZooKeeper 3.9 and ours, after the same requests. Numbers that do not
 * depend on the machine, the clock or the server's own choice must be the same.
 */

const words = ["cons", "stat", "srvr", "dump", "conf", "dirs", "wchs", "wchc", "wchp", "envi", "gtmk", "isro", "ruok"];

/** What each server answers to each word. */
type Answers = ReadonlyMap<string, string>;

async function answersOf(server: ZkServer): Promise<Answers> {
  const client = await ZkClient.connect({ port: server.port, timeoutMs: 30_000 });
  try {
    const ask = (word: string): Promise<string> => fourLetterWord(server, word);
    await ask("srst");
    await ask("crst");
    await client.call("create", { path: "/app", data: Buffer.from("data"), flags: 0 });
    await client.call("create", { path: "/app/e", data: Buffer.from("x"), flags: 1 });
    await client.call("getData", { path: "/app", watch: true });
    await client.call("exists", { path: "/none", watch: true });
    await client.call("getChildren", { path: "/app", watch: true });
    // As clients send it: a ping with an xid of a request's kind stays outstanding for ever on ZooKeeper.
    await client.call("ping", {}, { xid: -2 });
    // ZooKeeper answers first and counts down what is outstanding afterwards.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const answers = new Map<string, string>();
    for (const word of [...words, "mntr"]) answers.set(word, await ask(word));
    return answers;
  } finally {
    client.drop();
  }
}

/** Hides what must differ. The order of connections and of watches is the server's own. */
function comparable(text: string): string {
  const hidden = text
    .replaceAll(/3\.9\.\d+-\S+, built on .*/g, "VERSION")
    .replaceAll(/(lzxid|sid|lcxid)=0x(?!f{16})[0-9a-f]+/g, "$1=0xH")
    .replaceAll(/\/127\.0\.0\.1:\d+/g, "/127.0.0.1:PORT")
    .replaceAll(/\b(est|lresp|llat|minlat|avglat|maxlat)=\d+/g, "$1=N")
    .replaceAll(/^(Latency min\/avg\/max|datadir_size|logdir_size|Zxid):.*$/gm, "$1: X")
    .replaceAll(/^(clientPort|dataDir|dataDirSize|dataLogDir|dataLogSize)=.*$/gm, "$1=X")
    .replaceAll(/ at \w{3} \w{3} \d\d \d\d:\d\d:\d\d \S+ \d{4}:/g, " at DATE:")
    .replaceAll(/0x(?!0\b)[0-9a-fH]{5,}/g, "0xSESSION");
  return hidden.split("\n").sort().join("\n");
}

describe("four-letter words beside ZooKeeper 3.9", { timeout: 120_000 }, () => {
  const servers: ZkServer[] = [];
  let real: Answers;
  let ours: Answers;

  before(async () => {
    servers.push(await startZooKeeper39({ config: ["tickTime=2000"] }));
    const flags = [
      ...["--zk-4lw-commands-whitelist=*", "--zk-max-client-cnxns=0", "--zk-admin-enable-server=false"],
      "--zk-tick-time=2000",
    ];
    servers.push(await startOurFacade({ flags }));
    [real, ours] = (await Promise.all(servers.map(answersOf))) as [Answers, Answers];
  });

  after(() => Promise.all(servers.map((server) => server.stop())));

  for (const word of words.filter((word) => word !== "envi" && word !== "dump")) {
    test(word, () => assert.equal(comparable(ours.get(word)!), comparable(real.get(word)!)));
  }

  test("dump, whose connections may expire in one tick or in two", () => {
    const withoutBuckets = (text: string): string =>
      comparable(
        text.replaceAll(/^\d+ (expire at)/gm, "N $1").replaceAll(/^(Connections Sets) \(\d\)/gm, "$1 (N)"),
      ).replaceAll(/(N expire at DATE:\n)+/g, "N expire at DATE:\n");
    assert.equal(withoutBuckets(ours.get("dump")!), withoutBuckets(real.get("dump")!));
  });

  test("envi has the same names in the same order", () => {
    const names = (text: string): string[] => text.split("\n").map((line) => line.split("=")[0]!);
    assert.deepEqual(names(ours.get("envi")!), names(real.get("envi")!));
  });

  const entries = (text: string): ReadonlyMap<string, string> => {
    const lines = text.split("\n").slice(0, -1);
    return new Map(lines.map((line) => line.split("\t") as [string, string]));
  };

  test("mntr has the same names, and the first of them in the same order", () => {
    const [theirs, own] = [real, ours].map((answers) => [...entries(answers.get("mntr")!).keys()]) as [
      string[],
      string[],
    ];
    assert.deepEqual(own.slice(0, 26), theirs.slice(0, 26));
    assert.deepEqual(own.sort(), theirs.sort());
  });

  test("mntr has the same numbers where they depend on the requests alone", () => {
    const names = [
      ...["server_state", "ephemerals_count", "num_alive_connections", "outstanding_requests", "znode_count"],
      ...["global_sessions", "local_sessions", "last_client_response_size", "packets_sent", "packets_received"],
      ...["max_client_response_size", "min_client_response_size", "watch_count", "auth_failed_count"],
      ...["approximate_data_size", "connection_drop_probability", "bytes_received_count", "response_bytes"],
      ...["watch_bytes", "connection_rejected", "connection_drop_count", "connection_request_count"],
      ...["cnt_readlatency", "cnt_updatelatency", "cnt_app_read_per_namespace", "sum_app_read_per_namespace"],
      ...["cnt_app_write_per_namespace", "sum_app_write_per_namespace", "cnt_node_children_watch_count"],
    ];
    const pick = (answers: Answers): Record<string, string | undefined> => {
      const all = entries(answers.get("mntr")!);
      for (const name of names) assert.ok(all.has(`zk_${name}`), name);
      return Object.fromEntries(names.map((name) => [name, all.get(`zk_${name}`)]));
    };
    assert.deepEqual(pick(ours), pick(real));
  });

  test("a word that is not allowed, and one that is none", async () => {
    const [theirs, own] = servers as [ZkServer, ZkServer];
    for (const word of ["stmk\0\0\0\0\0\0\u0001\u0032", "RUOK", "ruok and more", "gtmk"]) {
      assert.equal(await fourLetterWord(own, word), await fourLetterWord(theirs, word), word);
    }
  });
});
