/** Prints the two tables that code looks things up in: the descriptors behind JSON, the services behind the transports. */
import { GENERATED_HEADER } from "./emit-messages.ts";
import type { Field, Method, Schema, TypeReference } from "./schema.ts";

export function emitDescriptors(schema: Schema): string {
  const enums = schema.enums.map(
    (type) => `  "${type.fullName}": { ${type.values.map(([name, number]) => `${name}: ${number}`).join(", ")} },\n`,
  );
  const messages = schema.messages.map((type) => {
    const fields = type.parts.flatMap((part) =>
      part.oneof === null
        ? [describeField(part.field, null)]
        : part.oneof.members.map((member) => describeField(member, part.oneof.property)),
    );
    return `  "${type.fullName}": {\n    name: "${type.fullName}",\n    create: ${type.module}.new${type.tsName},\n    encode: ${type.module}.encode${type.tsName},\n    decode: ${type.module}.decode${type.tsName},\n    fields: [\n${fields.join("")}    ],\n  },\n`;
  });
  const types = schema.messages.map((type) => `  "${type.fullName}": ${type.module}.${type.tsName};\n`);
  return (
    GENERATED_HEADER +
    `import { type EnumDescriptor, describe } from "./descriptor.ts";\n` +
    importModules(schema.messages) +
    `\n/** Every enum by its full name: value names and their numbers. */\n` +
    `export const enumDescriptors = {\n${enums.join("")}} as const satisfies Record<string, EnumDescriptor>;\n` +
    `\n/** Every message by its full name: its fields in declaration order. */\n` +
    `export const messageDescriptors = describe({\n${messages.join("")}});\n` +
    `\n/** The type of every message by its full name. */\n` +
    `export interface MessageTypes {\n${types.join("")}}\n` +
    `\nexport type MessageName = keyof MessageTypes;\n`
  );
}

function describeField(field: Field, oneof: string | null): string {
  const entries = [
    `name: "${field.name}"`,
    `jsonName: "${field.jsonName}"`,
    `property: "${field.property}"`,
    `number: ${field.number}`,
    `kind: "${field.kind}"`,
    `type: ${field.type === null ? "null" : `"${field.type.fullName}"`}`,
    `repeated: ${field.repeated}`,
    `isId: ${field.isId}`,
    `presence: "${field.presence}"`,
    `oneof: ${oneof === null ? "null" : `"${oneof}"`}`,
  ];
  return `      { ${entries.join(", ")} },\n`;
}

export function emitServices(schema: Schema): string {
  const types = schema.services.flatMap((service) =>
    service.methods.flatMap(({ request, response }) => [request, response]),
  );
  const services = schema.services.map((service) => {
    const methods = service.methods.map((method) => describeMethod(service.fullName, method));
    return `  "${service.fullName}": {\n${methods.join("")}  },\n`;
  });
  return (
    GENERATED_HEADER +
    `import { method } from "./method.ts";\n` +
    importModules(types) +
    `\n/** Every method of every service: service by full name, then method by name. */\n` +
    `export const services = {\n${services.join("")}} as const;\n` +
    `\nexport type ServiceName = keyof typeof services;\n`
  );
}

function describeMethod(service: string, method: Method): string {
  const { name, request, response } = method;
  const lines = [
    `service: "${service}"`,
    `name: "${name}"`,
    `path: "/${service}/${name}"`,
    `clientStreaming: ${method.clientStreaming}`,
    `serverStreaming: ${method.serverStreaming}`,
    `gatewayPaths: ${JSON.stringify(method.gatewayPaths)}`,
    `requestType: "${request.fullName}"`,
    `responseType: "${response.fullName}"`,
    `encodeRequest: ${request.module}.encode${request.tsName}`,
    `decodeRequest: ${request.module}.decode${request.tsName}`,
    `encodeResponse: ${response.module}.encode${response.tsName}`,
    `decodeResponse: ${response.module}.decode${response.tsName}`,
  ];
  const types = `${request.module}.${request.tsName}, ${response.module}.${response.tsName}`;
  return `    ${name}: method<${types}>({\n${lines.map((line) => `      ${line},\n`).join("")}    }),\n`;
}

function importModules(types: readonly TypeReference[]): string {
  const modules = [...new Set(types.map((type) => type.module))].sort();
  return modules.map((module) => `import * as ${module} from "./${module}.ts";\n`).join("");
}
