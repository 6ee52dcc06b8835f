/**
 * The .proto files of this folder as plain data: what the emitters print and nothing else. protobufjs parses, once, at
 * generation; the server itself never sees a .proto file but for reflection.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import protobuf from "protobufjs";

export type ScalarKind = "bytes" | "string" | "bool" | "int32" | "uint32" | "int64" | "uint64";

export interface Field {
  /** The name in the .proto file, which is also the name in JSON. */
  readonly name: string;
  /** The name that protobuf's JSON mapping accepts besides: `range_end` is also `rangeEnd`. */
  readonly jsonName: string;
  /** The name in TypeScript. */
  readonly property: string;
  readonly number: number;
  readonly kind: ScalarKind | "enum" | "message";
  /** The message or enum, for a field of these kinds. */
  readonly type: TypeReference | null;
  readonly repeated: boolean;
  readonly packed: boolean;
  /** A 64-bit integer that names something, and so is a bigint. */
  readonly isId: boolean;
  /** implicit: left out when zero (proto3). always: written even when zero. nullable: left out when null. */
  readonly presence: "implicit" | "always" | "nullable";
  readonly proto2: boolean;
  readonly comment: string;
}

export interface TypeReference {
  readonly fullName: string;
  readonly module: string;
  readonly tsName: string;
}

export interface Oneof {
  readonly name: string;
  readonly property: string;
  readonly tsName: string;
  readonly members: readonly Field[];
}

/** A part of a message in declaration order: a field, or all members of a oneof. */
export type Part = { readonly field: Field; readonly oneof: null } | { readonly field: null; readonly oneof: Oneof };

export interface Message extends TypeReference {
  readonly parts: readonly Part[];
  readonly comment: string;
}

export interface Enum extends TypeReference {
  readonly values: readonly (readonly [name: string, number: number])[];
  readonly comment: string;
}

export interface Method {
  readonly name: string;
  readonly request: TypeReference;
  readonly response: TypeReference;
  readonly clientStreaming: boolean;
  readonly serverStreaming: boolean;
  /** HTTP paths of the JSON gateway, all POST. */
  readonly gatewayPaths: readonly string[];
}

export interface Service {
  readonly fullName: string;
  readonly methods: readonly Method[];
}

export interface Schema {
  readonly messages: readonly Message[];
  readonly enums: readonly Enum[];
  readonly services: readonly Service[];
}

/** Packages whose file in `src/etcd/wire` is not named after them. */
const moduleOfPackage: Readonly<Record<string, string>> = { "grpc.health.v1": "healthpb" };

/** 64-bit fields by these names are ids and may use all 64 bits; all others count, and stay below 2^53. */
const idNames: ReadonlySet<string> = new Set([
  ...["ID", "id", "cluster_id", "ClusterID", "member_id", "memberID", "member_ID", "node_id", "NodeID", "targetID"],
  ...["watch_id", "lease", "leader", "to", "from", "vote", "voters", "learners", "voters_outgoing", "learners_next"],
]);

/** Embedded messages that etcd holds by value, and so writes even when nothing was ever set in them. */
const heldByValue = new Set(["raftpb.Snapshot.metadata", "raftpb.SnapshotMetadata.conf_state"]);

/** Scalars of proto2 that etcd holds by pointer: absent is not the same as zero. */
const heldByPointer = new Set(["etcdserverpb.Request.PrevExist", "etcdserverpb.Request.Refresh"]);

export function loadSchema(folder: string): Schema {
  const root = new protobuf.Root();
  // google/ holds options only, no message of ours.
  root.resolvePath = (_origin, target) =>
    target.startsWith("google/") ? null : join(folder, relativeTo(folder, target));
  root.loadSync(protoFiles(folder), { keepCase: true, alternateCommentMode: true });
  root.resolveAll();

  const messages: Message[] = [];
  const enums: Enum[] = [];
  const services: Service[] = [];
  const visit = (object: protobuf.ReflectionObject): void => {
    if (object instanceof protobuf.Type) messages.push(messageOf(object));
    else if (object instanceof protobuf.Enum) enums.push(enumOf(object));
    else if (object instanceof protobuf.Service) services.push(serviceOf(object));
    if (object instanceof protobuf.Namespace) for (const nested of object.nestedArray) visit(nested);
  };
  visit(root);
  return { messages, enums, services };
}

function relativeTo(folder: string, target: string): string {
  return target.startsWith(folder) ? relative(folder, target) : target;
}

function protoFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".proto") && !file.startsWith("google"))
    .sort();
}

function messageOf(type: protobuf.Type): Message {
  const proto2 = isProto2(type);
  const parts: Part[] = [];
  const oneofsSeen = new Set<string>();
  for (const field of type.fieldsArray) {
    if (field.partOf === null) {
      parts.push({ field: fieldOf(field, proto2), oneof: null });
    } else if (!oneofsSeen.has(field.partOf.name)) {
      oneofsSeen.add(field.partOf.name);
      parts.push({ field: null, oneof: oneofOf(type, field.partOf, proto2) });
    }
  }
  return { ...referenceTo(type), parts, comment: type.comment ?? "" };
}

function oneofOf(type: protobuf.Type, oneof: protobuf.OneOf, proto2: boolean): Oneof {
  const property = propertyName(oneof.name);
  return {
    name: oneof.name,
    property,
    tsName: `${referenceTo(type).tsName}_${capitalize(property)}`,
    members: oneof.fieldsArray.map((member) => fieldOf(member, proto2)),
  };
}

function fieldOf(field: protobuf.Field, proto2: boolean): Field {
  const resolved = field.resolvedType;
  const kind =
    resolved instanceof protobuf.Type ? "message" : resolved instanceof protobuf.Enum ? "enum" : scalarKind(field);
  const repeated = field.repeated;
  const fullName = field.fullName.slice(1);
  const isScalar = kind !== "message" && kind !== "bytes" && kind !== "string";
  return {
    name: field.name,
    jsonName: field.name.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase()),
    property: propertyName(field.name),
    number: field.id,
    kind,
    type: resolved === null ? null : referenceTo(resolved),
    repeated,
    packed: repeated && isScalar && !proto2,
    isId: (kind === "int64" || kind === "uint64") && idNames.has(field.name),
    presence: presenceOf(kind, fullName, proto2),
    proto2,
    comment: field.comment ?? "",
  };
}

function presenceOf(kind: Field["kind"], fullName: string, proto2: boolean): Field["presence"] {
  if (kind === "message") return heldByValue.has(fullName) ? "always" : "nullable";
  if (!proto2) return "implicit";
  return kind === "bytes" || heldByPointer.has(fullName) ? "nullable" : "always";
}

function scalarKind(field: protobuf.Field): ScalarKind {
  const kinds: readonly string[] = ["bytes", "string", "bool", "int32", "uint32", "int64", "uint64"];
  if (!kinds.includes(field.type)) throw new Error(`${field.fullName}: no rule for a field of type ${field.type}`);
  return field.type as ScalarKind;
}

function enumOf(object: protobuf.Enum): Enum {
  return { ...referenceTo(object), values: Object.entries(object.values), comment: object.comment ?? "" };
}

function serviceOf(service: protobuf.Service): Service {
  return {
    fullName: service.fullName.slice(1),
    methods: service.methodsArray.map((method) => ({
      name: method.name,
      request: referenceTo(method.resolvedRequestType!),
      response: referenceTo(method.resolvedResponseType!),
      clientStreaming: method.requestStream ?? false,
      serverStreaming: method.responseStream ?? false,
      gatewayPaths: gatewayPaths(method),
    })),
  };
}

interface HttpRule {
  readonly post: string;
  readonly additional_bindings?: HttpRule | readonly HttpRule[];
}

function gatewayPaths(method: protobuf.Method): string[] {
  const options = (method.parsedOptions ?? []) as readonly Record<string, HttpRule>[];
  const rule = options.map((option) => option["(google.api.http)"]).find((http) => http !== undefined);
  if (rule === undefined) return [];
  return [rule, ...[rule.additional_bindings ?? []].flat()].map((binding) => binding.post);
}

/** The file of a type, and its name there: the names of nested types are joined by an underscore. */
function referenceTo(type: protobuf.Type | protobuf.Enum): TypeReference {
  const names: string[] = [];
  let at: protobuf.ReflectionObject | null = type;
  for (; at instanceof protobuf.Type || at instanceof protobuf.Enum; at = at.parent) names.unshift(capitalize(at.name));
  const packageName = at!.fullName.slice(1);
  return {
    fullName: type.fullName.slice(1),
    module: moduleOfPackage[packageName] ?? packageName,
    tsName: names.join("_"),
  };
}

function isProto2(type: protobuf.Type): boolean {
  return readFileSync(type.filename!, "utf8").includes('syntax = "proto2"');
}

/** peerURLs → peerUrls, member_ID → memberId, remaining_TTL → remainingTtl, Term → term. */
function propertyName(name: string): string {
  const words = name.replace("URLs", "Urls").replace("TTL", "Ttl").replace("ID", "Id");
  const joined = words.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}

function capitalize(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
