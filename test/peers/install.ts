/**
 * What the peer tests need that npm does not bring: real etcd and its control program, clients in other languages, a
 * load generator. Installs the Debian packages that are missing, checks the rest, says what is there, builds our
 * server, then runs every *.peer.ts, one after the other.
 *
 *   node --import tsx test/peers/install.ts                 all of that
 *   node --import tsx test/peers/install.ts --only          without the tests
 *   node --import tsx test/peers/install.ts NAME...         the tests whose path contains a name
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Tool {
  readonly name: string;
  /** Prints a version; fails when the tool is not there. */
  readonly probe: readonly [string, ...string[]];
  /** The Debian package that brings it. Null: the machine must have it. */
  readonly package: string | null;
}

const tools: readonly Tool[] = [
  { name: "etcd", probe: ["/usr/bin/etcd", "--version"], package: "etcd-server" },
  { name: "etcdctl", probe: ["/usr/bin/etcdctl", "version"], package: "etcd-client" },
  // Debian's module belongs to Debian's Python, which need not be the first in the path.
  {
    name: "python3-etcd3",
    probe: ["/usr/bin/python3", "-c", "import etcd3, sys; print('etcd3', etcd3.__version__, 'on Python', sys.version)"],
    package: "python3-etcd3",
  },
  {
    name: "zookeeper",
    probe: ["java", "-cp", "/usr/share/java/zookeeper.jar", "org.apache.zookeeper.version.VersionInfoMain"],
    package: "zookeeper",
  },
  // ZooKeeper's client in C. Its shell takes no option that only tells a version.
  { name: "cli_mt", probe: ["test", "-x", "/usr/lib/zookeeper/bin/cli_mt"], package: "zookeeper-bin" },
  { name: "h2load", probe: ["h2load", "--version"], package: "nghttp2-client" },
  { name: "go", probe: ["go", "version"], package: null },
  { name: "python3", probe: ["python3", "--version"], package: null },
  { name: "java", probe: ["java", "-version"], package: null },
  { name: "mvn", probe: ["mvn", "--version"], package: null },
];

/** Libraries that the peers' own package managers bring into .peers, at these versions. */
interface Library {
  readonly name: string;
  /** There once it is installed. */
  readonly file: string;
  readonly install: readonly [string, ...string[]];
}

const libraries: readonly Library[] = [
  {
    name: "npm etcd3 1.1.2",
    file: ".peers/npm/node_modules/etcd3/package.json",
    install: ["npm", "install", "--prefix", ".peers/npm", "--no-audit", "--no-fund", "etcd3@1.1.2"],
  },
  {
    name: "jetcd 0.8.5",
    file: ".peers/java/lib/jetcd-core-0.8.5.jar",
    install: [
      ...(["mvn", "-q", "-B", "-f", "test/peers/java/pom.xml", "dependency:copy-dependencies"] as const),
      `-DoutputDirectory=${join(root, ".peers/java/lib")}`,
    ],
  },
  {
    name: "zookeeper 3.9.5",
    file: ".peers/zookeeper/lib/zookeeper-prometheus-metrics-3.9.4.jar",
    install: [
      ...(["mvn", "-q", "-B", "-f", "test/peers/zookeeper/pom.xml", "dependency:copy-dependencies"] as const),
      `-DoutputDirectory=${join(root, ".peers/zookeeper/lib")}`,
    ],
  },
  {
    name: "curator 5.9.0",
    file: ".peers/java-zookeeper/lib/curator-recipes-5.9.0.jar",
    install: [
      ...(["mvn", "-q", "-B", "-f", "test/peers/java-zookeeper/pom.xml", "dependency:copy-dependencies"] as const),
      `-DoutputDirectory=${join(root, ".peers/java-zookeeper/lib")}`,
    ],
  },
  {
    name: "zookeeper 3.5.10",
    file: ".peers/java-zookeeper-3.5/lib/zookeeper-3.5.10.jar",
    install: [
      ...(["mvn", "-q", "-B", "-f", "test/peers/java-zookeeper-3.5/pom.xml", "dependency:copy-dependencies"] as const),
      `-DoutputDirectory=${join(root, ".peers/java-zookeeper-3.5/lib")}`,
    ],
  },
  {
    name: "kazoo 2.11.0",
    file: ".peers/python/kazoo-2.11.0.dist-info/METADATA",
    install: ["python3", "-m", "pip", "install", "-q", "--target", ".peers/python", "kazoo==2.11.0"],
  },
];

const argv = process.argv.slice(2);
installMissing();
reportTools();
installLibraries();
build();
process.exit(argv.includes("--only") ? 0 : runPeers(argv));

function installMissing(): void {
  const missing = tools.filter((tool) => tool.package !== null && versionOf(tool) === null);
  if (missing.length === 0) return;
  const packages = missing.map((tool) => tool.package!);
  console.log(`installing ${packages.join(", ")}`);
  apt("update", "-q");
  apt("install", "-qy", "--no-install-recommends", ...packages);
}

/** As root, or by a sudo that asks for nothing. */
function apt(...args: string[]): void {
  const isRoot = process.getuid?.() === 0;
  const command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
  const [file, ...rest] = isRoot ? command : ["sudo", "-n", ...command];
  const result = spawnSync(file!, rest, { stdio: ["ignore", "inherit", "inherit"] });
  if (result.status !== 0)
    fail(`${[file, ...rest].join(" ")} failed: ${result.error?.message ?? `code ${result.status}`}`);
}

function reportTools(): void {
  const versions = tools.map((tool) => ({ tool, version: versionOf(tool) }));
  for (const { tool, version } of versions) console.log(`${tool.name.padEnd(14)} ${version ?? "MISSING"}`);
  const missing = versions.filter(({ version }) => version === null).map(({ tool }) => tool.name);
  if (missing.length > 0) fail(`the peer tests need ${missing.join(", ")}`);
}

function installLibraries(): void {
  mkdirSync(join(root, ".peers/npm"), { recursive: true });
  for (const { name, file, install } of libraries) {
    if (!existsSync(join(root, file))) {
      const [command, ...args] = install;
      const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
      if (result.status !== 0) fail(`${install.join(" ")} failed: ${result.error?.message ?? `code ${result.status}`}`);
    }
    console.log(`${name.padEnd(14)} ${file}`);
  }
}

/** The first line of what the probe prints. Null when it fails. */
function versionOf(tool: Tool): string | null {
  const [file, ...args] = tool.probe;
  const result = spawnSync(file, args, { encoding: "utf8", env: { ...process.env, ETCDCTL_API: "3" } });
  if (result.status !== 0) return null;
  // Colours and all but the first line are for people at a terminal.
  const text = stripVTControlCharacters(result.stdout + result.stderr);
  return text.split("\n").find((line) => line.trim() !== "") ?? "";
}

function build(): void {
  const result = spawnSync(process.execPath, [join(root, "src/bootstrap.mjs"), "ready"], { stdio: "inherit" });
  if (result.status !== 0) fail("our own server cannot be built");
}

function runPeers(names: readonly string[]): number {
  const files = readdirSync(join(root, "test/peers"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".peer.ts") && !path.includes("node_modules"))
    .filter((path) => names.length === 0 || names.some((name) => path.includes(name)))
    .sort()
    .map((path) => join(root, "test/peers", path));
  if (files.length === 0) fail("there are no peer tests of that name");
  const args = ["--import", "tsx", "--test", "--test-concurrency=1", ...files];
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (result.signal !== null) fail(`the peer tests ended by ${result.signal}`);
  return result.status ?? 1;
}

function fail(message: string): never {
  console.error(`test/peers/install.ts: ${message}`);
  process.exit(1);
}
