import type { ZkClient } from "../../../support/zk-client.ts";
import type { ClientStat, ConnectFields, MemberResult } from "../../../support/zk-records.ts";
import { type Answer, type Entry, Recording } from "./recording.ts";
import { place, type OpenOptions, type ReattachOptions, type Request, type Scenario, type Step } from "./scenario.ts";

/** All that one server said in one scenario. */
export interface Transcript {
  /** What `@` stood for. */
  readonly top: string;
  /** The connections in the order in which they were opened. */
  readonly streams: readonly { readonly slot: number; readonly entries: readonly Entry[] }[];
  /** Steps that were not played since their slot had no connection. */
  readonly skipped: readonly number[];
  /** What stood below the top at the end, as super sees it. */
  readonly audit: readonly AuditedZnode[];
  /** The server's last zxid before the scenario. */
  readonly startZxid: number;
  /** Stats of the reserved znodes before the scenario. */
  readonly reserved: ReadonlyMap<string, ClientStat>;
  /** Ids in the order in which the sessions were opened. */
  readonly sessions: readonly bigint[];
}

export interface AuditedZnode {
  readonly path: string;
  readonly stat: ClientStat;
  readonly data: Buffer | null;
  readonly acl: readonly { readonly perms: number; readonly scheme: string | null; readonly id: string | null }[];
  readonly children: readonly string[];
}

export const reservedPaths = ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"] as const;

interface Slot {
  readonly index: number;
  recording: Recording;
  session: { readonly id: bigint; readonly password: Uint8Array } | null;
}

/** Plays a scenario on one server and writes down all that it said. */
export class Player {
  readonly #port: number;
  readonly #auditor: ZkClient;
  readonly #top: string;
  readonly #scenario: Scenario;
  readonly #slots = new Map<number, Slot>();
  readonly #recordings: Recording[] = [];
  readonly #skipped: number[] = [];
  readonly #sessions: bigint[] = [];
  /** Zxids of the writes that succeeded. */
  readonly #marks: number[] = [];
  #step = -1;

  /** The auditor is a client with the rights of super. */
  constructor(server: { readonly port: number; readonly auditor: ZkClient }, scenario: Scenario, top: string) {
    this.#port = server.port;
    this.#auditor = server.auditor;
    this.#top = top;
    this.#scenario = { ...scenario, steps: place(scenario.steps, top) };
  }

  async play(): Promise<Transcript> {
    const startZxid = (await this.#auditor.call("ping", {})).zxid;
    const reserved = await this.#readReserved();
    for (const step of this.#scenario.steps) {
      this.#step += 1;
      await this.#play(step);
    }
    this.#step += 1;
    for (const recording of this.#recordings) await recording.settle(this.#step);
    const audit = (await Promise.all(this.#roots().map((root) => this.#audit(root)))).flat();
    this.#step += 1;
    for (const slot of this.#slots.values()) await this.#close(slot);
    await this.#remove(audit);
    await this.#restore(reserved);
    const streams = await Promise.all(
      this.#recordings.map(async (recording) => ({ slot: recording.slot, entries: await recording.entries() })),
    );
    for (const recording of this.#recordings) recording.drop();
    const [skipped, sessions] = [this.#skipped, this.#sessions];
    return { top: this.#top, streams, skipped, audit, startZxid, reserved, sessions };
  }

  async #play(step: Step): Promise<void> {
    if (step.kind === "silence") return new Promise((resolve) => setTimeout(resolve, step.ms));
    if (step.kind === "open") return this.#open(step.slot, step.options);
    const slot = this.#slots.get(step.slot);
    if (slot === undefined) return void this.#skipped.push(this.#step);
    if (step.kind === "reattach") return this.#reattach(slot, step.options);
    if (!slot.recording.isOpen) return void this.#skipped.push(this.#step);
    switch (step.kind) {
      case "drop":
        await slot.recording.settle(this.#step);
        slot.recording.drop();
        return;
      case "send":
        return this.#send(slot, step.requests);
      case "frame":
        slot.recording.write(Buffer.from(step.hex, "hex"));
        return slot.recording.awaitEnd(this.#step);
    }
  }

  async #open(index: number, options: OpenOptions): Promise<void> {
    const old = this.#slots.get(index);
    if (old !== undefined) await this.#close(old);
    const recording = await this.#connect(
      index,
      {
        timeoutMs: options.timeoutMs,
        readOnly: options.readOnly,
        password: options.password === null ? null : Buffer.from(options.password, "hex"),
      },
      options.requests,
    );
    const { connected } = recording;
    const hasSession = connected !== null && recording.hasSession;
    const session = hasSession ? { id: connected.sessionId, password: connected.password } : null;
    if (session !== null) this.#sessions.push(session.id);
    this.#slots.set(index, { index, recording, session });
  }

  async #connect(slot: number, fields: ConnectFields, requests: readonly Request[]): Promise<Recording> {
    const recording = await Recording.open(this.#port, slot, this.#step);
    this.#recordings.push(recording);
    await recording.handshake(
      fields,
      requests.map((request) => this.#resolve(request, recording)),
      this.#step,
    );
    await recording.settle(this.#step);
    return recording;
  }

  async #reattach(slot: Slot, options: ReattachOptions): Promise<void> {
    if (slot.session === null) return void this.#skipped.push(this.#step);
    // Whatever is on its way to the old connection might be lost, or not.
    await slot.recording.settle(this.#step);
    const { id, password } = slot.session;
    const seen = this.#lastZxidSeen(slot.index);
    const zxids = { zero: 0, seen, ahead: seen + 1_000_000_000 };
    const passwords = { right: password, wrong: Buffer.alloc(16, 7), short: password.subarray(0, 8) };
    const recording = await this.#connect(
      slot.index,
      {
        timeoutMs: options.timeoutMs,
        readOnly: options.readOnly,
        lastZxidSeen: zxids[options.lastZxidSeen],
        sessionId: id,
        password: passwords[options.password],
      },
      options.requests,
    );
    // Whatever becomes of the newcomer: once it was heard, the server closes the connection that the session had.
    if (recording.connected === null) await slot.recording.settle(this.#step);
    else await slot.recording.awaitEnd(this.#step);
    if (recording.hasSession || !slot.recording.isOpen) slot.recording = recording;
  }

  async #send(slot: Slot, requests: readonly Request[]): Promise<void> {
    const resolved = requests.map((request) => this.#resolve(request, slot.recording));
    const answers = await slot.recording.send(resolved, this.#step);
    for (const answer of answers) if (isSuccessfulWrite(answer)) this.#marks.push(answer.zxid);
    const isCalm = answers.length === requests.length && answers.every(({ err }) => !closing.includes(err));
    if (!isCalm || requests.some(({ op }) => op === "closeSession")) await slot.recording.awaitEnd(this.#step);
  }

  /** A zxid in the place of its number. */
  #resolve(request: Request, recording: Recording): Request {
    if (request.op !== "setWatches" && request.op !== "setWatches2") return request;
    const mark = Number(request.fields.relativeZxid);
    const relativeZxid = mark < 0 ? 0 : (this.#marks[mark] ?? this.#lastZxidSeen(recording.slot));
    return { ...request, fields: { ...request.fields, relativeZxid } };
  }

  #lastZxidSeen(slot: number): number {
    return Math.max(0, ...this.#recordings.filter((one) => one.slot === slot).map((one) => one.lastZxidSeen));
  }

  /** Closes the slot's session, by a new connection if it has none, so that nothing is left to expire later. */
  async #close(slot: Slot): Promise<void> {
    if (slot.session === null) return;
    if (!slot.recording.isOpen) {
      await this.#reattach(slot, {
        timeoutMs: 10_000,
        readOnly: false,
        password: "right",
        lastZxidSeen: "zero",
        requests: [],
      });
    }
    if (slot.recording.isOpen) await this.#send(slot, [{ op: "closeSession", fields: {} }]);
  }

  async #readReserved(): Promise<Map<string, ClientStat>> {
    if (this.#scenario.isLocal) return new Map();
    const stats = await Promise.all(reservedPaths.map((path) => this.#auditor.ok("exists", { path })));
    return new Map(reservedPaths.map((path, index) => [path, stats[index]!.stat]));
  }

  /** All that a generated path can create at the top of something. */
  #roots(): string[] {
    const roots = [`/${this.#top}`];
    if (this.#scenario.isLocal) return roots;
    const parents = ["/zookeeper", "/zookeeper/quota", "/zookeeper/config"];
    return [...roots, `/${this.#top}x`, ...parents.map((parent) => `${parent}/${this.#top}`)];
  }

  /** Many scenarios would fill the server's memory. What was ephemeral is gone already. */
  async #remove(audit: readonly AuditedZnode[]): Promise<void> {
    await Promise.all(audit.toReversed().map(({ path }) => this.#auditor.call("delete", { path })));
  }

  /** The next scenario finds the reserved znodes as this one did, but for their versions. */
  async #restore(before: ReadonlyMap<string, ClientStat>): Promise<void> {
    const now = await this.#readReserved();
    for (const [path, { aversion, version }] of now) {
      const perms = path === "/zookeeper/config" ? 1 : 31;
      const acl = [{ perms, scheme: "world", id: "anyone" }];
      if (aversion !== before.get(path)?.aversion) await this.#auditor.ok("setAcl", { path, acl });
      if (version !== before.get(path)?.version) await this.#auditor.ok("setData", { path, data: "" });
    }
  }

  async #audit(path: string): Promise<AuditedZnode[]> {
    const [children, data, acl] = await Promise.all([
      this.#auditor.call("getChildren2", { path }),
      this.#auditor.call("getData", { path }),
      this.#auditor.call("getAcl", { path }),
    ]);
    if (children.body === null || data.body === null || acl.body === null) return [];
    const names = [...children.body.children].sort();
    const below = await Promise.all(names.map((name) => this.#audit(`${path}/${name}`)));
    const { stat } = children.body;
    return [{ path, stat, data: data.body.data, acl: acl.body.acl, children: names }, ...below.flat()];
  }
}

/** Codes behind which the server may close the connection. */
const closing: readonly number[] = [-6, -112, -115, -118, -124];

const writes: readonly string[] = [
  ...["create", "create2", "createContainer", "createTtl", "delete", "deleteContainer", "setData", "setAcl"],
  ...["multi", "closeSession"],
];

/** It changed something, so its zxid is that of a transaction on every server. */
export function isSuccessfulWrite({ request, err, body }: Answer): boolean {
  if (err !== 0 || !writes.includes(request.op)) return false;
  if (request.op !== "multi") return true;
  const results = typeof body === "object" ? (body as { results: readonly MemberResult[] }).results : [];
  return results.every((result) => result.err === 0) && results.some((result) => result.type !== 13);
}
