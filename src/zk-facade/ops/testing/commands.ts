import fc from "fast-check";
import type { Acl, CreateRequest, Identity, MultiMember, WriteRequest } from "../../wire/messages.ts";

/** One of few clients. */
export interface Client {
  readonly session: bigint;
  readonly identities: readonly Identity[];
}

const ip: Identity = { scheme: "ip", id: "10.0.0.1" };
export const clients: readonly Client[] = [
  { session: 0x100n, identities: [ip] },
  { session: -0x200n, identities: [ip, { scheme: "digest", id: "alice:h" }] },
  { session: 0x300n, identities: [ip, { scheme: "super", id: "" }, { scheme: "digest", id: "root:h" }] },
];

/** A path, or the n-th of those that exist. */
export type PathChoice = string | number;

type Choose = (path: PathChoice) => string;
type Exists = (path: string) => boolean;

/** A write whose paths are still to be chosen. */
export type Draw =
  | { readonly kind: "write"; readonly request: (choose: Choose, exists: Exists) => WriteRequest }
  | { readonly kind: "close" }
  | { readonly kind: "reap"; readonly path: PathChoice };

export interface Command {
  readonly client: Client;
  readonly draw: Draw;
  /** How long after the one before. */
  readonly afterMs: number;
}

const bad = ["", "a", "//", "//a", "/a/", "/a/../b", "/a/.", "/a\0b", "/a/\u0001", "/a/\ud800"];
const reserved = ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config", "/zookeeper/config/x", "/zookeeper/q"];
const plain = ["/a", "/b", "/a/x", "/a/y", "/a/x/p", "/b/x", "/a/x/", "/b/s-", "/nope/x", "/a-b"];

const path: fc.Arbitrary<PathChoice> = fc.oneof(
  { weight: 40, arbitrary: fc.nat({ max: 30 }) },
  { weight: 10, arbitrary: fc.constantFrom(...plain) },
  { weight: 2, arbitrary: fc.constantFrom(...reserved) },
  { weight: 1, arbitrary: fc.constantFrom(...bad) },
);

const version = fc.oneof(
  { weight: 9, arbitrary: fc.constant(-1) },
  { weight: 3, arbitrary: fc.nat({ max: 2 }) },
  { weight: 1, arbitrary: fc.constant(-2) },
);

const data = fc.oneof(
  fc.constant(null),
  fc.array(fc.nat({ max: 255 }), { maxLength: 4 }).map((bytes) => Uint8Array.from(bytes)),
);

const open: Acl = { perms: 31, scheme: "world", id: "anyone" };
const lists: readonly (readonly Acl[])[] = [
  [{ perms: 1, scheme: "world", id: "anyone" }],
  [
    { perms: 5, scheme: "world", id: "anyone" },
    { perms: 26, scheme: "digest", id: "alice:h" },
  ],
  [{ perms: 31, scheme: "auth", id: "" }],
  [open, open, { perms: 1, scheme: "digest", id: "bob:h" }],
  [],
  [{ perms: 31, scheme: "nope", id: "x" }],
];
const acl: fc.Arbitrary<readonly Acl[] | null> = fc.oneof(
  { weight: 30, arbitrary: fc.constant([open]) },
  { weight: 5, arbitrary: fc.constantFrom(...lists) },
  { weight: 1, arbitrary: fc.constant(null) },
);

const mode = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.constantFrom<Pick<CreateRequest, "opCode" | "flags" | "ttl">>(
      { opCode: 1, flags: 0, ttl: 0 },
      { opCode: 15, flags: 0, ttl: 0 },
      { opCode: 1, flags: 1, ttl: 0 },
      { opCode: 1, flags: 2, ttl: 0 },
      { opCode: 15, flags: 3, ttl: 0 },
      { opCode: 19, flags: 4, ttl: 0 },
      { opCode: 21, flags: 5, ttl: 5 },
      { opCode: 21, flags: 6, ttl: 50 },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      opCode: fc.constantFrom<CreateRequest["opCode"]>(1, 15, 19, 21),
      flags: fc.integer({ min: -1, max: 7 }),
      ttl: fc.constantFrom(-1, 0, 1, 2 ** 40),
    }),
  },
);

type Member = (choose: Choose) => MultiMember;

const create: fc.Arbitrary<Member> = fc
  .record({ path, below: fc.constantFrom("", "/x", "/y", "/s-", "/"), data, acl, mode })
  .map(({ path, below, data, acl, mode }) => {
    return (choose) => ({
      op: "create",
      path: join(choose(path), typeof path === "number" ? below : ""),
      data,
      acl,
      ...mode,
    });
  });
const remove: fc.Arbitrary<Member> = fc.record({ path, version }).map(({ path, version }) => {
  return (choose) => ({ op: "delete", path: choose(path), version });
});
const set: fc.Arbitrary<Member> = fc.record({ path, data, version }).map(({ path, data, version }) => {
  return (choose) => ({ op: "setData", path: choose(path), data, version });
});
const check: fc.Arbitrary<Member> = fc.record({ path, version }).map(({ path, version }) => {
  return (choose) => ({ op: "check", path: choose(path), version });
});
const setAcl: fc.Arbitrary<(choose: Choose) => WriteRequest> = fc
  .record({ path, acl, version })
  .map(({ path, acl, version }) => (choose) => ({ op: "setAcl", path: choose(path), acl, version }));

/**
 * A multi that turns around one znode: each step does something that can be done after the ones before, or nearly no multi
 * would succeed.
 */
const around: fc.Arbitrary<(choose: Choose, exists: Exists) => MultiMember[]> = fc
  .record({ base: path, steps: fc.array(fc.tuple(fc.nat({ max: 4 }), data), { minLength: 2, maxLength: 7 }) })
  .map(({ base, steps }) => {
    return (choose, exists) => {
      const path = join(choose(base), "/m");
      const child = `${path}/s`;
      const here = new Set([path, child].filter(exists));
      const create = (created: string, data: Uint8Array | null, flags: number): MultiMember => {
        here.add(created);
        return { op: "create", path: created, data, acl: [open], opCode: flags === 0 ? 15 : 1, flags, ttl: 0 };
      };
      const remove = (removed: string): MultiMember => {
        here.delete(removed);
        return { op: "delete", path: removed, version: -1 };
      };
      return steps.map(([step, data]) => {
        if (!here.has(path)) return create(path, data, step === 0 ? 1 : 0);
        if (step === 1) return remove(here.has(child) ? child : path);
        if (step === 2) return { op: "setData", path, data, version: -1 };
        if (step === 3 && !here.has(child)) return create(child, data, 0);
        return step === 0 ? { op: "check", path, version: -1 } : { op: "setData", path: "/a", data, version: -1 };
      });
    };
  });

const single = fc.oneof(
  { weight: 6, arbitrary: create },
  { weight: 3, arbitrary: remove },
  { weight: 3, arbitrary: set },
);
const members: fc.Arbitrary<(choose: Choose, exists: Exists) => MultiMember[]> = fc.oneof(
  fc.array(fc.oneof(create, remove, set, check), { maxLength: 5 }).map((each) => {
    return (choose: Choose) => each.map((member) => member(choose));
  }),
  around,
);
const multi: fc.Arbitrary<(choose: Choose, exists: Exists) => WriteRequest> = members.map((membersOf) => {
  return (choose, exists) => ({ op: "multi", members: membersOf(choose, exists) });
});

const write: fc.Arbitrary<Draw> = fc
  .oneof({ weight: 8, arbitrary: single }, { weight: 2, arbitrary: setAcl }, { weight: 5, arbitrary: multi })
  .map((request) => ({ kind: "write", request }));

const draw: fc.Arbitrary<Draw> = fc.oneof(
  { weight: 20, arbitrary: write },
  { weight: 1, arbitrary: fc.constant<Draw>({ kind: "close" }) },
  { weight: 1, arbitrary: path.map((choice): Draw => ({ kind: "reap", path: choice })) },
);

export const command: fc.Arbitrary<Command> = fc.record({
  client: fc.constantFrom(...clients),
  draw,
  afterMs: fc.nat({ max: 10 }),
});

function join(parent: string, rest: string): string {
  return parent === "/" && rest !== "" ? rest : parent + rest;
}
