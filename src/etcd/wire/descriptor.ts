/** What a message looks like, for code that works on all of them alike: the JSON mapping and the tests. */

export interface FieldDescriptor {
  /** The name in the .proto file, and in JSON out. */
  readonly name: string;
  /** The other name that JSON in may use. */
  readonly jsonName: string;
  readonly property: string;
  readonly number: number;
  readonly kind: "bytes" | "string" | "bool" | "int32" | "uint32" | "int64" | "uint64" | "enum" | "message";
  /** The full name of the message or enum. */
  readonly type: string | null;
  readonly repeated: boolean;
  /** Held as a bigint. */
  readonly isId: boolean;
  /** implicit: left out when zero. always: written even when zero. nullable: left out when null. */
  readonly presence: "implicit" | "always" | "nullable";
  /** The property that holds the oneof which this field is a member of. */
  readonly oneof: string | null;
}

export interface MessageDescriptor {
  readonly name: string;
  /** The message with nothing set. */
  readonly create: () => object;
  readonly encode: (message: object) => Buffer;
  readonly decode: (bytes: Uint8Array) => object;
  /** In declaration order, which is the order in JSON. */
  readonly fields: readonly FieldDescriptor[];
}

/** Value names and their numbers. */
export type EnumDescriptor = Readonly<Record<string, number>>;

interface TypedDescriptor<Message extends object> {
  readonly name: string;
  readonly create: () => Message;
  readonly encode: (message: Message) => Buffer;
  readonly decode: (bytes: Uint8Array) => Message;
  readonly fields: readonly FieldDescriptor[];
}

/** Forgets which message each row is for: who looks a message up by name has lost its type already. */
export function describe<Name extends string>(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each row has its own message type
  tables: Record<Name, TypedDescriptor<any>>,
): Readonly<Record<Name, MessageDescriptor>> {
  return tables as Readonly<Record<Name, MessageDescriptor>>;
}
