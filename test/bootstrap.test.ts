import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/*
 * bootstrap.mjs in a project of its own, where npm and the compiler are stand-ins that note down that they were called.
 */
const bootstrap = fileURLToPath(new URL("../src/bootstrap.mjs", import.meta.url));

const fakeNpm = `
import { appendFileSync, mkdirSync, writeFileSync, cpSync } from "node:fs";
const [command, ...rest] = process.argv.slice(2);
appendFileSync("calls", "npm " + command + "\\n");
if (command === "ci") {
  mkdirSync("node_modules/typescript/bin", { recursive: true });
  cpSync("fake-tsc.cjs", "node_modules/typescript/bin/tsc");
  cpSync("package-lock.json", "node_modules/.package-lock.json");
} else {
  process.exit(rest.includes("three") ? 3 : 0);
}
`;

const fakeTsc = `
const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
appendFileSync("calls", "tsc" + (process.argv.includes("--noCheck") ? " --noCheck" : "") + "\\n");
if (process.env.TSC_FAILS) process.exit(2);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
mkdirSync("dist/bin", { recursive: true });
writeFileSync("dist/package.json", '{"type":"module"}');
writeFileSync("dist/bin/bridgekeeper.js",
  'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = Number(process.argv[3] ?? 0);');
`;

interface Project {
  run(
    argv: readonly string[],
    env?: Record<string, string>,
  ): Promise<{ code: number | null; stdout: string; stderr: string }>;
  calls(): string[];
  readonly directory: string;
}

function newProject(t: { after(cleanUp: () => void): void }): Project {
  const directory = mkdtempSync(join(tmpdir(), "bootstrap-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  cpSync(bootstrap, join(directory, "src/bootstrap.mjs"), { recursive: true });
  put("package.json", "{}");
  put("package-lock.json", `{"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}`);
  put("src/main.ts", "");
  put("tsconfig.json", "{}");
  put("tsconfig.build.json", "{}");
  put("npm-cli.mjs", fakeNpm);
  put("fake-tsc.cjs", fakeTsc);
  // npm tells what it is by this variable; the name must be one of npm's.
  put("npm.cjs", `import("./npm-cli.mjs");`);
  return {
    directory,
    calls: () =>
      existsSync(join(directory, "calls")) ? readFileSync(join(directory, "calls"), "utf8").trim().split("\n") : [],
    run: (argv, env = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(directory, "src/bootstrap.mjs"), ...argv], {
          cwd: directory,
          env: { PATH: process.env["PATH"] ?? "", npm_execpath: join(directory, "npm.cjs"), ...env },
        });
        let stdout = "";
        let stderr = "";
        child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
        child.on("error", reject);
        child.on("close", (code) => resolve({ code, stdout, stderr }));
      }),
  };
}

test("the first start installs and builds, the next one does neither; flags and exit code pass through", async (t) => {
  const project = newProject(t);
  const first = await project.run(["serve", "7", "--name=a", "--"]);
  assert.deepEqual([first.code, first.stdout], [7, `["serve","7","--name=a","--"]\n`]);
  assert.equal(first.stderr, "bridgekeeper: installing dependencies\nbridgekeeper: building\n");
  assert.deepEqual(project.calls(), ["npm ci", "tsc --noCheck"]);

  const second = await project.run(["serve"]);
  assert.deepEqual([second.code, second.stdout, second.stderr], [0, `["serve"]\n`, ""]);
  assert.equal(project.calls().length, 2);
});

test("a changed source is built again, a changed lock file installed again", async (t) => {
  const project = newProject(t);
  await project.run(["ready"]);
  const later = new Date(Date.now() + 2000);
  utimesSync(join(project.directory, "src/main.ts"), later, later);
  await project.run(["ready"]);
  assert.deepEqual(project.calls(), ["npm ci", "tsc --noCheck", "tsc --noCheck"]);

  writeFileSync(join(project.directory, "package-lock.json"), `{"packages": {"node_modules/a": {"version": "2.0.0"}}}`);
  await project.run(["run", "x"]);
  assert.deepEqual(project.calls().slice(3), ["npm ci", "npm run"]);
});

test("two that start at once install and build once", async (t) => {
  const project = newProject(t);
  const both = await Promise.all([project.run(["serve"]), project.run(["serve"])]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  );
  assert.deepEqual(project.calls(), ["npm ci", "tsc --noCheck"]);
});

test("a lock whose owner is gone holds nobody up", async (t) => {
  const project = newProject(t);
  mkdirSync(join(project.directory, ".bootstrap.lock"));
  // No process has this number: it is above what Linux gives out.
  writeFileSync(join(project.directory, ".bootstrap.lock/owner"), "4194305");
  assert.equal((await project.run(["ready"])).code, 0);
});

test("a script runs without a build and its exit code is ours", async (t) => {
  const project = newProject(t);
  assert.equal((await project.run(["run", "three"])).code, 3);
  assert.deepEqual(project.calls(), ["npm ci", "npm run"]);
});

test("what cannot be done is said in one line", async (t) => {
  const project = newProject(t);
  const cases: [string[], Record<string, string>, string][] = [
    [["bogus"], {}, `unknown command "bogus": serve, run, ready or build`],
    [["run"], {}, "which script? run SCRIPT"],
    [["serve"], { TSC_FAILS: "1" }, "the build failed"],
  ];
  for (const [argv, env, message] of cases) {
    const { code, stderr } = await project.run(argv, env);
    assert.equal(code, 1);
    assert.equal(stderr.trim().split("\n").at(-1), `bridgekeeper: ${message}`);
  }
});
