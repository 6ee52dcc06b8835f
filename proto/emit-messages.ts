/**
 * Prints one TypeScript file per proto package: interface, `new`, `encode`, `decode` of each message.
 *
 * The code is straight-line and names every field, because it is the hottest of the server: object literals with all
 * fields in declaration order (one hidden class per message), a switch on the tag, fields written in descending order.
 */
import type { Enum, Field, Message, Oneof, Part, Schema, TypeReference } from "./schema.ts";

export const GENERATED_HEADER =
  "// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.\n";

export function emitMessages(schema: Schema, module: string): string {
  const enums = schema.enums.filter((type) => type.module === module);
  const messages = schema.messages.filter((type) => type.module === module);
  const body = [...enums.map(emitEnum), ...messages.map(emitMessage)].join("\n");
  return `${GENERATED_HEADER}${emitImports(messages, module, body)}\n${body}`;
}

function emitImports(messages: readonly Message[], module: string, body: string): string {
  const codecNames = ["EMPTY_BYTES", "FieldNames", "Reader", "startWriting", "Writer"].filter((name) =>
    mentions(body, name),
  );
  const lines = [
    importOf(
      codecNames.map((name) => (name === "Writer" || name === "FieldNames" ? `type ${name}` : name)),
      "codec",
    ),
  ];

  const foreign = new Map<string, Map<string, TypeReference>>();
  for (const field of messages.flatMap(fieldsOf)) {
    const type = field.type;
    if (type === null || type.module === module) continue;
    foreign.set(type.module, (foreign.get(type.module) ?? new Map<string, TypeReference>()).set(type.tsName, type));
  }
  for (const [from, types] of [...foreign].sort()) {
    const names = [...types.keys()]
      .sort()
      .flatMap((name) => [
        `type ${name}`,
        ...["new", "read", "write"].map((verb) => verb + name).filter((used) => mentions(body, used)),
      ]);
    lines.push(importOf(names, from));
  }
  return lines.join("");
}

function importOf(names: readonly string[], from: string): string {
  const oneLine = `import { ${names.join(", ")} } from "./${from}.ts";\n`;
  return oneLine.length <= 121
    ? oneLine
    : `import {\n${names.map((name) => `  ${name},\n`).join("")}} from "./${from}.ts";\n`;
}

function mentions(body: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(body);
}

function emitEnum(type: Enum): string {
  const values = type.values.map(([name, number]) => `  ${name}: ${number},\n`).join("");
  return (
    `${docComment(type.comment, "")}export const ${type.tsName} = {\n${values}} as const;\n` +
    `/** A number that may lie outside the list: unknown enum numbers are kept. */\nexport type ${type.tsName} = number;\n`
  );
}

function emitMessage(message: Message): string {
  return [
    ...message.parts.flatMap((part) => (part.oneof === null ? [] : [emitOneofType(part.oneof)])),
    emitInterface(message),
    emitNew(message),
    emitEncode(message),
    emitDecode(message),
  ].join("\n");
}

// ---------------------------------------------------------------------------------------------------------- types

function emitOneofType(oneof: Oneof): string {
  const members = oneof.members.map((member) => `  | { case: "${member.property}"; value: ${elementType(member)} }`);
  return `export type ${oneof.tsName} =\n${members.join("\n")};\n`;
}

function emitInterface(message: Message): string {
  const lines = message.parts.map((part) =>
    part.oneof === null
      ? `${docComment(part.field.comment, "  ")}  ${part.field.property}: ${fieldType(part.field)};\n`
      : `  ${part.oneof.property}: ${part.oneof.tsName} | null;\n`,
  );
  const doc = docComment(message.comment, "");
  // An empty interface would accept any value at all.
  if (lines.length === 0) return `${doc}export type ${message.tsName} = Record<string, never>;\n`;
  return `${doc}export interface ${message.tsName} {\n${lines.join("")}}\n`;
}

function fieldType(field: Field): string {
  if (field.repeated) return `${elementType(field)}[]`;
  return field.presence === "nullable" || field.kind === "message"
    ? `${elementType(field)} | null`
    : elementType(field);
}

function elementType(field: Field): string {
  switch (field.kind) {
    case "bytes":
      return "Uint8Array";
    case "string":
      return "string";
    case "bool":
      return "boolean";
    case "message":
    case "enum":
      return field.type!.tsName;
    default:
      return field.isId ? "bigint" : "number";
  }
}

function defaultValue(part: Part): string {
  if (part.oneof !== null) return "null";
  const field = part.field;
  if (field.repeated) return "[]";
  if (field.kind === "message" || field.presence === "nullable") return "null";
  return zeroValue(field);
}

function zeroValue(field: Field): string {
  switch (field.kind) {
    case "bytes":
      return "EMPTY_BYTES";
    case "string":
      return '""';
    case "bool":
      return "false";
    default:
      return field.isId ? "0n" : "0";
  }
}

function emitNew(message: Message): string {
  const { tsName, parts } = message;
  if (parts.length === 0) return `export function new${tsName}(): ${tsName} {\n  return {};\n}\n`;
  const properties = parts.map((part) => ({
    name: part.oneof === null ? part.field.property : part.oneof.property,
    value: defaultValue(part),
  }));
  const defaults = properties.map(({ name, value }) => `      ${name}: ${value},\n`).join("");
  const given = properties.map(({ name, value }) => `    ${name}: init.${name} ?? ${value},\n`).join("");
  return (
    `export function new${tsName}(init?: Partial<${tsName}>): ${tsName} {\n` +
    `  if (init === undefined) {\n    return {\n${defaults}    };\n  }\n` +
    `  return {\n${given}  };\n}\n`
  );
}

// --------------------------------------------------------------------------------------------------------- encode

function emitEncode(message: Message): string {
  const { tsName } = message;
  const isEmpty = message.parts.length === 0;
  const body = descending(message).map(writePart).join("");
  return (
    `export function encode${tsName}(m: ${tsName}): Buffer {\n` +
    `  const w = startWriting();\n  write${tsName}(w, m);\n  return w.finish();\n}\n\n` +
    `export function write${tsName}(${isEmpty ? "_w" : "w"}: Writer, ${isEmpty ? "_m" : "m"}: ${tsName}): void {\n${body}}\n`
  );
}

/** The writer works from the end, so the highest field number comes first. */
function descending(message: Message): readonly Part[] {
  const numbers = (part: Part): number[] =>
    part.oneof === null ? [part.field.number] : part.oneof.members.map((member) => member.number);
  const sorted = [...message.parts].sort((a, b) => Math.max(...numbers(b)) - Math.max(...numbers(a)));
  sorted.reduce((above, part) => {
    if (Math.max(...numbers(part)) >= above) throw new Error(`${message.fullName}: a oneof is mixed with other fields`);
    return Math.min(...numbers(part));
  }, Infinity);
  return sorted;
}

function writePart(part: Part): string {
  if (part.oneof !== null) return writeOneof(part.oneof);
  const field = part.field;
  const value = `m.${field.property}`;
  if (field.packed) {
    return (
      `  if (${value}.length > 0) {\n    const before = w.size();\n` +
      `    for (let i = ${value}.length - 1; i >= 0; i--) ${writePacked(field, `${value}[i]!`)}\n` +
      `    w.nested(${tagOf(field, 2)}, before);\n  }\n`
    );
  }
  if (field.repeated) {
    return `  for (let i = ${value}.length - 1; i >= 0; i--) ${inBraces(writeValue(field, `${value}[i]!`), "  ")}\n`;
  }
  if (field.kind === "message" && field.presence === "always") {
    return `  {\n${indent(writeValue(field, `${value} ?? new${field.type!.tsName}()`), "    ")}\n  }\n`;
  }
  const condition = presentCondition(field, value);
  if (condition === null) return `  ${writeValue(field, value)}\n`;
  return `  if (${condition}) ${inBraces(writeValue(field, value), "  ")}\n`;
}

function presentCondition(field: Field, value: string): string | null {
  if (field.presence === "always") return null;
  if (field.presence === "nullable") return `${value} !== null`;
  switch (field.kind) {
    case "bytes":
      return `${value}.length > 0`;
    case "string":
      return `${value} !== ""`;
    case "bool":
      return value;
    default:
      return field.isId ? `${value} !== 0n` : `${value} !== 0`;
  }
}

function writeOneof(oneof: Oneof): string {
  const cases = oneof.members.map(
    (member) =>
      `      case "${member.property}": {\n${indent(writeValue(member, "chosen.value"), "        ")}\n        break;\n      }\n`,
  );
  return (
    `  const chosen = m.${oneof.property};\n` +
    `  if (chosen !== null) {\n    switch (chosen.case) {\n${cases.join("")}    }\n  }\n`
  );
}

/** One or more statements that write the value and its tag. */
function writeValue(field: Field, value: string): string {
  switch (field.kind) {
    case "message":
      return `const before = w.size();\nwrite${field.type!.tsName}(w, ${value});\nw.nested(${tagOf(field, 2)}, before);`;
    case "bytes":
      return `w.data(${tagOf(field, 2)}, ${value});`;
    case "string":
      return `w.string(${tagOf(field, 2)}, ${value});`;
    case "bool":
      return `w.bool(${tagOf(field, 0)}, ${value});`;
    case "enum":
      return `w.int32(${tagOf(field, 0)}, ${value});`;
    default:
      return `w.${field.isId ? "id" : field.kind === "uint64" ? "int64" : field.kind}(${tagOf(field, 0)}, ${value});`;
  }
}

function writePacked(field: Field, value: string): string {
  return field.isId ? `w.packedId(${value});` : `w.packed(${value});`;
}

function tagOf(field: Field, wireType: number): number {
  return field.number * 8 + wireType;
}

function inBraces(statements: string, margin: string): string {
  return statements.includes("\n") ? `{\n${indent(statements, `${margin}  `)}\n${margin}}` : statements;
}

// --------------------------------------------------------------------------------------------------------- decode

function emitDecode(message: Message): string {
  const { tsName } = message;
  const fields = fieldsOf(message);
  const cases = message.parts.flatMap((part) =>
    part.oneof === null
      ? readField(part.field)
      : part.oneof.members.flatMap((member) => readMember(part.oneof, member)),
  );
  const known = fields.map((field) => `  ${field.number}: "${field.name}",\n`).join("");
  const names = `const fieldsOf${tsName}: FieldNames = {${known === "" ? "" : `\n${known}`}};\n`;
  const other = `r.other(r.tag(), fieldsOf${tsName})`;
  const loop =
    cases.length === 0
      ? `  while (r.pos < r.end) ${other};\n`
      : `  while (r.pos < r.end) {\n    const tag = r.tag();\n    switch (tag) {\n${cases.join("")}` +
        `      default:\n        r.other(tag, fieldsOf${tsName});\n    }\n  }\n`;
  return (
    `export function decode${tsName}(bytes: Uint8Array): ${tsName} {\n` +
    `  return read${tsName}(new Reader(bytes), new${tsName}());\n}\n\n` +
    `${names}\n` +
    `/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */\n` +
    `export function read${tsName}(r: Reader, m: ${tsName}): ${tsName} {\n${loop}  return m;\n}\n`
  );
}

function readField(field: Field): string[] {
  const target = `m.${field.property}`;
  const store = field.repeated
    ? (value: string) => `${target}.push(${value});`
    : (value: string) => `${target} = ${value};`;
  if (field.kind === "message") {
    const { tsName } = field.type!;
    const into = field.repeated ? `new${tsName}()` : `${target} ?? new${tsName}()`;
    return [
      readCase(tagOf(field, 2), `const outer = r.enter();\n${store(`read${tsName}(r, ${into})`)}\nr.leave(outer);`),
    ];
  }
  if (field.kind === "bytes" || field.kind === "string") return [readCase(tagOf(field, 2), store(readValue(field)))];
  const single = readCase(tagOf(field, 0), store(readValue(field)));
  if (!field.repeated) return [single];
  const packed = `const end = r.packedEnd();\nwhile (r.pos < end) ${store(readValue(field))}\nr.checkPacked(end);`;
  return [single, readCase(tagOf(field, 2), packed)];
}

/** The last member on the wire wins, whole: as gogo does it, members of a oneof do not merge. */
function readMember(oneof: Oneof, member: Field): string[] {
  const store = (value: string): string => `m.${oneof.property} = { case: "${member.property}", value: ${value} };`;
  if (member.kind === "message") {
    const { tsName } = member.type!;
    const read = store(`read${tsName}(r, new${tsName}())`);
    return [readCase(tagOf(member, 2), `const outer = r.enter();\n${read}\nr.leave(outer);`)];
  }
  const wireType = member.kind === "bytes" || member.kind === "string" ? 2 : 0;
  return [readCase(tagOf(member, wireType), store(readValue(member)))];
}

function readValue(field: Field): string {
  switch (field.kind) {
    case "bytes":
      return "r.view()";
    case "string":
      return field.proto2 ? "r.stringLossy()" : "r.string()";
    case "enum":
      return "r.int32()";
    case "int64":
    case "uint64":
      return `r.${field.kind}${field.isId ? "Id" : ""}()`;
    default:
      return `r.${field.kind}()`;
  }
}

function readCase(tag: number, statements: string): string {
  const isBlock = statements.startsWith("const ");
  const margin = "        ";
  return isBlock
    ? `      case ${tag}: {\n${indent(statements, margin)}\n${margin}break;\n      }\n`
    : `      case ${tag}:\n${indent(statements, margin)}\n${margin}break;\n`;
}

// --------------------------------------------------------------------------------------------------------- shared

export function fieldsOf(message: Message): Field[] {
  return message.parts.flatMap((part) => (part.oneof === null ? [part.field] : part.oneof.members));
}

function indent(text: string, margin: string): string {
  return text.replace(/^(?=.)/gm, margin);
}

function docComment(comment: string, margin: string): string {
  if (comment === "") return "";
  const lines = comment.split("\n");
  if (lines.length === 1) return `${margin}/** ${comment} */\n`;
  return `${margin}/**\n${lines.map((line) => `${margin} * ${line}\n`).join("")}${margin} */\n`;
}
