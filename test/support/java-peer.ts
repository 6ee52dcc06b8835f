import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./servers.ts";

/** The class path of the programs in test/peers/java-zookeeper, compiled if their sources are newer than the classes. */
export function javaZooKeeperClassPath(): string {
  const sources = join(repository, "test/peers/java-zookeeper");
  const directory = join(repository, ".peers/java-zookeeper");
  const jars = join(directory, "lib/*");
  if (!existsSync(join(directory, "lib"))) throw new Error("Curator is missing: run test/peers/install.ts");
  const classes = join(directory, "classes");
  const files = readdirSync(sources)
    .filter((file) => file.endsWith(".java"))
    .map((file) => join(sources, file));
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs));
  const stamp = join(classes, "Checks.class");
  if (!existsSync(stamp) || statSync(stamp).mtimeMs < newest) {
    mkdirSync(classes, { recursive: true });
    const built = spawnSync("javac", ["-d", classes, "-cp", jars, ...files], { encoding: "utf8" });
    if (built.status !== 0) throw new Error(`cannot compile the Java peers: ${built.stderr || String(built.error)}`);
  }
  return `${classes}:${jars}`;
}
