import {
  Compare_CompareResult,
  Compare_CompareTarget,
  type Compare,
  type DeleteRangeRequest,
  newCompare,
  newDeleteRangeRequest,
  newPutRequest,
  newRangeRequest,
  newTxnRequest,
  type PutRequest,
  type RangeRequest,
  type RangeResponse,
  type RequestOp,
  type ResponseOp,
  type TxnRequest,
  type TxnResponse,
} from "../../wire/etcdserverpb.ts";
import type { KeyValue } from "../../wire/mvccpb.ts";

/*
 * Requests and responses as scripts write them:
 *
 *   put KEY VALUE [lease=N] [prev] [ignore-value] [ignore-lease]
 *   get KEY [END] [rev=N] [limit=N] [sort=asc|desc|none:key|version|create|mod|value] [keys-only] [count-only]
 *       [min-mod=N] [max-mod=N] [min-create=N] [max-create=N]
 *   del KEY [END] [prev]
 *   txn [COMPARE ...] then { OP ; OP } [else { OP ; OP }]
 *       COMPARE := version|create|mod|value|lease ( KEY [,END] ) =|!=|<|> GIVEN     without spaces
 *
 * In keys and values \0 is a zero byte, \xHH any byte, and a lone - is nothing at all.
 */

export function textBytes(text: string): Uint8Array {
  if (text === "-") return new Uint8Array(0);
  const latin1 = text
    .replaceAll("\\0", "\0")
    .replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin1, "latin1");
}

export function bytesText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("latin1")
    .replaceAll("\0", "\\0")
    .replaceAll(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** Words of one request: those in order, those of the form name=value, and lone flags. */
class Words {
  readonly plain: string[] = [];
  readonly #named = new Map<string, string>();
  readonly #flags = new Set<string>();

  constructor(words: readonly string[], flags: readonly string[], names: readonly string[]) {
    for (const word of words) {
      const [name, value] = word.split(/=(.*)/s);
      if (flags.includes(word)) this.#flags.add(word);
      else if (value !== undefined && names.includes(name!)) this.#named.set(name!, value);
      else this.plain.push(word);
    }
  }

  has(flag: string): boolean {
    return this.#flags.has(flag);
  }

  text(name: string): string | undefined {
    return this.#named.get(name);
  }

  number(name: string): number {
    return Number(this.#named.get(name) ?? 0);
  }
}

export function parsePut(words: readonly string[]): PutRequest {
  const parsed = new Words(words, ["prev", "ignore-value", "ignore-lease"], ["lease"]);
  return newPutRequest({
    key: textBytes(parsed.plain[0] ?? "-"),
    value: textBytes(parsed.plain[1] ?? "-"),
    lease: BigInt(parsed.text("lease") ?? 0),
    prevKv: parsed.has("prev"),
    ignoreValue: parsed.has("ignore-value"),
    ignoreLease: parsed.has("ignore-lease"),
  });
}

export function parseRange(words: readonly string[]): RangeRequest {
  const names = ["rev", "limit", "sort", "min-mod", "max-mod", "min-create", "max-create"];
  const parsed = new Words(words, ["keys-only", "count-only"], names);
  const [order, target] = (parsed.text("sort") ?? "none:key").split(":");
  const orders: Record<string, number> = { none: 0, asc: 1, desc: 2 };
  const targets: Record<string, number> = { key: 0, version: 1, create: 2, mod: 3, value: 4 };
  return newRangeRequest({
    key: textBytes(parsed.plain[0] ?? "-"),
    rangeEnd: textBytes(parsed.plain[1] ?? "-"),
    revision: parsed.number("rev"),
    limit: parsed.number("limit"),
    sortOrder: orders[order!] ?? Number(order),
    sortTarget: targets[target!] ?? Number(target),
    keysOnly: parsed.has("keys-only"),
    countOnly: parsed.has("count-only"),
    minModRevision: parsed.number("min-mod"),
    maxModRevision: parsed.number("max-mod"),
    minCreateRevision: parsed.number("min-create"),
    maxCreateRevision: parsed.number("max-create"),
  });
}

export function parseDeleteRange(words: readonly string[]): DeleteRangeRequest {
  const parsed = new Words(words, ["prev"], []);
  return newDeleteRangeRequest({
    key: textBytes(parsed.plain[0] ?? "-"),
    rangeEnd: textBytes(parsed.plain[1] ?? "-"),
    prevKv: parsed.has("prev"),
  });
}

/** The words after `txn`; takes what it needs from their front. */
export function parseTxn(words: string[]): TxnRequest {
  const request = newTxnRequest();
  for (let word = words.shift(); word !== "then"; word = words.shift()) request.compare.push(parseCompare(word!));
  request.success = parseBranch(words);
  if (words[0] === "else") {
    words.shift();
    request.failure = parseBranch(words);
  }
  return request;
}

function parseBranch(words: string[]): RequestOp[] {
  if (words.shift() !== "{") throw new Error("a branch begins with {");
  const ops: RequestOp[] = [];
  while (words[0] !== "}") {
    const verb = words.shift();
    if (verb === ";") continue;
    if (verb === "txn") {
      ops.push({ request: { case: "requestTxn", value: parseTxn(words) } });
      continue;
    }
    const length = words.findIndex((word) => word === ";" || word === "}");
    const rest = words.splice(0, length);
    if (verb === "put") ops.push({ request: { case: "requestPut", value: parsePut(rest) } });
    else if (verb === "get") ops.push({ request: { case: "requestRange", value: parseRange(rest) } });
    else if (verb === "del") ops.push({ request: { case: "requestDeleteRange", value: parseDeleteRange(rest) } });
    else if (verb === "nothing") ops.push({ request: null });
    else throw new Error(`no such operation: ${verb}`);
  }
  words.shift();
  return ops;
}

const results: Record<string, Compare_CompareResult> = {
  "=": Compare_CompareResult.EQUAL,
  "!=": Compare_CompareResult.NOT_EQUAL,
  "<": Compare_CompareResult.LESS,
  ">": Compare_CompareResult.GREATER,
};

function parseCompare(word: string): Compare {
  const parts = /^(\w+)\(([^,)]+)(?:,([^)]+))?\)(!=|=|<|>)(.*)$/.exec(word);
  if (parts === null) throw new Error(`no compare: ${word}`);
  const [, name, key, end, result, given] = parts as unknown as [string, string, string, string?, string?, string?];
  const compare = newCompare({ key: textBytes(key), rangeEnd: textBytes(end ?? "-"), result: results[result!]! });
  switch (name) {
    case "version":
      compare.target = Compare_CompareTarget.VERSION;
      compare.targetUnion = { case: "version", value: Number(given) };
      break;
    case "create":
      compare.target = Compare_CompareTarget.CREATE;
      compare.targetUnion = { case: "createRevision", value: Number(given) };
      break;
    case "mod":
      compare.target = Compare_CompareTarget.MOD;
      compare.targetUnion = { case: "modRevision", value: Number(given) };
      break;
    case "value":
      compare.target = Compare_CompareTarget.VALUE;
      compare.targetUnion = { case: "value", value: textBytes(given!) };
      break;
    case "lease":
      compare.target = Compare_CompareTarget.LEASE;
      compare.targetUnion = { case: "lease", value: BigInt(given!) };
      break;
    default:
      throw new Error(`no such target: ${name}`);
  }
  return compare;
}

export function formatPair(kv: KeyValue): string {
  const lease = kv.lease === 0n ? "" : ` lease=${kv.lease}`;
  const { createRevision, modRevision, version } = kv;
  return `${bytesText(kv.key)}="${bytesText(kv.value)}" create=${createRevision} mod=${modRevision} version=${version}${lease}`;
}

export function formatRange(response: Pick<RangeResponse, "kvs" | "more" | "count">): string[] {
  return [...response.kvs.map(formatPair), `count=${response.count}${response.more ? " more" : ""}`];
}

/** The responses of a transaction, one line or more for each, those within it indented. */
export function formatTxn(response: TxnResponse): string[] {
  const lines = [`${response.succeeded ? "then" : "else"} revision=${response.header?.revision}`];
  return [...lines, ...response.responses.flatMap(formatOp).map((line) => `  ${line}`)];
}

function formatOp({ response }: ResponseOp): string[] {
  switch (response?.case) {
    case "responseRange":
      return [`get revision=${response.value.header?.revision}`, ...formatRange(response.value)];
    case "responsePut": {
      const { header, prevKv } = response.value;
      return [`put revision=${header?.revision}${prevKv ? ` prev ${formatPair(prevKv)}` : ""}`];
    }
    case "responseDeleteRange": {
      const { header, deleted, prevKvs } = response.value;
      return [`del revision=${header?.revision} deleted=${deleted}`, ...prevKvs.map((kv) => `prev ${formatPair(kv)}`)];
    }
    case "responseTxn":
      return ["txn", ...formatTxn(response.value)];
    case undefined:
      return ["nothing"];
  }
}
