import type { Reply } from "../support/zk-client.ts";
import type { Member, MemberResult, ReplyBodies } from "../support/zk-records.ts";
import type { ZkLink } from "./zk-link.ts";

/** One change that a write asks for. A version of -1 is any. */
export type Step =
  | {
      readonly kind: "create";
      /** Without the number, if the name is sequential. */
      readonly path: string;
      readonly data: string;
      readonly isEphemeral: boolean;
      readonly isSequential: boolean;
      /** create2 instead of create: the reply has the stat. */
      readonly wantsStat: boolean;
    }
  | { readonly kind: "set"; readonly path: string; readonly data: string; readonly version: number }
  | { readonly kind: "delete"; readonly path: string; readonly version: number };

/** What was answered to a step of a write that succeeded. */
export type StepResult = Pick<MemberResult, "path" | "stat">;

const BAD_VERSION = -103;
const NEVER_A_VERSION = 1_000_000;

/**
 * A write that a client sent, with what it knows of its end:
 *
 *   sent  →  acknowledged at a zxid: it must be in the store for good
 *         →  no reply came: it is in the store, whole, or not at all
 *
 * The data of each znode that it writes begins with its token, so that the store's history names the write.
 */
export class ZkWrite {
  readonly token: string;
  readonly session: bigint;
  readonly steps: readonly Step[];
  readonly isMulti: boolean;
  /** 0: not acknowledged. */
  zxid = 0;
  results: readonly StepResult[] = [];

  constructor(fields: Pick<ZkWrite, "token" | "session" | "steps" | "isMulti">) {
    this.token = fields.token;
    this.session = fields.session;
    this.steps = fields.steps;
    this.isMulti = fields.isMulti;
  }

  /** Rejects when the connection ends before the reply; throws when the server refuses. */
  async send(link: ZkLink): Promise<void> {
    const reply = this.isMulti
      ? await link.call("multi", { members: this.steps.map(memberOf) })
      : await this.#sendSingle(link);
    if (reply.err !== 0) throw new Error(`${this.describe()} was answered with ${reply.err}`);
    const body = reply.body as Partial<ReplyBodies["multi"]> & StepResult;
    this.results = body.results ?? [body];
    for (const { err = 0 } of body.results ?? []) {
      if (err !== 0) throw new Error(`${this.describe()} was answered with ${JSON.stringify(body.results)}`);
    }
    this.zxid = reply.zxid;
  }

  describe(): string {
    const steps = this.steps.map((step) => `${step.kind} ${step.path}`).join(", ");
    return `write ${this.token} (${this.isMulti ? "multi: " : ""}${steps})`;
  }

  #sendSingle(link: ZkLink): Promise<Reply<object>> {
    const member = memberOf(this.steps[0]!);
    switch (member.op) {
      case "create":
      case "create2":
        return link.call(member.op, member);
      case "setData":
        return link.call("setData", member);
      default:
        return link.call("delete", member);
    }
  }
}

/** Sends what must be refused since its last step wants another version. Nothing of it may ever be in the store. */
export async function sendRefused(link: ZkLink, path: string, before: readonly Step[]): Promise<void> {
  if (before.length === 0) {
    const { err } = await link.call("setData", { path, data: "refused", version: NEVER_A_VERSION });
    if (err !== BAD_VERSION) throw new Error(`setData of ${path} with a wrong version was answered with ${err}`);
    return;
  }
  const members = [...before.map(memberOf), { op: "check", path, version: NEVER_A_VERSION } as const];
  const { err, body } = await link.call("multi", { members });
  const codes = body?.results.map((result) => result.err).join();
  const wanted = [...before.map(() => 0), BAD_VERSION].join();
  if (codes !== wanted) throw new Error(`a multi that must fail was answered with ${err}: ${String(codes)}`);
}

type WriteMember = Extract<Member, { op: "create" | "create2" | "setData" | "delete" }>;

function memberOf(step: Step): WriteMember {
  switch (step.kind) {
    case "create": {
      const flags = (step.isEphemeral ? 1 : 0) + (step.isSequential ? 2 : 0);
      return { op: step.wantsStat ? "create2" : "create", path: step.path, data: step.data, flags };
    }
    case "set":
      return { op: "setData", path: step.path, data: step.data, version: step.version };
    case "delete":
      return { op: "delete", path: step.path, version: step.version };
  }
}

/** The token at the beginning of a znode's data. */
export function tokenOf(data: string): string {
  return data.slice(0, data.indexOf(";"));
}

export function dataOf(token: string, padding: number): string {
  return `${token};${"x".repeat(padding)}`;
}
