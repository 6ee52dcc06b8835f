import { JavaDouble } from "./java-text.ts";

/** What a command answers. Maps are objects whose keys are not known beforehand, and keep their order. */
export type AdminValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | JavaDouble
  | readonly AdminValue[]
  | ReadonlyMap<string, AdminValue>
  | AdminRecord;

export interface AdminRecord {
  readonly [member: string]: AdminValue;
}

/**
 * JSON as ZooKeeper's AdminServer prints it: objects over several lines, arrays on one, blanks around colons, and all the
 * digits of a 64-bit number.
 *
 *   {
 *     "connections" : [ {
 *       "session_id" : 72058411832639488
 *     } ],
 *     "error" : null
 *   }
 */
export function formatAdminJson(value: AdminValue, indent = ""): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value instanceof JavaDouble) return String(value);
  if (isArray(value)) {
    const items = value.map((item) => formatAdminJson(item, indent));
    return items.length === 0 ? "[ ]" : `[ ${items.join(", ")} ]`;
  }
  const members: readonly (readonly [string, AdminValue])[] = isMap(value) ? [...value] : Object.entries(value);
  if (members.length === 0) return "{ }";
  const inner = `${indent}  `;
  const lines = members.map(([name, member]) => `${inner}${JSON.stringify(name)} : ${formatAdminJson(member, inner)}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

function isArray(value: AdminValue): value is readonly AdminValue[] {
  return Array.isArray(value);
}

function isMap(value: AdminValue): value is ReadonlyMap<string, AdminValue> {
  return value instanceof Map;
}
