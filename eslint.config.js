import js from "@eslint/js";
import tseslint from "typescript-eslint";
import prettier from "eslint-config-prettier";

const generated = [
  "authpb",
  "etcdserverpb",
  "healthpb",
  "leasepb",
  "membershippb",
  "mvccpb",
  "raftpb",
  "snappb",
  "v3electionpb",
  "v3lockpb",
  "walpb",
  "descriptors",
  "services",
].map((name) => `src/etcd/wire/${name}.ts`);

/** Folders whose code runs to completion: no clock, no dice, no timer, no I/O, no await (docs/architecture.md). */
const pureFolders = ["raft", "mvcc", "lease", "apply"].map((folder) => `src/etcd/${folder}/**/*.ts`);

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", ...generated, ".peers/", "test/**/*.mjs"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  prettier,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true, allow: [{ from: "lib", name: "bigint" }] },
      ],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: pureFolders,
    ignores: ["src/**/*.test.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ group: ["node:*"], message: "pure core: no I/O" }] }],
      "no-restricted-globals": [
        "error",
        ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "process", "performance"].map((name) => ({
          name,
          message: "pure core: time and I/O are handed in",
        })),
      ],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "pure core: the time is an argument" },
        { object: "Math", property: "random", message: "pure core: chance is a Random handed in" },
      ],
      "no-restricted-syntax": ["error", { selector: "AwaitExpression", message: "pure core: runs to completion" }],
    },
  },
  {
    files: ["src/**/*.test.ts", "test/**/*.ts"],
    rules: {
      // node:test returns promises from test() that the runner itself awaits.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", name: ["test", "it", "describe", "suite"], package: "node:test" },
          ],
        },
      ],
    },
  },
  { files: ["**/*.js", "**/*.mjs"], extends: [tseslint.configs.disableTypeChecked] },
);
