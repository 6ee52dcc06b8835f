/**
 * The JSON form of the messages, both ways, as etcd's gateway speaks it: protobuf's JSON mapping with the names of the
 * .proto files.
 *
 *   bytes   "Zm9v"   base64, out standard and padded, in either alphabet and with or without padding
 *   int64   "42"     a string out, a string or a number in; 1e3 and 5.0 are integers too
 *   enum    "PUT"    a name out, a name or a number in; an unknown name counts as not given
 *
 * Out, what is zero, false or empty is left out, but for the chosen member of a oneof. In, fields that the message does
 * not have are ignored, and null is as good as absent.
 */
import { DEPTH_MAX } from "./codec.ts";
import type { FieldDescriptor, MessageDescriptor } from "./descriptor.ts";
import { enumDescriptors, messageDescriptors, type MessageName, type MessageTypes } from "./descriptors.ts";
import { JsonError, scanValue, skipSpace } from "./json-scan.ts";

type Values = Record<string, unknown>;
interface Chosen {
  readonly case: string;
  readonly value: unknown;
}

export interface ToJsonOptions {
  /** Writes `<`, `>` and `&` as \u003c and so on. etcd's gateway does so in the messages of a stream, and only there. */
  readonly escapeHtml?: boolean;
}

export function toJson(name: MessageName, message: object, options: ToJsonOptions = {}): string {
  const text = printMessage(descriptorOf(name), message as Values);
  return options.escapeHtml === true ? escapeHtml(text) : text;
}

/**
 * Reads the first JSON value of the text. Like the gateway, it does not look at what follows, and it takes a text with
 * nothing in it for an empty message.
 * @throws JsonError with the words of Go's encoding/json or, once it is JSON, of its protojson
 */
export function fromJson<Name extends MessageName>(name: Name, text: string): MessageTypes[Name] {
  const start = skipSpace(text, 0);
  const descriptor = descriptorOf(name);
  if (start === text.length) return descriptor.create() as MessageTypes[Name];
  const json = text.slice(start, scanValue(text, start));
  return new JsonReader(json).message(descriptor, 1) as MessageTypes[Name];
}

function descriptorOf(name: string): MessageDescriptor {
  return messageDescriptors[name as MessageName];
}

// ------------------------------------------------------------------------------------------------------------ out

function printMessage(descriptor: MessageDescriptor, message: Values): string {
  let out = "{";
  for (const field of descriptor.fields) {
    const value = valueToPrint(field, message);
    if (value === undefined) continue;
    const text = field.repeated ? printList(field, value as unknown[]) : printValue(field, value);
    // What is held by value is always there, so only its content tells whether anybody set it.
    if (text === "{}" && field.presence === "always") continue;
    out += `${out.length > 1 ? "," : ""}"${field.name}":${text}`;
  }
  return `${out}}`;
}

/** Undefined: the field is left out. */
function valueToPrint(field: FieldDescriptor, message: Values): unknown {
  if (field.oneof !== null) {
    const chosen = message[field.oneof] as Chosen | null;
    return chosen?.case === field.property ? chosen.value : undefined;
  }
  const value = message[field.property];
  if (field.repeated) return (value as unknown[]).length > 0 ? value : undefined;
  if (value === null) return undefined;
  return field.presence !== "nullable" && isZero(value) ? undefined : value;
}

function isZero(value: unknown): boolean {
  return value === 0 || value === "" || value === false || value === 0n || (value as Uint8Array).length === 0;
}

function printList(field: FieldDescriptor, values: readonly unknown[]): string {
  return `[${values.map((value) => printValue(field, value)).join(",")}]`;
}

function printValue(field: FieldDescriptor, value: unknown): string {
  switch (field.kind) {
    case "message":
      return printMessage(descriptorOf(field.type!), value as Values);
    case "enum":
      return printEnum(field, value as number);
    case "bytes":
      return `"${toBase64(value as Uint8Array)}"`;
    case "string":
      return JSON.stringify(value);
    case "int64":
    case "uint64":
      return `"${String(value)}"`;
    default:
      return String(value);
  }
}

function printEnum(field: FieldDescriptor, value: number): string {
  const entry = Object.entries(enumOf(field)).find(([, number]) => number === value);
  return entry === undefined ? String(value) : `"${entry[0]}"`;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

const htmlEscapes: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

// These stand within strings only, so the whole text may be treated alike.
function escapeHtml(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, (character) => htmlEscapes[character]!);
}

// ------------------------------------------------------------------------------------------------------------- in

/** Reads a message from a text that is known to be one JSON value, so it need not look twice at the syntax. */
class JsonReader {
  readonly #text: string;
  #pos = 0;

  constructor(text: string) {
    this.#text = text;
  }

  message(descriptor: MessageDescriptor, depth: number): Values {
    if (depth > DEPTH_MAX) throw new JsonError("proto: exceeded max recursion depth");
    this.#open("{");
    const message = descriptor.create() as Values;
    const fields = fieldsByName(descriptor);
    const seen = new Set<FieldDescriptor>();
    while (!this.#close("}")) {
      const at = this.#pos;
      const name = this.#string();
      const rawName = this.#text.slice(at, this.#pos);
      this.#pos = skipSpace(this.#text, skipSpace(this.#text, this.#pos) + 1);
      const field = fields.get(name);
      if (field === undefined) {
        this.#pos = scanValue(this.#text, this.#pos);
        continue;
      }
      if (seen.has(field)) throw this.#error(at, `duplicate field ${rawName}`);
      seen.add(field);
      if (this.#text.startsWith("null", this.#pos)) {
        this.#pos += 4;
      } else if (field.oneof === null) {
        this.#field(message, field, depth);
      } else {
        if (message[field.oneof] !== null) {
          const oneof = `${descriptor.name}.${snakeCase(field.oneof)}`;
          throw this.#error(at, `error parsing ${rawName}, oneof ${oneof} is already set`);
        }
        const value = this.#value(field, depth);
        if (value !== undefined) message[field.oneof] = { case: field.property, value } satisfies Chosen;
      }
    }
    return message;
  }

  #field(message: Values, field: FieldDescriptor, depth: number): void {
    if (!field.repeated) {
      const value = this.#value(field, depth);
      if (value !== undefined) message[field.property] = value;
      return;
    }
    const list = message[field.property] as unknown[];
    this.#open("[");
    while (!this.#close("]")) {
      const value = this.#value(field, depth);
      if (value !== undefined) list.push(value);
    }
  }

  /** Undefined: an enum name that nobody knows, which counts as not given. */
  #value(field: FieldDescriptor, depth: number): unknown {
    if (field.kind === "message") return this.message(descriptorOf(field.type!), depth + 1);
    const at = this.#pos;
    const first = this.#text[at];
    if (first === "{" || first === "[") throw this.#invalid(field, at, first);
    this.#pos = scanValue(this.#text, at);
    const token = this.#text.slice(at, this.#pos);
    const string = first === '"' ? this.#unquote(token, at) : null;
    switch (field.kind) {
      case "bool":
        if (token === "true") return true;
        if (token === "false") return false;
        break;
      case "string":
        if (string !== null) return string;
        break;
      case "bytes": {
        const bytes = string === null ? null : fromBase64(string);
        if (bytes !== null) return bytes;
        break;
      }
      case "enum": {
        if (string !== null) return enumOf(field)[string];
        const number = toInteger(token);
        if (number !== null && inRange(number, "int32")) return Number(number);
        break;
      }
      default: {
        const integer = toInteger(string ?? token);
        if (integer !== null && inRange(integer, field.kind)) return field.isId ? integer : saturate(integer);
      }
    }
    throw this.#invalid(field, at, token);
  }

  #open(bracket: "{" | "["): void {
    const at = this.#pos;
    if (this.#text[at] !== bracket) {
      throw new JsonError(`proto: syntax error ${this.#place(at)}: unexpected token ${this.#tokenAt(at)}`);
    }
    this.#pos = skipSpace(this.#text, at + 1);
  }

  /** True at the closing bracket. Otherwise the next member begins here, the comma before it passed. */
  #close(bracket: "}" | "]"): boolean {
    let pos = skipSpace(this.#text, this.#pos);
    if (this.#text[pos] === ",") pos = skipSpace(this.#text, pos + 1);
    const isClosed = this.#text[pos] === bracket;
    this.#pos = isClosed ? pos + 1 : pos;
    return isClosed;
  }

  #string(): string {
    const at = this.#pos;
    this.#pos = scanValue(this.#text, at);
    return this.#unquote(this.#text.slice(at, this.#pos), at);
  }

  #unquote(token: string, at: number): string {
    if (!token.includes("\\")) return token.slice(1, -1);
    this.#refuseHalfPairs(token, at);
    return JSON.parse(token) as string;
  }

  /** Half of a surrogate pair has no UTF-8 form. Go's words show the six characters where it expected the other half. */
  #refuseHalfPairs(token: string, at: number): void {
    const escapes = /\\(?:u(d[89a-f][0-9a-f]{2})|.)/gi;
    for (let escape = escapes.exec(token); escape !== null; escape = escapes.exec(token)) {
      if (escape[1] === undefined) continue;
      const rest = this.#text.slice(at + escapes.lastIndex, at + escapes.lastIndex + 6);
      if (/^d[89ab]/i.test(escape[1]) && /^\\ud[c-f][0-9a-f]{2}/i.test(rest)) {
        escapes.lastIndex += 6;
      } else if (rest.length < 6) {
        throw new JsonError("proto: unexpected EOF");
      } else {
        const code = JSON.stringify(rest);
        throw new JsonError(`proto: syntax error ${this.#place(at)}: invalid escape code ${code} in string`);
      }
    }
  }

  #tokenAt(at: number): string {
    const first = this.#text[at]!;
    return first === "{" || first === "[" ? first : this.#text.slice(at, scanValue(this.#text, at));
  }

  #invalid(field: FieldDescriptor, at: number, token: string): JsonError {
    return this.#error(at, `invalid value for ${field.kind} field ${field.jsonName}: ${token}`);
  }

  #error(at: number, message: string): JsonError {
    return new JsonError(`proto: ${this.#place(at)}: ${message}`);
  }

  #place(at: number): string {
    const before = this.#text.slice(0, at).split("\n");
    return `(line ${before.length}:${Array.from(before.at(-1)!).length + 1})`;
  }
}

const fieldIndexes = new Map<MessageDescriptor, ReadonlyMap<string, FieldDescriptor>>();

/** A field goes by its JSON name and by its name in the .proto file. */
function fieldsByName(descriptor: MessageDescriptor): ReadonlyMap<string, FieldDescriptor> {
  let index = fieldIndexes.get(descriptor);
  if (index === undefined) {
    const { fields } = descriptor;
    index = new Map([...fields.map((f) => [f.name, f] as const), ...fields.map((f) => [f.jsonName, f] as const)]);
    fieldIndexes.set(descriptor, index);
  }
  return index;
}

function enumOf(field: FieldDescriptor): Readonly<Record<string, number>> {
  return enumDescriptors[field.type as keyof typeof enumDescriptors];
}

/** Go decodes strictly by one alphabet and one kind of padding; which, it tells from the text. */
function fromBase64(text: string): Uint8Array | null {
  const digits = text.replace(/[\r\n]/g, "");
  const isPadded = text.length % 4 === 0;
  const content = isPadded ? digits.replace(/={1,2}$/, "") : digits;
  const isUrlSafe = /[-_]/.test(content);
  const remainder = content.length % 4;
  if (!(isUrlSafe ? /^[\w-]*$/ : /^[A-Za-z0-9+/]*$/).test(content) || remainder === 1) return null;
  if (isPadded && digits.length % 4 !== 0) return null;
  if (isPadded && remainder === 3 && digits.length - content.length !== 1) return null;
  return Buffer.from(content, isUrlSafe ? "base64url" : "base64");
}

/** The integer that a JSON number is, if it is one: 5.0 and 1e3 are. Null where Go gives up as well. */
function toInteger(text: string): bigint | null {
  const match = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return null;
  const whole = match[2] === "0" ? "" : match[2]!;
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (whole === "" && fraction === "") return 0n;
  const exponent = Number(match[4] ?? 0);
  const digits = exponent >= 0 ? shiftUp(whole, fraction, exponent) : shiftDown(whole, fraction, exponent);
  if (digits === null) return null;
  return BigInt(`${match[1]!}${digits}`);
}

const DIGITS_MAX = 20;

function shiftUp(whole: string, fraction: string, exponent: number): string | null {
  if (fraction.length > exponent || whole.length + exponent > DIGITS_MAX) return null;
  return whole + fraction.padEnd(exponent, "0");
}

function shiftDown(whole: string, fraction: string, exponent: number): string | null {
  const kept = whole.length + exponent;
  if (fraction !== "" || kept < 0 || !/^0*$/.test(whole.slice(kept))) return null;
  return whole.slice(0, kept);
}

function inRange(value: bigint, kind: "int32" | "uint32" | "int64" | "uint64"): boolean {
  const bits = kind.endsWith("32") ? 32 : 64;
  return (kind.startsWith("u") ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value)) === value;
}

function saturate(value: bigint): number {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
