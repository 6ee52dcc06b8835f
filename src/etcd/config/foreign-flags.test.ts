import assert from "node:assert/strict";
import { test } from "node:test";
import type { ForeignFlags } from "./foreign-flags.ts";
import { helpText } from "./help.ts";
import { parseServeArguments, type ServeArguments } from "./serve-arguments.ts";

const other: ForeignFlags = {
  section: "Other API",
  rows: {
    "other-port": { placeholder: "NUMBER", default: "7", help: "Port of the other API." },
    "other-quiet": { placeholder: "", default: "", help: "Say less." },
  },
  isOther: (name) => name.startsWith("D") && name.length > 1,
};

function parse(argv: readonly string[], env: Record<string, string> = {}, file = ""): ServeArguments {
  return parseServeArguments(argv, env, () => file, other);
}

function textsOf(result: ServeArguments): Record<string, string> {
  assert.equal(result.kind, "serve", JSON.stringify(result));
  return Object.fromEntries(result.foreign);
}

test("the other API's flags are read like etcd's own, and their values stay text", () => {
  const argv = ["--name=n", "--other-port", "abc", "-other-quiet", "-Dx.y=z=1", "-Dflag", "--name=m"];
  assert.deepEqual(textsOf(parse(argv)), { "other-port": "abc", "other-quiet": "true", "Dx.y": "z=1", Dflag: "true" });
  assert.deepEqual(textsOf(parse(["--other-port=1", "--other-port=2"])), { "other-port": "2" });
  assert.deepEqual(textsOf(parse([])), {});
});

test("what neither API knows is refused", () => {
  for (const argv of [["--other-prot=1"], ["-D=1"]]) assert.equal(parse(argv).kind, "unreadable", argv.join(" "));
  assert.equal(parseServeArguments(["--other-port=1"], {}, () => "").kind, "unreadable");
});

test("variables and the configuration file set them, too", () => {
  assert.deepEqual(textsOf(parse([], { ETCD_OTHER_PORT: "8" })), { "other-port": "8" });
  const shadowed = parse(["--other-port=1"], { ETCD_OTHER_PORT: "8" });
  assert.ok(shadowed.kind === "refused" && shadowed.level === "fatal");
  const file = "name: n\nother-port: 9\nother-quiet: true\n";
  assert.deepEqual(textsOf(parse(["--config-file=f"], {}, file)), { "other-port": "9", "other-quiet": "true" });
  const wrong = parse(["--config-file=f"], {}, "other-quiet: 'yes'");
  assert.equal(wrong.kind, "refused");
});

test("the help lists them in a section of their own", () => {
  const help = helpText("bridgekeeper serve", other);
  assert.match(
    help,
    /\nOther API:\n {2}--other-port NUMBER {2}\(7\)\n {6}Port of the other API\.\n {2}--other-quiet\n/,
  );
  assert.ok(!helpText("etcd").includes("Other API"));
});
