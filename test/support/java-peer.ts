import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { repository } from "./servers.ts";

const shared = "test/peers/java-zookeeper/Checks.java";

/** The class path of the programs in test/peers/java-zookeeper, with ZooKeeper's current client and Curator. */
export function javaZooKeeperClassPath(): string {
  return classPath("java-zookeeper", "TryZooKeeper");
}

/** The class path of the program in test/peers/java-zookeeper-3.5, with ZooKeeper's last client of that version. */
export function javaZooKeeper35ClassPath(): string {
  return classPath("java-zookeeper-3.5", "TryZooKeeper35");
}

/** Programs are compiled when their sources are newer than the classes. */
function classPath(name: string, program: string): string {
  const sources = join(repository, "test/peers", name);
  const directory = join(repository, ".peers", name);
  const jars = join(directory, "lib/*");
  if (!existsSync(join(directory, "lib")))
    throw new Error(`the jars of ${name} are missing: run test/peers/install.ts`);
  const classes = join(directory, "classes");
  const files = readdirSync(sources)
    .filter((file) => file.endsWith(".java") && file !== basename(shared))
    .map((file) => join(sources, file));
  files.push(join(repository, shared));
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs));
  const stamp = join(classes, `${program}.class`);
  if (!existsSync(stamp) || statSync(stamp).mtimeMs < newest) {
    mkdirSync(classes, { recursive: true });
    const built = spawnSync("javac", ["-d", classes, "-cp", jars, ...files], { encoding: "utf8" });
    if (built.status !== 0) throw new Error(`cannot compile the Java peers: ${built.stderr || String(built.error)}`);
  }
  return `${classes}:${jars}`;
}
