/**
 * What `npm start` and `npm test` run on a fresh clone, with nothing but Node: installs what is missing or out of date,
 * builds what is older than its source, then does what was asked.
 *
 *   node src/bootstrap.mjs serve FLAGS...       the server, in this very process: its signals and exit code are its own
 *   node src/bootstrap.mjs run SCRIPT ARGS...   an npm script, with its exit code
 *   node src/bootstrap.mjs ready                installs and builds what is missing, no more
 *   node src/bootstrap.mjs build                builds in any case, and checks the types
 *
 * Quiet when there is nothing to do. Two that start at once wait for each other.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL, URL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
/** Written when a build has succeeded; all of the source that is younger than it has not been built. */
const stamp = join(dist, ".built");
const lock = join(root, ".bootstrap.lock");
const LOCK_TIMEOUT_MS = 600_000;

const [command = "", ...rest] = process.argv.slice(2);
try {
  checkNode();
  switch (command) {
    case "serve":
      makeReady({ build: true });
      await runHere("bridgekeeper", ["serve", ...rest]);
      break;
    case "run":
      makeReady({ build: false });
      await runScript(rest);
      break;
    case "ready":
      makeReady({ build: true });
      break;
    case "build":
      makeReady({ build: false });
      exclusively(() => build({ checkTypes: true }));
      break;
    default:
      fail(`unknown command ${JSON.stringify(command)}: serve, run, ready or build`);
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Node.js 20.19 or newer is needed, this is ${process.version}`);
}

function makeReady(wanted) {
  const isReady = () => isInstalled() && (!wanted.build || isBuilt());
  if (isReady()) return;
  exclusively(() => {
    // Another process may have done it while this one waited.
    if (!isInstalled()) install();
    if (wanted.build && !isBuilt()) build({ checkTypes: false });
  });
}

/** What npm has installed must be what the lock file says. npm leaves its own list of it. */
function isInstalled() {
  const wanted = readJson(join(root, "package-lock.json"))?.packages;
  const found = readJson(join(root, "node_modules/.package-lock.json"))?.packages;
  if (wanted === undefined || found === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    // Packages for other systems are optional and absent.
    return path === "" || link === true || (found[path]?.version ?? (optional ? version : undefined)) === version;
  });
}

function install() {
  say("installing dependencies");
  // Development dependencies too, whatever NODE_ENV says: the compiler is one.
  runNpm(["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
}

function isBuilt() {
  const builtMs = mtimeMs(stamp);
  const inputs = ["tsconfig.json", "tsconfig.build.json", "node_modules/.package-lock.json"];
  return (
    builtMs > 0 &&
    inputs.every((path) => mtimeMs(join(root, path)) <= builtMs) &&
    newestMs(join(root, "src")) <= builtMs
  );
}

/**
 * For a start, types are not checked: they are cut away, which takes a fraction of the time, and whoever changes the
 * code has `npm run check`.
 */
function build({ checkTypes }) {
  if (!checkTypes) say("building");
  const startedMs = Date.now();
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const options = [
    "--incremental",
    "--tsBuildInfoFile",
    join(dist, ".tsbuildinfo"),
    ...(checkTypes ? [] : ["--noCheck"]),
  ];
  const result = spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json"), ...options], {
    cwd: root,
    // What the compiler has to say must not mix with the output of what runs afterwards.
    stdio: ["ignore", 2, 2],
  });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw new Error("the build failed");
  for (const name of readdirSync(join(dist, "bin"))) {
    if (name.endsWith(".js")) chmodSync(join(dist, "bin", name), 0o755);
  }
  writeFileSync(stamp, "");
  // A file that changed while the compiler ran is younger than this.
  utimesSync(stamp, startedMs / 1000, startedMs / 1000);
}

async function runHere(program, argv) {
  const path = join(dist, "bin", `${program}.js`);
  process.argv = [process.execPath, path, ...argv];
  await import(pathToFileURL(path).href);
}

async function runScript([script, ...argv]) {
  if (script === undefined) throw new Error("which script? run SCRIPT");
  const { file, args } = npmCommand(["run", "--silent", script, ...(argv.length > 0 ? ["--", ...argv] : [])]);
  const child = spawn(file, args, { cwd: root, stdio: "inherit" });
  // A terminal sends its signals to the whole group, everybody else to this process alone.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  const { code, signal } = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

function runNpm(argv) {
  const { file, args } = npmCommand(argv);
  const result = spawnSync(file, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.error !== undefined) throw new Error(`npm does not start: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`npm ${argv[0]} failed`);
}

/** The npm that runs us, or else the one in the path. */
function npmCommand(argv) {
  const npm = process.env.npm_execpath;
  if (npm !== undefined && /^npm(-cli)?\.c?js$/.test(basename(npm)))
    return { file: process.execPath, args: [npm, ...argv] };
  return { file: "npm", args: argv };
}

/** One at a time: two installations into one directory spoil each other. A lock whose owner is gone does not count. */
function exclusively(work) {
  const deadlineMs = Date.now() + LOCK_TIMEOUT_MS;
  while (!takeLock()) {
    const owner = Number(readText(join(lock, "owner")));
    const isOld = Date.now() - mtimeMs(lock) > 2000;
    if (owner > 0 ? !isAlive(owner) : isOld) rmSync(lock, { recursive: true, force: true });
    else if (Date.now() > deadlineMs)
      throw new Error(`process ${owner} has been installing for too long; remove ${lock}`);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock() {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, "owner"), String(process.pid));
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function newestMs(directory) {
  let newest = mtimeMs(directory);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestMs(path));
    else if (entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts")) newest = Math.max(newest, mtimeMs(path));
  }
  return newest;
}

/** 0 when there is no such file. */
function mtimeMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readJson(path) {
  try {
    return JSON.parse(readText(path));
  } catch {
    return undefined;
  }
}

function say(message) {
  process.stderr.write(`bridgekeeper: ${message}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}
