// Generated from proto/ by `npm run generate`. Do not edit: change the .proto file or the generator.
import { EMPTY_BYTES, type FieldNames, Reader, startWriting, type Writer } from "./codec.ts";

export const Permission_Type = {
  READ: 0,
  WRITE: 1,
  READWRITE: 2,
} as const;
/** A number that may lie outside the list: unknown enum numbers are kept. */
export type Permission_Type = number;

export interface UserAddOptions {
  /** The user logs in by certificate only. */
  noPassword: boolean;
}

export function newUserAddOptions(init?: Partial<UserAddOptions>): UserAddOptions {
  if (init === undefined) {
    return {
      noPassword: false,
    };
  }
  return {
    noPassword: init.noPassword ?? false,
  };
}

export function encodeUserAddOptions(m: UserAddOptions): Buffer {
  const w = startWriting();
  writeUserAddOptions(w, m);
  return w.finish();
}

export function writeUserAddOptions(w: Writer, m: UserAddOptions): void {
  if (m.noPassword) w.bool(8, m.noPassword);
}

export function decodeUserAddOptions(bytes: Uint8Array): UserAddOptions {
  return readUserAddOptions(new Reader(bytes), newUserAddOptions());
}

const fieldsOfUserAddOptions: FieldNames = {
  1: "no_password",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readUserAddOptions(r: Reader, m: UserAddOptions): UserAddOptions {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.noPassword = r.bool();
        break;
      default:
        r.other(tag, fieldsOfUserAddOptions);
    }
  }
  return m;
}

/** A user as it is stored; the password is a bcrypt hash. */
export interface User {
  name: Uint8Array;
  password: Uint8Array;
  roles: string[];
  options: UserAddOptions | null;
}

export function newUser(init?: Partial<User>): User {
  if (init === undefined) {
    return {
      name: EMPTY_BYTES,
      password: EMPTY_BYTES,
      roles: [],
      options: null,
    };
  }
  return {
    name: init.name ?? EMPTY_BYTES,
    password: init.password ?? EMPTY_BYTES,
    roles: init.roles ?? [],
    options: init.options ?? null,
  };
}

export function encodeUser(m: User): Buffer {
  const w = startWriting();
  writeUser(w, m);
  return w.finish();
}

export function writeUser(w: Writer, m: User): void {
  if (m.options !== null) {
    const before = w.size();
    writeUserAddOptions(w, m.options);
    w.nested(34, before);
  }
  for (let i = m.roles.length - 1; i >= 0; i--) w.string(26, m.roles[i]!);
  if (m.password.length > 0) w.data(18, m.password);
  if (m.name.length > 0) w.data(10, m.name);
}

export function decodeUser(bytes: Uint8Array): User {
  return readUser(new Reader(bytes), newUser());
}

const fieldsOfUser: FieldNames = {
  1: "name",
  2: "password",
  3: "roles",
  4: "options",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readUser(r: Reader, m: User): User {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.view();
        break;
      case 18:
        m.password = r.view();
        break;
      case 26:
        m.roles.push(r.string());
        break;
      case 34: {
        const outer = r.enter();
        m.options = readUserAddOptions(r, m.options ?? newUserAddOptions());
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfUser);
    }
  }
  return m;
}

/** What a role may do with the keys of [key, range_end). */
export interface Permission {
  permType: Permission_Type;
  key: Uint8Array;
  rangeEnd: Uint8Array;
}

export function newPermission(init?: Partial<Permission>): Permission {
  if (init === undefined) {
    return {
      permType: 0,
      key: EMPTY_BYTES,
      rangeEnd: EMPTY_BYTES,
    };
  }
  return {
    permType: init.permType ?? 0,
    key: init.key ?? EMPTY_BYTES,
    rangeEnd: init.rangeEnd ?? EMPTY_BYTES,
  };
}

export function encodePermission(m: Permission): Buffer {
  const w = startWriting();
  writePermission(w, m);
  return w.finish();
}

export function writePermission(w: Writer, m: Permission): void {
  if (m.rangeEnd.length > 0) w.data(26, m.rangeEnd);
  if (m.key.length > 0) w.data(18, m.key);
  if (m.permType !== 0) w.int32(8, m.permType);
}

export function decodePermission(bytes: Uint8Array): Permission {
  return readPermission(new Reader(bytes), newPermission());
}

const fieldsOfPermission: FieldNames = {
  1: "permType",
  2: "key",
  3: "range_end",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readPermission(r: Reader, m: Permission): Permission {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 8:
        m.permType = r.int32();
        break;
      case 18:
        m.key = r.view();
        break;
      case 26:
        m.rangeEnd = r.view();
        break;
      default:
        r.other(tag, fieldsOfPermission);
    }
  }
  return m;
}

/** A named set of permissions. */
export interface Role {
  name: Uint8Array;
  keyPermission: Permission[];
}

export function newRole(init?: Partial<Role>): Role {
  if (init === undefined) {
    return {
      name: EMPTY_BYTES,
      keyPermission: [],
    };
  }
  return {
    name: init.name ?? EMPTY_BYTES,
    keyPermission: init.keyPermission ?? [],
  };
}

export function encodeRole(m: Role): Buffer {
  const w = startWriting();
  writeRole(w, m);
  return w.finish();
}

export function writeRole(w: Writer, m: Role): void {
  for (let i = m.keyPermission.length - 1; i >= 0; i--) {
    const before = w.size();
    writePermission(w, m.keyPermission[i]!);
    w.nested(18, before);
  }
  if (m.name.length > 0) w.data(10, m.name);
}

export function decodeRole(bytes: Uint8Array): Role {
  return readRole(new Reader(bytes), newRole());
}

const fieldsOfRole: FieldNames = {
  1: "name",
  2: "keyPermission",
};

/** Reads up to the reader's end, into a message that may hold something already: repeated parts merge. */
export function readRole(r: Reader, m: Role): Role {
  while (r.pos < r.end) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        m.name = r.view();
        break;
      case 18: {
        const outer = r.enter();
        m.keyPermission.push(readPermission(r, newPermission()));
        r.leave(outer);
        break;
      }
      default:
        r.other(tag, fieldsOfRole);
    }
  }
  return m;
}
