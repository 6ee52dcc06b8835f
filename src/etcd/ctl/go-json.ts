/**
 * Messages as Go's encoding/json writes etcd's generated structs, which is not the proto3 JSON of the gateway: names as
 * in the .proto file, 64-bit integers as numbers, enums as numbers, zero values left out, a oneof as an object of its
 * own.
 */
import type { FieldDescriptor } from "../wire/descriptor.ts";
import { messageDescriptors, type MessageName } from "../wire/descriptors.ts";

type Fields = Readonly<Record<string, unknown>>;

/** `{"header":{…},"kvs":[…],"count":1}` */
export function goJson(name: MessageName, message: object): string {
  return `{${goJsonFields(name, message).join(",")}}`;
}

/** The members of that object, for those who put them into a larger one. */
export function goJsonFields(name: MessageName, message: object): string[] {
  const values = message as Fields;
  const written: string[] = [];
  const oneofs = new Set<string>();
  for (const field of messageDescriptors[name].fields) {
    if (field.oneof === null) {
      const text = fieldJson(field, values[field.property]);
      if (text !== undefined) written.push(`${goJsonString(field.name)}:${text}`);
    } else if (!oneofs.has(field.oneof)) {
      oneofs.add(field.oneof);
      written.push(`${goJsonString(capitalized(field.oneof))}:${oneofJson(name, field.oneof, values[field.oneof])}`);
    }
  }
  return written;
}

/** Go escapes what could end a script element, too. */
export function goJsonString(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

export function goJsonBytes(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes).toString("base64")}"`;
}

/** A oneof is an interface field without a tag: named after itself, null when unset, else an object of one member. */
function oneofJson(name: MessageName, oneof: string, value: unknown): string {
  const chosen = value as { readonly case: string; readonly value: unknown } | null;
  if (chosen === null) return "null";
  const field = messageDescriptors[name].fields.find((one) => one.oneof === oneof && one.property === chosen.case)!;
  const text = fieldJson(field, chosen.value);
  return text === undefined ? "{}" : `{${goJsonString(field.name)}:${text}}`;
}

/** Undefined: a zero value, which is left out. */
function fieldJson(field: FieldDescriptor, value: unknown): string | undefined {
  if (!field.repeated) return valueJson(field, value);
  const items = value as readonly unknown[];
  if (items.length === 0) return undefined;
  return `[${items.map((item) => valueJson(field, item) ?? zeroJson(field)).join(",")}]`;
}

function valueJson(field: FieldDescriptor, value: unknown): string | undefined {
  switch (field.kind) {
    case "bytes":
      return (value as Uint8Array).length === 0 ? undefined : goJsonBytes(value as Uint8Array);
    case "string":
      return value === "" ? undefined : goJsonString(value as string);
    case "bool":
      return value === true ? "true" : undefined;
    case "message":
      return value === null ? undefined : goJson(field.type as MessageName, value as object);
    case "enum":
    case "int32":
    case "uint32":
    case "int64":
    case "uint64":
      return value === 0 || value === 0n ? undefined : String(value);
  }
}

function zeroJson(field: FieldDescriptor): string {
  if (field.kind === "bytes" || field.kind === "string") return '""';
  return field.kind === "bool" ? "false" : field.kind === "message" ? "{}" : "0";
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
