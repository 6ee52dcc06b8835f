import assert from "node:assert/strict";
import type { ZkLink } from "./zk-link.ts";
import { HOME, withoutTimes, type ZkModel } from "./zk-model.ts";

/** Reads the whole tree through a client: names, data and stats must be the model's. Nobody may be writing. */
export async function checkTree(link: ZkLink, model: ZkModel): Promise<void> {
  const top = await link.call("getChildren", { path: "/" });
  assert.deepEqual([...top.body!.children].sort(), [HOME.slice(1), "zookeeper"], "the children of the root");
  const paths = [...model.znodes.keys()].filter((path) => path !== "/");
  await Promise.all(paths.map((path) => checkZnode(link, model, path)));
}

async function checkZnode(link: ZkLink, model: ZkModel, path: string): Promise<void> {
  const [data, children] = await Promise.all([link.call("getData", { path }), link.call("getChildren", { path })]);
  assert.equal(data.err, 0, `reading ${path}, which is lost`);
  const { data: expected, children: paths } = model.znodes.get(path)!;
  assert.equal(String(data.body!.data ?? ""), expected, `the data of ${path}`);
  assert.deepEqual(withoutTimes(data.body!.stat), model.stat(path), `the stat of ${path}`);
  const names = [...paths].map((child) => child.slice(path.length + 1));
  assert.deepEqual([...children.body!.children].sort(), names.sort(), `the children of ${path}`);
}
