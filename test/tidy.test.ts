/** Rules of the repository that no compiler and no linter knows: docs/architecture.md says why they are. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { YOUNG_GENERATION_FLAG } from "../src/heap-growth.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const api = ["port.ts", "errors.ts"];
/** What an area of src/etcd may import: other areas, or single files of them. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  base: [],
  wire: ["base"],
  "version.ts": [],
  "errors.ts": [],
  "port.ts": ["wire", "errors.ts"],
  config: ["base", "version.ts"],
  raft: ["base", "wire"],
  mvcc: ["base", "wire", "errors.ts"],
  lease: ["base", "wire", "errors.ts", "mvcc/backend.ts", "mvcc/leases.ts"],
  auth: ["base", "wire", "errors.ts"],
  apply: ["base", "wire", "errors.ts", "mvcc", "lease", "auth"],
  member: ["base", "wire", ...api, "version.ts", "config", "apply", "raft", "mvcc", "lease", "auth"],
  // Adapters know the ports they implement, and the contracts that test them.
  storage: ["base", "wire", "member/log.ts", "member/disk.ts", "mvcc/backend.ts", "mvcc/backend-contract.ts"],
  peer: ["base", "wire", "member/peer-transport.ts"],
  rpc: ["base", "wire", ...api, "version.ts"],
  gateway: ["base", "wire", ...api, "version.ts", "rpc"],
  // The client reads the table of error texts the other way round.
  client: ["base", "wire", ...api, "version.ts", "rpc/status.ts"],
  ctl: [
    "base",
    "wire",
    ...api,
    "version.ts",
    "client",
    "rpc/status.ts",
    "config/go-values.ts",
    "mvcc/revision.ts",
    "storage/bolt-reader.ts",
  ],
};
const facadeArrows = ["base", "wire", ...api];

const pureAreas = ["raft", "mvcc", "lease", "auth", "apply"];
/** Files of pure areas that only tests import. */
const forTestsOnly = ["src/etcd/mvcc/backend-contract.ts"];

const sources = filesUnder("src").filter((path) => path.endsWith(".ts"));
const products = sources.filter((path) => !path.endsWith(".test.ts"));

test("imports point inward", () => {
  const wrong = products.flatMap((path) => {
    return importsOf(path)
      .filter((target) => target.startsWith("src/"))
      .filter((target) => !mayImport(path, target))
      .map((target) => `${path} imports ${target}`);
  });
  assert.deepEqual(wrong, []);
});

test("an import that points outward is found", () => {
  assert.equal(mayImport("src/etcd/raft/node.ts", "src/etcd/storage/wal.ts"), false);
  assert.equal(mayImport("src/etcd/storage/wal.ts", "src/etcd/member/member.ts"), false);
  assert.equal(mayImport("src/etcd/storage/wal.ts", "src/etcd/member/log.ts"), true);
  assert.equal(mayImport("src/etcd/rpc/kv.ts", "src/etcd/mvcc/store.ts"), false);
  assert.equal(mayImport("src/etcd/rpc/kv.ts", "src/zk-facade/session/table.ts"), false);
  assert.equal(mayImport("src/zk-facade/session/table.ts", "src/etcd/member/member.ts"), false);
  assert.equal(mayImport("src/zk-facade/session/table.ts", "src/etcd/port.ts"), true);
});

test("every area of src/etcd has its arrows", () => {
  const areas = new Set(products.filter((path) => path.startsWith("src/etcd/")).map(areaOf));
  assert.deepEqual(
    [...areas].filter((area) => arrows[area] === undefined),
    [],
  );
});

test("nothing but the programs and the tests imports the composition root", () => {
  const roots = ["src/main.ts", "src/parts.ts", "src/server-process.ts"];
  const outside = products.filter((path) => !roots.includes(path) && !path.startsWith("src/bin/"));
  const wrong = outside.filter((path) => importsOf(path).some((target) => roots.includes(target)));
  assert.deepEqual(wrong, []);
});

test("pure areas touch nothing of Node", () => {
  const pure = products.filter((path) => pureAreas.includes(areaOf(path)) && !forTestsOnly.includes(path));
  const wrong = pure.filter((path) => importsOf(path).some((target) => target.startsWith("node:")));
  assert.deepEqual(wrong, []);
});

test("what is for tests only is imported by tests only", () => {
  const wrong = products.filter((path) => {
    return !forTestsOnly.includes(path) && importsOf(path).some((target) => forTestsOnly.includes(target));
  });
  assert.deepEqual(wrong, []);
});

test("files are named in kebab-case", () => {
  const named = [...sources, ...filesUnder("test"), ...filesUnder("proto")].filter((path) => /\.m?ts$/.test(path));
  assert.deepEqual(
    named.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/.test(path.slice(path.lastIndexOf("/") + 1))),
    [],
  );
});

test("there are no barrel files: a name is imported from the file that owns it", () => {
  const reExport = /^export (type )?(\*|\{[^}]*\})( as \w+)? from /m;
  assert.deepEqual(
    products.filter((path) => reExport.test(read(path))),
    [],
  );
});

test("nothing is put off in a comment", () => {
  const marks = new RegExp(`\\b(${["TO", "FIX", "XX"].join("|")})(DO|ME|X)\\b`);
  const all = ["src", "test", "proto", "docs", ".ci"]
    .flatMap(filesUnder)
    .filter((path) => !/\.(sum|proto|bin)$/.test(path));
  assert.deepEqual(
    all.filter((path) => marks.test(read(path))),
    [],
  );
});

test("every row of docs/compatibility.md says what is done, and which test says so", () => {
  assert.deepEqual(faultsOfCompatibility(read("docs/compatibility.md")), []);
});

test("a row of docs/compatibility.md that is not well-formed is found", () => {
  const head = "| Call or option | State | Test | Note |\n| --- | --- | --- | --- |\n";
  const faultsOf = (row: string): number => faultsOfCompatibility(head + row).length;
  assert.equal(faultsOf("| KV.Range | done | `test/tidy.test.ts` | |"), 0);
  assert.equal(faultsOf("| KV.Range | absent | | Later. |"), 0);
  assert.equal(faultsOf("| KV.Range | almost | `test/tidy.test.ts` | |"), 1);
  assert.equal(faultsOf("| KV.Range | done | `test/no-such.test.ts` | |"), 1);
  assert.equal(faultsOf("| KV.Range | done | | |"), 1);
  assert.equal(faultsOf("| KV.Range | differs | `test/tidy.test.ts` | |"), 1);
  assert.equal(faultsOf("| KV.Range | done |"), 1);
});

test("npm start gives Node the room that the server wants", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  assert.equal(scripts["start"], `exec node ${YOUNG_GENERATION_FLAG} src/bootstrap.mjs serve`);
});

test("the lock file is whole: npm ci wants each optional package of each platform in it", () => {
  interface Locked {
    readonly dependencies?: Record<string, string>;
    readonly optionalDependencies?: Record<string, string>;
  }
  const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) => {
    return Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `${name} of ${path === "" ? "package.json" : path}`);
  });
  assert.deepEqual(missing, []);
});

/** `wire` for src/etcd/wire/kv.ts, `port.ts` for src/etcd/port.ts. */
function areaOf(path: string): string {
  return path.split("/")[2] ?? "";
}

function mayImport(path: string, target: string): boolean {
  const isFacade = path.startsWith("src/zk-facade/");
  // The programs and the composition root know everything.
  if (!isFacade && !path.startsWith("src/etcd/")) return true;
  if (isFacade && target.startsWith("src/zk-facade/")) return true;
  if (!target.startsWith("src/etcd/")) return false;
  if (!isFacade && areaOf(path) === areaOf(target)) return true;
  const allowed = isFacade ? facadeArrows : (arrows[areaOf(path)] ?? []);
  return allowed.includes(areaOf(target)) || allowed.includes(target.slice("src/etcd/".length));
}

/** Paths from the repository's root, or names of packages; type imports, re-exports and dynamic imports too. */
function importsOf(path: string): string[] {
  const specifiers = /(?:\bfrom|^import|\bimport\()\s*"([^"]+)"/gm;
  return [...read(path).matchAll(specifiers)].map((match) => {
    const specifier = match[1]!;
    return specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : specifier;
  });
}

function faultsOfCompatibility(text: string): string[] {
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  const isFrame = (row: string): boolean =>
    /^\|[\s:|-]+$/.test(row) || /^\| Call or option \| State \| Test \| Note \|$/.test(row);
  if (rows.length === 0) return ["there are no rows"];
  return rows.filter((row) => !isFrame(row)).flatMap((row) => faultOfRow(row).map((fault) => `${fault}: ${row}`));
}

function faultOfRow(row: string): string[] {
  const cells = row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
  const [call = "", state = "", tests = "", note = ""] = cells;
  if (cells.length !== 4 || call === "") return ["not four columns"];
  if (!["done", "differs", "absent"].includes(state)) return [`unknown state ${state}`];
  if (state !== "done" && note === "") return ["no word about the difference"];
  const paths = [...tests.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
  if (state !== "absent" && paths.length === 0) return ["no test"];
  return paths.filter((path) => !existsSync(join(root, path))).map((path) => `no such test ${path}`);
}

/** A package finds another in its own node_modules or in those above. */
function isLocked(packages: Readonly<Record<string, unknown>>, from: string, name: string): boolean {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf("node_modules/") - 1))) {
    if (Object.hasOwn(packages, `${place === "" ? "" : `${place}/`}node_modules/${name}`)) return true;
    if (place === "") return false;
  }
}

function filesUnder(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
