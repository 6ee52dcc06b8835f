/** node-zookeeper-client, which has no types and speaks in callbacks, as far as the tests use it. */
import { createRequire } from "node:module";

interface Stat {
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly numChildren: number;
  readonly dataLength: number;
  /** Eight bytes each, big-endian. */
  readonly czxid: Buffer;
  readonly mzxid: Buffer;
  readonly ephemeralOwner: Buffer;
}

interface NodeEvent {
  readonly name: string;
  readonly path: string;
}

export interface NodeAcl {
  readonly permission: number;
  readonly id: { readonly scheme: string; readonly id: string };
}

type Done<Values extends readonly unknown[]> = (
  error: { readonly code: number } | null | undefined,
  ...values: Values
) => void;
type OnEvent = (event: NodeEvent) => void;

export interface NodeTransaction {
  create(path: string, data?: Buffer | null, mode?: number): this;
  setData(path: string, data: Buffer, version?: number): this;
  check(path: string, version?: number): this;
  remove(path: string, version?: number): this;
  commit(done: Done<[results: { readonly type: number; readonly err?: number; readonly path?: string }[]]>): void;
}

export interface NodeClient {
  connect(): void;
  close(): void;
  getSessionId(): Buffer;
  getSessionPassword(): Buffer;
  getSessionTimeout(): number;
  getState(): { readonly name: string };
  addAuthInfo(scheme: string, auth: Buffer): void;
  create(path: string, data: Buffer | null, acls: readonly unknown[], mode: number, done: Done<[path: string]>): void;
  setData(path: string, data: Buffer, version: number, done: Done<[stat: Stat]>): void;
  getData(path: string, watcher: OnEvent, done: Done<[data: Buffer | undefined, stat: Stat]>): void;
  exists(path: string, watcher: OnEvent, done: Done<[stat: Stat | null]>): void;
  getChildren(path: string, watcher: OnEvent, done: Done<[names: string[], stat: Stat]>): void;
  remove(path: string, version: number, done: Done<[]>): void;
  removeRecursive(path: string, version: number, done: Done<[]>): void;
  getACL(path: string, done: Done<[acls: NodeAcl[], stat: Stat]>): void;
  setACL(path: string, acls: readonly unknown[], version: number, done: Done<[stat: Stat]>): void;
  mkdirp(path: string, done: Done<[path: string]>): void;
  transaction(): NodeTransaction;
  on(event: "state", listener: (state: { readonly name: string }) => void): void;
  once(event: "connected" | "disconnected" | "expired", listener: () => void): void;
}

interface Library {
  createClient(
    connect: string,
    options: {
      readonly sessionTimeout: number;
      readonly spinDelay?: number;
      readonly retries?: number;
      readonly sessionId?: Buffer;
      readonly sessionPassword?: Buffer;
    },
  ): NodeClient;
  readonly CreateMode: Readonly<
    Record<"PERSISTENT" | "EPHEMERAL" | "PERSISTENT_SEQUENTIAL" | "EPHEMERAL_SEQUENTIAL", number>
  >;
  readonly ACL: { readonly OPEN_ACL_UNSAFE: readonly unknown[]; readonly CREATOR_ALL_ACL: readonly unknown[] };
  readonly Exception: Readonly<Record<string, number>>;
}

export const zookeeper = createRequire(import.meta.url)("node-zookeeper-client") as Library;

/** What a call gives to its callback; its error rejects, the code being `code`. */
export function called<Values extends readonly unknown[]>(call: (done: Done<Values>) => void): Promise<Values> {
  return new Promise((resolve, reject) => {
    call((error, ...values) => {
      // The library's exceptions are no Errors, and some of its calls leave out the null.
      if (error) reject(Object.assign(new Error(`code ${error.code}`), { code: error.code }));
      else resolve(values);
    });
  });
}
