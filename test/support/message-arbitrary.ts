/** Any message at all, made from its descriptor: for properties that must hold for every message alike. */
import fc from "fast-check";
import type { FieldDescriptor } from "../../src/etcd/wire/descriptor.ts";
import { enumDescriptors, messageDescriptors, type MessageName } from "../../src/etcd/wire/descriptors.ts";

const DEPTH_MAX = 3;

/** A message whose counters stay within ±(2^53-1), as those of the server do. */
export function messageArbitrary(name: MessageName, depth = 0): fc.Arbitrary<object> {
  const { fields } = messageDescriptors[name];
  const properties: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of fields) properties[field.oneof ?? field.property] ??= propertyArbitrary(fields, field, depth);
  return fc.record(properties, { noNullPrototype: true });
}

function propertyArbitrary(
  fields: readonly FieldDescriptor[],
  field: FieldDescriptor,
  depth: number,
): fc.Arbitrary<unknown> {
  const tooDeep = depth >= DEPTH_MAX;
  if (field.oneof !== null) {
    const members = fields.filter((member) => member.oneof === field.oneof && !(tooDeep && member.kind === "message"));
    const chosen = members.map((member) =>
      fc.record(
        { case: fc.constant(member.property), value: valueArbitrary(member, depth) },
        { noNullPrototype: true },
      ),
    );
    return fc.oneof(fc.constant(null), ...chosen);
  }
  if (field.repeated) {
    if (tooDeep && field.kind === "message") return fc.constant([]);
    return fc.array(valueArbitrary(field, depth), { maxLength: 3 });
  }
  if (field.presence === "nullable") {
    return tooDeep && field.kind === "message"
      ? fc.constant(null)
      : fc.option(valueArbitrary(field, depth), { freq: 2 });
  }
  return valueArbitrary(field, depth);
}

function valueArbitrary(field: FieldDescriptor, depth: number): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "message":
      return messageArbitrary(field.type as MessageName, depth + 1);
    case "bytes":
      return fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    case "string":
      return fc.string({ unit: "binary", maxLength: 20 });
    case "bool":
      return fc.boolean();
    case "enum":
      // proto2 knows no other values than those of its list, and protobufjs drops them.
      if (field.presence === "always") return fc.constantFrom(...Object.values(enumOf(field)));
      return fc.oneof(fc.nat(5), fc.integer());
    case "int32":
      return fc.oneof(fc.nat(5), fc.integer());
    case "uint32":
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case "int64":
      return field.isId
        ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
        : fc.oneof(fc.integer(), fc.maxSafeInteger());
    case "uint64":
      return field.isId ? fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) : fc.oneof(fc.nat(), fc.maxSafeNat());
  }
}

function enumOf(field: FieldDescriptor): Readonly<Record<string, number>> {
  return enumDescriptors[field.type as keyof typeof enumDescriptors];
}
