import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { buildFacadeConfig, type BuiltFacadeConfig } from "./build-facade-config.ts";
import { FacadeConfigError } from "./config-error.ts";
import type { FacadeConfig } from "./facade-config.ts";
import { settingNames, settingRow } from "./setting-table.ts";

interface Given {
  readonly flags?: Readonly<Record<string, string>>;
  readonly properties?: Readonly<Record<string, string>>;
  /** The text of zoo.cfg. */
  readonly cfg?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly isEmbedded?: boolean;
}

function build({ flags = {}, properties = {}, cfg, files = {}, isEmbedded = false }: Given): BuiltFacadeConfig {
  const all: Readonly<Record<string, string>> = { ...files, ...(cfg === undefined ? {} : { "/etc/zoo.cfg": cfg }) };
  const named = cfg === undefined ? flags : { "zk-config": "/etc/zoo.cfg", ...flags };
  return buildFacadeConfig(
    {
      flags: new Map(Object.entries(named)),
      properties: new Map(Object.entries(properties)),
      defaultListen: "localhost:2181=/zk",
      isEmbedded,
    },
    (path) => {
      const text = all[path];
      if (text === undefined) throw new Error(`open ${path}: no such file or directory`);
      return text;
    },
  );
}

function configOf(given: Given): FacadeConfig {
  return build(given).config;
}

function errorOf(given: Given): string {
  try {
    build(given);
  } catch (error) {
    if (error instanceof FacadeConfigError) return error.message;
    throw error;
  }
  return assert.fail("nothing was wrong");
}

function notedKeys(given: Given): Record<string, unknown> {
  return Object.fromEntries(build(given).notes.map(({ message, fields }) => [message, fields["keys"]]));
}

const plain = "dataDir=/data\nclientPort=2181\n";

test("without anything, ZooKeeper's defaults hold", () => {
  const config = configOf({});
  assert.ok(Object.isFrozen(config));
  const { acl, admin, container, listen, ...rest } = config;
  assert.deepEqual(listen, [{ host: "localhost", port: 2181, root: "/zk" }]);
  assert.deepEqual(admin, {
    enabled: true,
    host: "0.0.0.0",
    port: 8080,
    isAddressGiven: false,
    idleTimeoutMs: 30_000,
    commandUrl: "/commands",
  });
  assert.deepEqual(container, { checkIntervalMs: 60_000, maxPerMinute: 10_000, maxNeverUsedIntervalMs: 0 });
  assert.deepEqual(acl, {
    skipAcl: false,
    schemes: new Set(),
    isDigestEnabled: true,
    anySaslId: null,
    x509SuperUser: null,
  });
  assert.deepEqual(rest, {
    listenBacklog: -1,
    tickTimeMs: 2000,
    minSessionTimeoutMs: 4000,
    maxSessionTimeoutMs: 40_000,
    sessionlessTimeoutMs: 10_000,
    maxClientConnections: 60,
    maxConnections: 0,
    globalOutstandingLimit: 1000,
    juteMaxBuffer: 1_048_575,
    largeRequests: { thresholdBytes: -1, bytesMax: 104_857_600 },
    extendedTypes: false,
    enforceQuota: false,
    readOnlyMode: false,
    reconfigEnabled: false,
    serverId: null,
    dataCacheBytes: 64 * 1024 * 1024,
    digestAlgorithm: "sha1",
    superDigest: null,
    enforcedSchemes: null,
    fourLetterWhitelist: "srvr",
    prometheus: null,
    dataDir: null,
    dataLogDir: null,
    ensemble: null,
    configText: null,
    properties: new Map(),
  });
});

test("every flag is ZooKeeper's key in kebab case, and no two settings share a name", () => {
  const rows = settingNames.map(settingRow);
  for (const pick of ["flag", "key", "property"] as const) {
    const names = rows.map((row) => row[pick]).filter((name) => name !== null);
    assert.equal(new Set(names).size, names.length, pick);
  }
  for (const { flag } of rows) assert.match(flag, /^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test("a zoo.cfg as people have it", () => {
  const cfg = [
    "# The number of milliseconds of each tick",
    "tickTime=2000",
    "initLimit=10",
    "syncLimit=5",
    "dataDir=/var/lib/zookeeper",
    "clientPort = 2182",
    "maxClientCnxns=0",
    "autopurge.snapRetainCount=3",
    "4lw.commands.whitelist=stat, ruok, \\",
    "  conf, isro",
    "admin.enableServer=false",
    "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
    "DigestAuthenticationProvider.superDigest=super:UdxDQl4f9v5oITwcAsO9bmWgHSI=",
    "skipACL=yes",
    "snapshot.trust.empty=true",
    "my.own=thing",
    "",
  ].join("\n");
  const config = configOf({ cfg });
  assert.deepEqual(config.listen, [{ host: "::", port: 2182, root: "/zk" }]);
  assert.equal(config.maxClientConnections, 0);
  assert.equal(config.fourLetterWhitelist, "stat, ruok, conf, isro");
  assert.equal(config.admin.enabled, false);
  assert.deepEqual(config.acl.schemes, new Set(["sasl"]));
  assert.equal(config.acl.skipAcl, true);
  assert.equal(config.superDigest, "super:UdxDQl4f9v5oITwcAsO9bmWgHSI=");
  assert.deepEqual([config.dataDir, config.dataLogDir], ["/var/lib/zookeeper", "/var/lib/zookeeper"]);
  assert.equal(config.configText, cfg);
  assert.deepEqual(
    [...config.properties.keys()],
    [
      "zookeeper.4lw.commands.whitelist",
      "zookeeper.admin.enableServer",
      "zookeeper.authProvider.1",
      "zookeeper.DigestAuthenticationProvider.superDigest",
      "zookeeper.skipACL",
      "zookeeper.snapshot.trust.empty",
      "zookeeper.my.own",
    ],
  );
  assert.deepEqual(notedKeys({ cfg }), {
    "keys without effect here": ["initLimit", "syncLimit", "autopurge.snapRetainCount", "snapshot.trust.empty"],
    "keys that nobody knows; they are system properties now": ["my.own"],
  });
});

test("a tick is 3000 ms where a zoo.cfg does not say, and other times follow from it", () => {
  const { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs } = configOf({ cfg: plain });
  assert.deepEqual([tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs], [3000, 6000, 60_000]);
  const flag = configOf({ cfg: plain, flags: { "zk-tick-time": "100", "zk-max-session-timeout": "5000" } });
  assert.deepEqual([flag.minSessionTimeoutMs, flag.maxSessionTimeoutMs], [200, 5000]);
});

test("a flag goes before a system property, and that before the file", () => {
  const cfg = `${plain}maxCnxns=1\nextendedTypesEnabled=true\n`;
  const properties = { "zookeeper.maxCnxns": "2" };
  assert.equal(configOf({ cfg }).maxConnections, 1);
  assert.equal(configOf({ cfg, properties }).maxConnections, 2);
  assert.equal(configOf({ cfg, properties, flags: { "zk-max-cnxns": "3" } }).maxConnections, 3);
  assert.equal(configOf({ properties }).maxConnections, 2);
  assert.equal(configOf({ cfg, properties }).properties.get("zookeeper.maxCnxns"), "2");
  assert.equal(configOf({ cfg, properties: { "zookeeper.extendedTypesEnabled": "false" } }).extendedTypes, false);
});

test("where a facade listens", () => {
  const listen = (given: Given): string[] =>
    configOf(given).listen.map(({ host, port, root }) => `${host} ${port} ${root}`);
  const flag = (text: string): string[] => listen({ flags: { "zk-listen": text } });
  assert.deepEqual(flag("none"), []);
  assert.deepEqual(flag(":0"), [":: 0 /zk"]);
  assert.deepEqual(flag("*:2181=/a/b"), [":: 2181 /a/b"]);
  assert.deepEqual(flag("[::1]:2181=/zk, 127.0.0.1:2181=/zk,localhost:2182=/other"), [
    "::1 2181 /zk",
    "127.0.0.1 2181 /zk",
    "localhost 2182 /other",
  ]);
  assert.deepEqual(listen({ cfg: `${plain}clientPortAddress=127.0.0.1` }), ["127.0.0.1 2181 /zk"]);
  assert.deepEqual(listen({ cfg: plain, flags: { "zk-listen": "h:1=/r" } }), ["h 1 /r"]);
});

test("addresses that make no sense are refused, and so are roots that share keys", () => {
  const error = (text: string): string => errorOf({ flags: { "zk-listen": text } });
  for (const text of ["localhost", "localhost:x", "localhost:65536", "::1:2181", "a:1,", "2181"]) {
    assert.match(error(text), /^--zk-listen: ".*" is not HOST:PORT=ROOT$/, text);
  }
  for (const root of ["zk", "/", "/zk/", "", "//zk"]) assert.match(error(`a:1=${root}`), /root ".*" must begin/, root);
  assert.equal(error("a:1=/zk,a:2=/zk/sub"), "--zk-listen: root /zk/sub lies among the keys of root /zk");
  assert.equal(error("a:1=/zk-2,a:2=/zk"), "--zk-listen: root /zk-2 lies among the keys of root /zk");
  assert.equal(configOf({ flags: { "zk-listen": "a:1=/zk,a:2=/zk2,a:3=/zkx" } }).listen.length, 3);
});

test("numbers, as Java reads them", () => {
  const jute = (text: string): number => configOf({ properties: { "jute.maxbuffer": text } }).juteMaxBuffer;
  assert.deepEqual(
    [jute("4194304"), jute("0x400000"), jute("#10"), jute("010"), jute("+5")],
    [4194304, 4194304, 16, 8, 5],
  );
  // From the file itself it is decimal.
  assert.equal(configOf({ cfg: `${plain}tickTime=010` }).tickTimeMs, 10);
  assert.equal(errorOf({ cfg: `${plain}tickTime=0x10` }), 'zoo.cfg line 3: tickTime: "0x10" is not a whole number');
  for (const text of ["", "1.5", "5s", "0x", "09", "--1", "1e3"]) {
    const error = errorOf({ properties: { "jute.maxbuffer": text } });
    assert.equal(error, `-Djute.maxbuffer: ${JSON.stringify(text)} is not a whole number`);
  }
});

test("large requests are bounded once there is a threshold, and 0 is none", () => {
  const cfg = `${plain}largeRequestThreshold=1000\nlargeRequestMaxBytes=5000`;
  assert.deepEqual(configOf({ cfg }).largeRequests, { thresholdBytes: 1000, bytesMax: 5000 });
  const properties = { "zookeeper.largeRequestThreshold": "0" };
  assert.equal(configOf({ cfg, properties }).largeRequests.thresholdBytes, -1);
});

test("what is wrong is said with its place", () => {
  const cases: readonly (readonly [Given, string])[] = [
    [{ flags: { "zk-tick-time": "0" } }, "--zk-tick-time: 0 is less than 1"],
    [{ flags: { "zk-admin-server-port": "70000" } }, "--zk-admin-server-port: 70000 is more than 65535"],
    [{ flags: { "zk-enforce-quota": "yes" } }, '--zk-enforce-quota: "yes" is neither true nor false'],
    [{ flags: { "zk-config": "/nope" } }, "open /nope: no such file or directory"],
    [{ flags: { "zk-digest-alg": "ROT13" } }, 'digestAlg "ROT13" is not a known hash'],
    [{ flags: { "zk-admin-command-url": "commands" } }, 'admin.commandURL "commands" is not a path like /commands'],
    [
      { flags: { "zk-min-session-timeout": "9", "zk-max-session-timeout": "8" } },
      "minSessionTimeout must not be larger than maxSessionTimeout",
    ],
    [{ cfg: "clientPort=2181" }, "zoo.cfg: dataDir is not set"],
    [{ cfg: "dataDir=/d" }, "zoo.cfg: clientPort is not set"],
    [{ cfg: "dataDir=/d\nclientPortAddress=h" }, "zoo.cfg line 2: clientPortAddress is set but clientPort is not set"],
    [{ cfg: "dataDir=/d\n\nclientPort=abc" }, 'zoo.cfg line 3: clientPort: "abc" is no port'],
    [{ cfg: `${plain}skipACL=maybe` }, 'zoo.cfg line 3: skipACL: "maybe" is neither yes nor no'],
    [{ cfg: `${plain}reconfigEnabled=1` }, 'zoo.cfg line 3: reconfigEnabled: "1" is neither true nor false'],
    [{ cfg: `${plain}initLimit=ten` }, "zoo.cfg line 3: initLimit is not a whole number"],
    [{ cfg: `${plain}electionAlg=0` }, "zoo.cfg line 3: Invalid electionAlg value. Only 3 is supported."],
    [{ cfg: `${plain}peerType=voter` }, "zoo.cfg line 3: Unrecognised peertype: voter"],
    [{ cfg: `${plain}a=\\u12` }, "zoo.cfg line 3: \\u must be followed by four hex digits"],
    [{ cfg: `${plain}secureClientPort=2281` }, "zoo.cfg line 3: secureClientPort is not supported yet"],
    [
      { cfg: `${plain}metricsProvider.className=com.example.Mine` },
      "metrics provider class was not found: com.example.Mine",
    ],
    [{ cfg: `${plain}tickTime` }, 'zoo.cfg line 3: tickTime: "" is not a whole number'],
  ];
  for (const [given, message] of cases) assert.equal(errorOf(given), message);
});

test("what ZooKeeper takes as a bare system property has no effect in a file, and the log says so", () => {
  const cfg = `${plain}jute.maxbuffer=4194304\nreadonlymode.enabled=true\n`;
  const { config, notes } = build({ cfg });
  assert.deepEqual([config.juteMaxBuffer, config.readOnlyMode], [1_048_575, false]);
  assert.deepEqual(
    notes.map(({ fields }) => fields["keys"]),
    [["jute.maxbuffer", "readonlymode.enabled"]],
  );
  assert.match(notes[0]?.message ?? "", /system properties only/);
  const given = configOf({ cfg, properties: { "jute.maxbuffer": "99", "readonlymode.enabled": "TRUE" } });
  assert.deepEqual([given.juteMaxBuffer, given.readOnlyMode], [99, true]);
});

/** Those that stand for several, by one of them. */
const examples: Readonly<Record<string, string>> = {
  "admin.*": "admin.forceHttps",
  "jmx.*": "jmx.log4j.disable",
  "watcherClean*": "watcherCleanThreshold",
};
const values: Readonly<Record<string, string>> = {
  peerType: "observer",
  ...{ syncEnabled: "true", quorumListenOnAllIPs: "true", sslQuorum: "true" },
  ...{ localSessionsEnabled: "true", localSessionsUpgradingEnabled: "true" },
};

/** The keys of a zoo.cfg that the documentation calls without effect. */
function keysWithoutEffect(): string[] {
  const page = readFileSync(new URL("../../../docs/compatibility.md", import.meta.url), "utf8");
  const [, section = ""] = page.split("\n## ZooKeeper: settings\n");
  const rows = section.split("\n## ", 1)[0]!.split("\n");
  return rows.flatMap((row) => {
    const [, keys = "", state = "", , note = ""] = row.split("|").map((cell) => cell.trim());
    return state === "differs" && note.startsWith("Without effect") ? keys.replace(/^Other /, "").split(", ") : [];
  });
}

test("each name that no other test here gives is that of its setting", () => {
  const of = (line: string): FacadeConfig => configOf({ cfg: plain + line });
  assert.equal(of("clientPortListenBacklog=7").listenBacklog, 7);
  assert.equal(of("nio.sessionlessCnxnTimeout=70").sessionlessTimeoutMs, 70);
  assert.equal(of("globalOutstandingLimit=70").globalOutstandingLimit, 70);
  assert.equal(of("letAnySaslUserDoX=any").acl.anySaslId, "any");
  assert.equal(of("X509AuthenticationProvider.superUser=CN=a").acl.x509SuperUser, "CN=a");
  const { admin } = of("admin.serverAddress=h\nadmin.serverPort=7\nadmin.idleTimeout=8\nadmin.commandURL=/c");
  const { enabled, ...rest } = admin;
  assert.equal(enabled, true);
  assert.deepEqual(rest, { host: "h", port: 7, isAddressGiven: true, idleTimeoutMs: 8, commandUrl: "/c" });
  const properties = {
    "znode.container.checkIntervalMs": "1",
    "znode.container.maxPerMinute": "2",
    "znode.container.maxNeverUsedIntervalMs": "3",
  };
  const container = { checkIntervalMs: 1, maxPerMinute: 2, maxNeverUsedIntervalMs: 3 };
  assert.deepEqual(configOf({ properties }).container, container);
  for (const key of ["secureClientPort", "secureClientPortAddress"]) {
    assert.equal(errorOf({ cfg: `${plain}${key}=1` }), `zoo.cfg line 3: ${key} is not supported yet`);
  }
});

test("what the documentation calls without effect is taken, and named in the log", () => {
  const keys = keysWithoutEffect();
  assert.ok(keys.length > 40, keys.join(", "));
  for (const key of keys) {
    const written = examples[key] ?? key.replace("*", "x");
    const { notes } = build({ cfg: `${plain}${written}=${values[written] ?? "3"}` });
    const named = notes.map(({ message, fields }) => `${message}: ${String(fields["keys"])}`);
    const expected = written.startsWith("localSessions")
      ? "local sessions are not kept: every session is a lease in the store: undefined"
      : `keys without effect here: ${written}`;
    assert.deepEqual(named, [expected], key);
  }
});

const threeServers = [
  "initLimit=10",
  "syncLimit=5",
  "server.1=zoo1:2888:3888",
  "server.2=zoo2:2888:3888:participant;0.0.0.0:2182",
  "server.3=[fd00::3]:2888:3888|zoo3:2889:3889:observer;[fd00::3]:2183",
].join("\n");

test("the servers of an ensemble", () => {
  const config = configOf({ cfg: `${plain}${threeServers}\nserver.4=zoo4:1:2`, files: { "/data/myid": "1\n" } });
  assert.equal(config.serverId, 1);
  assert.deepEqual(
    [...(config.ensemble ?? [])],
    [
      [
        1,
        {
          id: 1,
          addresses: [{ host: "zoo1", quorumPort: 2888, electionPort: 3888 }],
          role: "participant",
          client: null,
        },
      ],
      [
        2,
        {
          id: 2,
          addresses: [{ host: "zoo2", quorumPort: 2888, electionPort: 3888 }],
          role: "participant",
          client: { host: "0.0.0.0", port: 2182 },
        },
      ],
      [
        3,
        {
          id: 3,
          addresses: [
            { host: "fd00::3", quorumPort: 2888, electionPort: 3888 },
            { host: "zoo3", quorumPort: 2889, electionPort: 3889 },
          ],
          role: "observer",
          client: { host: "fd00::3", port: 2183 },
        },
      ],
      [4, { id: 4, addresses: [{ host: "zoo4", quorumPort: 1, electionPort: 2 }], role: "participant", client: null }],
    ],
  );
  assert.deepEqual(config.listen, [{ host: "::", port: 2181, root: "/zk" }]);
});

test("a server's own line says where its clients connect, in the file or in the dynamic one", () => {
  const files = { "/data/myid": "2" };
  const cfg = `dataDir=/data\n${threeServers}`;
  assert.deepEqual(configOf({ cfg, files }).listen, [{ host: "0.0.0.0", port: 2182, root: "/zk" }]);
  const dynamic = "dataDir=/data\ndynamicConfigFile=/conf/zoo.cfg.dynamic\n";
  assert.deepEqual(
    configOf({ cfg: dynamic, files: { ...files, "/conf/zoo.cfg.dynamic": "server.2=b:1:2;9" } }).listen,
    [{ host: "::", port: 9, root: "/zk" }],
  );
  assert.equal(
    errorOf({ cfg: `clientPort=2181\n${cfg}`, files }),
    "zoo.cfg: clientPort 2181 differs from the client port 2182 of server.2",
  );
});

test("server lines that make no sense are refused", () => {
  const dynamic = (text: string): Given => ({
    cfg: `${plain}dynamicConfigFile=/conf/dyn`,
    files: { "/conf/dyn": text },
  });
  const cases: readonly (readonly [Given, RegExp])[] = [
    [{ cfg: `${plain}server.1=host` }, /^zoo\.cfg line 3: host does not have the form host:port or host:port:port/],
    [{ cfg: `${plain}server.x=h:1:2` }, /^zoo\.cfg line 3: server\.x has no number$/],
    [{ cfg: `${plain}server.1=h:1:2:leader` }, /^zoo\.cfg line 3: Unrecognised peertype: leader$/],
    [{ cfg: `${plain}server.1=h:1:2;a:b` }, /^zoo\.cfg line 3: .* does not end in ;port or ;host:port$/],
    [{ cfg: `${plain}server.1=h:1:99999` }, /99999 is no port$/],
    [{ cfg: `${plain}server.1=h:1:2;3;4` }, /more than one client address$/],
    [{ cfg: `${plain}server.1=h:1\nserver.2=i:1:2` }, /^Missing election port for server: 1$/],
    [{ cfg: `${plain}server.1=h:1:2:observer` }, /^Observers w\/o participants/],
    [{ cfg: `${plain}server.1=h:1:2\nserver.2=i:1:2:observer` }, /^Observers w\/o quorum/],
    [{ cfg: `${plain}standaloneEnabled=false` }, /number of participants should be >0$/],
    [{ cfg: plain, files: { "/data/myid": "one" } }, /^serverid one is not a number$/],
    [{ cfg: plain, files: { "/data/myid": "256" } }, /^serverid 256 is not between/],
    [
      { cfg: `${plain}dynamicConfigFile=/conf/dyn\nserver.1=h:1:2` },
      /^zoo\.cfg line 4: parameter: server\.1 must be in a separate dynamic config file$/,
    ],
    [dynamic("server.1=h:1:2\nversion=1"), /^dyn line 2: dynamic file shouldn't have version inside$/],
    [dynamic("tickTime=1"), /^dyn line 1: Unrecognised parameter: tickTime$/],
    [{ cfg: `${plain}dynamicConfigFile=/conf/none` }, /^open \/conf\/none: no such file/],
  ];
  for (const [given, pattern] of cases) assert.match(errorOf(given), pattern);
});

test("one server line is none, unless the server must not stand alone", () => {
  const { config, notes } = build({ cfg: `${plain}server.1=localhost:2888:3888` });
  assert.equal(config.ensemble, null);
  assert.match(notes[0]?.message ?? "", /only one server specified/);
  assert.equal(configOf({ cfg: `${plain}server.1=h:1:2\nstandaloneEnabled=false` }).ensemble?.size, 1);
});

test("several servers on one store each would be several stores", () => {
  const given = { cfg: `${plain}${threeServers}`, isEmbedded: true };
  assert.equal(errorOf(given), "zoo.cfg names 3 servers: an ensemble is not supported yet");
  assert.equal(configOf({ cfg: `${plain}server.1=h:1:2`, isEmbedded: true }).ensemble, null);
});

test("authentication providers allow their schemes, and what is enforced must be there", () => {
  const provider = (name: string): Given["properties"] => ({
    "zookeeper.authProvider.sasl": `org.apache.zookeeper.server.auth.${name}AuthenticationProvider`,
  });
  assert.deepEqual(configOf({ properties: { ...provider("X509") } }).acl.schemes, new Set(["x509"]));
  assert.deepEqual(configOf({ properties: { ...provider("Digest") } }).acl.schemes, new Set());
  const unknown = build({ cfg: `${plain}authProvider.1=com.example.Auth` });
  assert.deepEqual(
    unknown.notes.map(({ fields }) => fields),
    [{ property: "zookeeper.authProvider.1", className: "com.example.Auth" }],
  );

  const enforced = (flags: Given["flags"] & object, properties = {}): readonly string[] | null =>
    configOf({ flags, properties }).enforcedSchemes;
  assert.deepEqual(enforced({ "zk-enforce-auth-enabled": "true", "zk-enforce-auth-schemes": "digest, ip" }), [
    "digest",
    "ip",
  ]);
  assert.equal(enforced({ "zk-enforce-auth-schemes": "digest" }), null);
  assert.deepEqual(enforced({ "zk-session-require-client-sasl-auth": "true" }, provider("SASL")), ["sasl"]);
  assert.match(errorOf({ flags: { "zk-enforce-auth-enabled": "true" } }), /schemes must be configured$/);
  assert.match(errorOf({ flags: { "zk-session-require-client-sasl-auth": "true" } }), /scheme sasl is not available/);
});

test("ZooKeeper's Prometheus provider opens its port", () => {
  const className = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";
  const cfg = `${plain}metricsProvider.className=${className}\nmetricsProvider.exportJvmInfo=true\n`;
  assert.deepEqual(configOf({ cfg }).prometheus, { host: "0.0.0.0", port: 7000 });
  assert.deepEqual(configOf({ cfg: `${cfg}metricsProvider.httpPort=0\nmetricsProvider.httpHost=::1` }).prometheus, {
    host: "::1",
    port: 0,
  });
  assert.deepEqual(notedKeys({ cfg }), { "keys without effect here": ["metricsProvider.exportJvmInfo"] });
});
