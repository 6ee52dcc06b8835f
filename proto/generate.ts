/**
 * Writes `src/etcd/wire/*.ts` from the .proto files of this folder: `npm run generate`. What it writes is committed, and
 * a test compares the two.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { emitMessages } from "./emit-messages.ts";
import { emitDescriptors, emitServices } from "./emit-tables.ts";
import { loadSchema } from "./schema.ts";

/** File name in `src/etcd/wire` → content. */
export function generate(): Map<string, string> {
  const schema = loadSchema(import.meta.dirname);
  const modules = [...new Set(schema.messages.map((message) => message.module))].sort();
  return new Map([
    ...modules.map((module) => [`${module}.ts`, emitMessages(schema, module)] as const),
    ["descriptors.ts", emitDescriptors(schema)],
    ["services.ts", emitServices(schema)],
  ]);
}

export const WIRE_FOLDER = join(import.meta.dirname, "../src/etcd/wire");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, content] of generate()) writeFileSync(join(WIRE_FOLDER, file), content);
}
