import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BothApisShell } from "../support/both-apis-shell.ts";
import { isAsOnPage, semanticsExamples } from "../support/semantics.ts";
import { bothApisPlaces, type OpenZk } from "../support/zk-places.ts";

/* The examples of docs/semantics.md, one after the other on an empty server, with zkCli, etcdctl and kazoo themselves. */
const examples = semanticsExamples();

test("there are examples of every kind", () => {
  assert.deepEqual(new Set(examples.map(({ kind }) => kind)), new Set(["zk", "shell", "python"]));
});

for (const place of bothApisPlaces) {
  describe(`docs/semantics.md on ${place.name}`, { concurrency: 1 }, () => {
    let opened: OpenZk;
    let shell: BothApisShell;

    before(async () => {
      opened = await place.open();
      shell = await BothApisShell.open({ zkPort: opened.port, etcd: opened.etcd! });
    });

    after(async () => {
      await shell.close();
      await opened.close();
    });

    for (const example of examples) {
      test(example.command === "" ? "an event" : example.command.split("\n", 1)[0], async () => {
        const printed = await shell.run(example);
        assert.ok(
          isAsOnPage(example.printed, printed),
          `the page says\n${example.printed.join("\n")}\nand it is\n${printed}`,
        );
      });
    }
  });
}
