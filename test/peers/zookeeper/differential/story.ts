import type { ClientAcl, ClientStat, MemberResult, WatchEvent } from "../../../support/zk-records.ts";
import { isSuccessfulWrite, reservedPaths, type Transcript } from "./player.ts";
import type { Answer, Entry } from "./recording.ts";
import type { Request } from "./scenario.ts";

/** A transcript as text without what servers may differ in, and what broke a rule that holds for one server alone. */
export interface Story {
  readonly lines: readonly Line[];
  readonly violations: readonly string[];
}

export interface Line {
  readonly step: number;
  readonly stream: string;
  readonly text: string;
}

export interface StoryOptions {
  /** Up to 3.8 an event's header carried no zxid: forget it. */
  readonly forgetEventZxids: boolean;
}

/**
 * What is taken out, or given a name, and why a client cannot tell the difference:
 * - zxids: their values are the server's affair. Each is called by the order in which it first appears in a stat, an event
 *   or the reply to a write that succeeded; the order of the names by value is told at the end. Zxids of other replies
 *   cannot be compared, since a real server spends zxids on writes that fail; they are held against rules instead.
 * - times, held against rules: one transaction has one time, and it is about now.
 * - session ids by number, passwords not at all.
 * - the order of what ZooKeeper leaves without one: children, ephemerals, identities, digests that `auth` stands for in an
 *   ACL, events of a session's end.
 * - what other scenarios did to the reserved znodes.
 * - what follows the header of a multi or multiRead that is refused as a whole: a real server leaves results there, which
 *   no client reads.
 */
export function tell(transcript: Transcript, options: StoryOptions): Story {
  return new Teller(transcript, options).tell();
}

class Teller {
  readonly #transcript: Transcript;
  readonly #options: StoryOptions;
  readonly #names = new Map<number, string>();
  readonly #times = new Map<number, number>();
  readonly #lines: Line[] = [];
  readonly #violations: string[] = [];
  /** Zxids of transactions that answered a request which does not end a session. */
  readonly #ordered = new Set<number>();

  constructor(transcript: Transcript, options: StoryOptions) {
    this.#transcript = transcript;
    this.#options = options;
  }

  tell(): Story {
    const { streams, skipped, audit } = this.#transcript;
    for (const entry of streams.flatMap((stream) => stream.entries)) {
      if (entry.kind !== "reply" || !isSuccessfulWrite(entry)) continue;
      if (entry.request.op !== "closeSession") this.#ordered.add(entry.zxid);
    }
    for (const [index, { slot, entries }] of streams.entries()) {
      const stream = `connection ${index} (slot ${slot})`;
      this.#checkOrder(stream, entries);
      for (const entry of this.#sortLooseEvents(entries)) {
        this.#lines.push({ step: entry.step, stream, text: this.#describe(entry) });
      }
    }
    const last = Math.max(0, ...this.#lines.map((line) => line.step)) + 1;
    for (const step of skipped) this.#lines.push({ step, stream: "player", text: "skipped" });
    for (const znode of audit) {
      const text = `${znode.path} ${render({ ...znode, stat: this.#stat(znode.stat, znode.path), acl: sortDigests(znode.acl) })}`;
      this.#lines.push({ step: last, stream: "audit", text });
    }
    const byValue = [...this.#names].sort(([left], [right]) => left - right).map(([, name]) => name);
    this.#lines.push({ step: last, stream: "zxids in their order", text: byValue.join(" ") });
    return { lines: this.#lines, violations: this.#violations };
  }

  #describe(entry: Entry): string {
    switch (entry.kind) {
      case "connected":
        return `connected ${render(entry.reply === null ? null : this.#connectReply(entry.reply))}`;
      case "event": {
        const { type, state, path, zxid } = entry.event;
        const name = this.#options.forgetEventZxids ? "forgotten" : this.#zxid(zxid);
        return `event ${render({ type, state, path, zxid: name })}`;
      }
      case "ended":
        return `ended: ${entry.how}`;
      case "reply":
        return this.#reply(entry);
    }
  }

  #connectReply(reply: NonNullable<Extract<Entry, { kind: "connected" }>["reply"]>): object {
    const { protocolVersion, timeoutMs, sessionId, readOnly, password } = reply;
    const isZero = password.every((byte) => byte === 0);
    return { protocolVersion, timeoutMs, session: this.#session(sessionId), readOnly, isPasswordZero: isZero };
  }

  #reply(answer: Answer): string {
    const { request, xid, zxid, err, body } = answer;
    const isNamed = isSuccessfulWrite(answer);
    const shownZxid = isNamed || zxid <= 0 ? this.#zxid(zxid) : "some";
    const isLeftover = err !== 0 && (request.op === "multiRead" || request.op === "multi");
    const told = typeof body === "object" && body !== null ? this.#body(request, body) : body;
    const text = isLeftover ? null : told;
    return `${request.op} ${render({ xid, zxid: shownZxid, err, body: text })}`;
  }

  #body(request: Request, body: object): unknown {
    if (request.op === "raw") return body;
    const fields = body as Record<string, unknown>;
    const asked = (request.fields as { readonly path?: string | null }).path ?? "";
    // A created znode has its own stat, whatever was asked for.
    const path = typeof fields["path"] === "string" ? fields["path"] : asked;
    return Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, this.#field(request, path, key, value)]),
    );
  }

  #field(request: Request, path: string, key: string, value: unknown): unknown {
    switch (key) {
      case "stat":
        return this.#stat(value as ClientStat, path);
      case "children":
        return this.#children(value as string[], path);
      case "ephemerals":
        return [...(value as string[])].sort();
      case "identities":
        return (value as object[]).map((identity) => render(identity)).sort();
      case "acl":
        return sortDigests(value as ClientAcl[]);
      case "total":
        return this.#isReserved(path) ? "some" : value;
      case "results":
        return (value as MemberResult[]).map((result, index) => this.#result(request, index, result));
      default:
        return value;
    }
  }

  #result(request: Request, index: number, result: MemberResult): unknown {
    const member = request.op === "multi" || request.op === "multiRead" ? request.fields.members[index] : undefined;
    const path = member === undefined || member.op === "raw" ? "" : ((member as { path?: string | null }).path ?? "");
    return {
      ...result,
      ...(result.stat === undefined ? {} : { stat: this.#stat(result.stat, path) }),
      ...(result.children === undefined ? {} : { children: this.#children(result.children, path) }),
    };
  }

  #stat(stat: ClientStat, path: string): object {
    this.#checkTime(stat.czxid, stat.ctime, path);
    this.#checkTime(stat.mzxid, stat.mtime, path);
    const before = this.#transcript.reserved.get(path === "" ? "/" : path);
    const { version, cversion, aversion, ephemeralOwner, dataLength, numChildren } = stat;
    return {
      czxid: this.#zxid(stat.czxid),
      mzxid: this.#zxid(stat.mzxid),
      pzxid: this.#zxid(stat.pzxid),
      version: version - (before?.version ?? 0),
      cversion: cversion - (before?.cversion ?? 0),
      aversion: aversion - (before?.aversion ?? 0),
      owner: this.#session(ephemeralOwner),
      dataLength,
      numChildren: numChildren - (before?.numChildren ?? 0),
    };
  }

  #children(children: readonly string[], path: string): string[] {
    const { top } = this.#transcript;
    const isOurs = (name: string): boolean => name.includes(top) || ["zookeeper", "quota", "config"].includes(name);
    return (this.#isReserved(path) ? children.filter(isOurs) : [...children]).sort();
  }

  #isReserved(path: string): boolean {
    return path === "" || (reservedPaths as readonly string[]).includes(path);
  }

  #zxid(zxid: number): string {
    if (zxid <= 0) return `${zxid}`;
    if (zxid <= this.#transcript.startZxid) return "old";
    let name = this.#names.get(zxid);
    if (name === undefined) {
      name = `z${this.#names.size + 1}`;
      this.#names.set(zxid, name);
    }
    return name;
  }

  #session(id: bigint): string {
    if (id === 0n) return "none";
    const index = this.#transcript.sessions.indexOf(id);
    return index < 0 ? "unknown" : `session ${index + 1}`;
  }

  /** One transaction has one time, and it is now. Of what was there before, nothing is known. */
  #checkTime(zxid: number, time: number, path: string): void {
    if (zxid <= this.#transcript.startZxid) return;
    const known = this.#times.get(zxid);
    if (known === undefined) this.#times.set(zxid, time);
    else if (known !== time) this.#violations.push(`${path}: times ${known} and ${time} for one zxid ${zxid}`);
    if (Math.abs(Date.now() - time) > 600_000) this.#violations.push(`${path}: the time ${time} is not about now`);
  }

  /**
   * On one connection zxids never fall; a write's is new; an event is newer than the reply before it, not newer than the
   * reply behind it; and no stat is newer than its reply.
   */
  #checkOrder(stream: string, entries: readonly Entry[]): void {
    let replied = 0;
    let fired = 0;
    const violated = (entry: Entry, rule: string): void => {
      this.#violations.push(`${stream}, step ${entry.step}: ${rule} (${render(entry)})`);
    };
    for (const entry of entries) {
      if (entry.kind === "event" && entry.event.zxid > 0) {
        if (entry.event.zxid <= replied) violated(entry, `an event not newer than the reply before it, ${replied}`);
        if (entry.event.zxid < fired) violated(entry, `an event older than the event before it, ${fired}`);
        fired = entry.event.zxid;
      }
      if (entry.kind !== "reply" || entry.zxid <= 0) continue;
      if (entry.zxid < replied) violated(entry, `an older zxid than the reply before it, ${replied}`);
      if (entry.zxid < fired) violated(entry, `an older zxid than the event before it, ${fired}`);
      if (isSuccessfulWrite(entry) && entry.zxid <= replied) violated(entry, `a write without a new zxid, ${replied}`);
      if (newestIn(entry.body) > entry.zxid) violated(entry, "a stat newer than its reply");
      replied = entry.zxid;
    }
  }

  /** Ephemerals of an ended session go in any order. Their events are told sorted. */
  #sortLooseEvents(entries: readonly Entry[]): Entry[] {
    const sorted: Entry[] = [];
    let run: EventEntry[] = [];
    const endRun = (): void => {
      sorted.push(...run.sort((left, right) => (eventKey(left.event) < eventKey(right.event) ? -1 : 1)));
      run = [];
    };
    for (const entry of entries) {
      const isLoose = this.#isLoose(entry);
      if (!isLoose || run.some(({ event }) => !this.#areOfOneEnd(event, entry.event))) endRun();
      if (isLoose) run.push(entry);
      else sorted.push(entry);
    }
    endRun();
    return sorted;
  }

  #isLoose(entry: Entry): entry is EventEntry {
    if (entry.kind !== "event") return false;
    return this.#options.forgetEventZxids || (entry.event.zxid > 0 && !this.#ordered.has(entry.event.zxid));
  }

  #areOfOneEnd(left: WatchEvent, right: WatchEvent): boolean {
    return this.#options.forgetEventZxids || left.zxid === right.zxid;
  }
}

type EventEntry = Extract<Entry, { readonly kind: "event" }>;

const eventKey = ({ path, type }: WatchEvent): string => `${path} ${type}`;

/** The newest zxid in any stat of a body. */
function newestIn(body: unknown): number {
  if (typeof body !== "object" || body === null || body instanceof Uint8Array) return 0;
  if ("czxid" in body) {
    const { czxid, mzxid, pzxid } = body as ClientStat;
    return Math.max(czxid, mzxid, pzxid);
  }
  return Math.max(0, ...Object.values(body).map(newestIn));
}

/** Digests by their text, in the places where digests stand: `auth` puts them there in no order. */
function sortDigests(acl: readonly ClientAcl[]): ClientAcl[] {
  const digests = acl
    .filter(({ scheme }) => scheme === "digest")
    .sort((left, right) => (render(left) < render(right) ? -1 : 1));
  return acl.map((entry) => (entry.scheme === "digest" ? digests.shift()! : entry));
}

/** One line: bytes as latin1 text, long ones by their length. */
function render(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "bigint") return `${inner}n`;
    if (typeof inner === "object" && inner !== null && "type" in inner && "data" in inner && inner.type === "Buffer") {
      const bytes = Buffer.from(inner.data as number[]);
      return bytes.length > 200 ? `${bytes.length} bytes` : bytes.toString("latin1");
    }
    return inner;
  });
}
