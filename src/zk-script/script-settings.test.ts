import assert from "node:assert/strict";
import { test } from "node:test";
import { readScriptSettings, type ScriptSettings } from "./script-settings.ts";

function read(
  argv: readonly string[],
  env: Record<string, string> = {},
  directories: readonly string[] = [],
): ScriptSettings {
  return readScriptSettings(argv, {
    env,
    user: "zk",
    hostname: "host1",
    isDirectory: (path) => directories.includes(path),
  });
}

test("where the zoo.cfg is", () => {
  const cases: readonly (readonly [readonly string[], Record<string, string>, readonly string[], string])[] = [
    [["start"], {}, [], "/etc/zookeeper/conf/zoo.cfg"],
    [["start"], {}, ["conf"], "conf/zoo.cfg"],
    [["start"], { ZOOCFGDIR: "/c" }, ["conf"], "/c/zoo.cfg"],
    [["start"], { ZOOCFGDIR: "/c", ZOOCFG: "my.cfg" }, [], "/c/my.cfg"],
    [["start", "other.cfg"], { ZOOCFGDIR: "/c", ZOOCFG: "my.cfg" }, [], "/c/other.cfg"],
    [["start", "/abs/zoo.cfg"], { ZOOCFGDIR: "/c" }, [], "/abs/zoo.cfg"],
    [["start", "./zoo.cfg"], { ZOOCFGDIR: "/c" }, [], "./zoo.cfg"],
    [["--config", "/d", "start"], { ZOOCFGDIR: "/c" }, [], "/d/zoo.cfg"],
    [["--config", "/d", "start", "x.cfg"], {}, [], "/d/x.cfg"],
  ];
  for (const [argv, env, directories, path] of cases) {
    const { action, configPath } = read(argv, env, directories);
    assert.deepEqual([action, configPath], ["start", path]);
  }
  assert.equal(read([]).action, "");
  assert.equal(read(["--config"]).action, "--config");
});

test("what the environment says of logs, pids and the virtual machine", () => {
  const plain = read(["status"]);
  assert.deepEqual([plain.logDir, plain.outFile], ["logs", "logs/zookeeper-zk-server-host1.out"]);
  assert.deepEqual([plain.pidFile, plain.isAutocreateOff], ["", false]);
  assert.equal(plain.greeting, "ZooKeeper JMX enabled by default");
  const given = read(["start"], {
    ZOO_LOG_DIR: "/var/log/zk",
    ZOOPIDFILE: "/run/zk.pid",
    SERVER_JVMFLAGS: "-Da=1",
    JVMFLAGS: "-Da=2",
    JMXDISABLE: "true",
    ZOO_DATADIR_AUTOCREATE_DISABLE: "1",
  });
  assert.equal(given.outFile, "/var/log/zk/zookeeper-zk-server-host1.out");
  assert.deepEqual([given.pidFile, given.jvmFlags, given.isAutocreateOff], ["/run/zk.pid", "-Da=1 -Da=2", true]);
  assert.equal(given.greeting, "JMX disabled by user request");
});
