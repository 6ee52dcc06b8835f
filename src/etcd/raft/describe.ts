import { ConfChangeTransition, ConfChangeType, EntryType } from "../wire/raftpb.ts";
import type { ConfChangeSingle, ConfState, Entry, HardState, Message, Snapshot } from "../wire/raftpb.ts";
import { asV2, confChangeOf, isV2 } from "./conf-change.ts";
import type { AnyConfChange } from "./conf-change.ts";
import { hex, LOCAL_APPEND_THREAD, LOCAL_APPLY_THREAD, NONE } from "./ids.ts";
import { messageName } from "./messages.ts";
import { isEmptyHardState, roleNames } from "./ready.ts";
import type { Ready, SoftState } from "./ready.ts";
import { confStateOf, isEmptySnapshot, metadataOf } from "./snapshots.ts";

/**
 * The one-line texts of etcd-io/raft for everything that a node takes in or gives out. Its data-driven scripts compare
 * them letter by letter, and people who debug a cluster know them.
 */
export type DataFormatter = (data: Uint8Array) => string;

export function describeReady(ready: Ready, format: DataFormatter = quoted): string {
  let text = "";
  if (ready.softState !== null) text += `${describeSoftState(ready.softState)}\n`;
  if (ready.hardState !== null && !isEmptyHardState(ready.hardState)) {
    text += `HardState ${describeHardState(ready.hardState)}\n`;
  }
  if (ready.readStates.length > 0) {
    const states = ready.readStates.map(({ index, requestContext }) => `{${index} ${bytes(requestContext)}}`);
    text += `ReadStates [${states.join(" ")}]\n`;
  }
  if (ready.entries.length > 0) text += `Entries:\n${describeEntries(ready.entries, format)}`;
  if (ready.snapshot !== null && !isEmptySnapshot(ready.snapshot)) {
    text += `Snapshot ${describeSnapshot(ready.snapshot)}\n`;
  }
  if (ready.committedEntries.length > 0) {
    text += `CommittedEntries:\n${describeEntries(ready.committedEntries, format)}`;
  }
  if (ready.messages.length > 0) {
    text += `Messages:\n${ready.messages.map((message) => `${describeMessage(message, format)}\n`).join("")}`;
  }
  return text === "" ? "<empty Ready>" : `Ready MustSync=${ready.mustSync}:\n${text}`;
}

export function describeMessage(message: Message, format: DataFormatter = quoted, indent = ""): string {
  let text =
    `${indent}${describeTarget(message.from)}->${describeTarget(message.to)} ${messageName(message.type)} ` +
    `Term:${message.term} Log:${message.logTerm}/${message.index}`;
  if (message.reject) text += ` Rejected (Hint: ${message.rejectHint})`;
  if (message.commit !== 0) text += ` Commit:${message.commit}`;
  if (message.vote !== NONE) text += ` Vote:${message.vote}`;
  const [first] = message.entries;
  if (first !== undefined && message.entries.length === 1) {
    text += ` Entries:[${describeEntry(first, format)}]`;
  } else if (first !== undefined) {
    const lines = message.entries.map((entry) => `\n${indent}  ${describeEntry(entry, format)}`);
    text += ` Entries:[${lines.join("")}\n${indent}]`;
  }
  if (message.snapshot !== null && !isEmptySnapshot(message.snapshot)) {
    text += `\n${indent}  Snapshot: ${describeSnapshot(message.snapshot)}`;
  }
  if (message.responses.length > 0) {
    const lines = message.responses.map((response) => `\n${describeMessage(response, format, `${indent}  `)}`);
    text += ` Responses:[${lines.join("")}\n${indent}]`;
  }
  return text;
}

export function describeEntries(entries: readonly Entry[], format: DataFormatter = quoted): string {
  return entries.map((entry) => `${describeEntry(entry, format)}\n`).join("");
}

export function describeEntry(entry: Entry, format: DataFormatter = quoted): string {
  const content = describeContent(entry, format);
  return `${entry.term}/${entry.index} ${nameOf(EntryType, entry.type)}${content === "" ? "" : ` ${content}`}`;
}

export function describeHardState(state: HardState): string {
  const vote = state.vote === NONE ? "" : ` Vote:${state.vote}`;
  return `Term:${state.term}${vote} Commit:${state.commit}`;
}

export function describeSoftState(state: SoftState): string {
  return `Lead:${state.lead} State:${roleNames[state.role]}`;
}

export function describeSnapshot(snapshot: Snapshot): string {
  const { index, term } = metadataOf(snapshot);
  return `Index:${index} Term:${term} ConfState:${describeConfState(confStateOf(snapshot))}`;
}

export function describeConfState(state: ConfState): string {
  return (
    `Voters:${list(state.voters)} VotersOutgoing:${list(state.votersOutgoing)} Learners:${list(state.learners)} ` +
    `LearnersNext:${list(state.learnersNext)} AutoLeave:${state.autoLeave}`
  );
}

/** The bare fields, as log lines have them. */
export function describeConfStateFields(state: ConfState): string {
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = state;
  return `{${[voters, learners, votersOutgoing, learnersNext].map(list).join(" ")} ${autoLeave}}`;
}

/** The bare fields, as log lines have them. */
export function describeConfChange(change: AnyConfChange): string {
  if (!isV2(change)) {
    const { type, nodeId, context, id } = change;
    return `{${nameOf(ConfChangeType, type)} ${nodeId} ${bytes(context)} ${id}}`;
  }
  const changes = change.changes.map(({ type, nodeId }) => `{${nameOf(ConfChangeType, type)} ${nodeId}}`);
  return `{${nameOf(ConfChangeTransition, change.transition)} [${changes.join(" ")}] ${bytes(change.context)}}`;
}

/** v1 l2 r3 u4: make 1 a voter, make 2 a learner, remove 3, update 4. */
export function describeChanges(changes: readonly ConfChangeSingle[]): string {
  return changes.map(({ type, nodeId }) => `${changeLetters.get(type) ?? "unknown"}${nodeId}`).join(" ");
}

const changeLetters: ReadonlyMap<number, string> = new Map([
  [ConfChangeType.ConfChangeAddNode, "v"],
  [ConfChangeType.ConfChangeAddLearnerNode, "l"],
  [ConfChangeType.ConfChangeRemoveNode, "r"],
  [ConfChangeType.ConfChangeUpdateNode, "u"],
]);

function describeContent(entry: Entry, format: DataFormatter): string {
  const change = confChangeOf(entry);
  return change === null ? format(entry.data ?? new Uint8Array()) : describeChanges(asV2(change).changes);
}

function describeTarget(id: bigint): string {
  switch (id) {
    case NONE:
      return "None";
    case LOCAL_APPEND_THREAD:
      return "AppendThread";
    case LOCAL_APPLY_THREAD:
      return "ApplyThread";
    default:
      return hex(id);
  }
}

function list(ids: readonly bigint[]): string {
  return `[${ids.join(" ")}]`;
}

function bytes(data: Uint8Array | null): string {
  return `[${(data ?? new Uint8Array()).join(" ")}]`;
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(names).find((name) => names[name] === value) ?? value.toString();
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

/** Bytes as a Go string literal: text as it is, what cannot be printed escaped, what is not UTF-8 as \xNN. */
export function quoted(data: Uint8Array): string {
  let text = "";
  for (let start = 0; start < data.length;) {
    const length = sequenceLength(data, start);
    if (length === 0) {
      text += `\\x${data[start]!.toString(16).padStart(2, "0")}`;
      start += 1;
      continue;
    }
    text += quotedCharacter(utf8.decode(data.subarray(start, start + length)));
    start += length;
  }
  return `"${text}"`;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The length of the UTF-8 sequence that starts here, or 0 if none does. */
function sequenceLength(data: Uint8Array, start: number): number {
  const lead = data[start]!;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  try {
    utf8.decode(data.subarray(start, start + length));
    return length;
  } catch {
    // TextDecoder has no other way to say that the bytes are not UTF-8.
    return 0;
  }
}

function quotedCharacter(character: string): string {
  const escape = escapes.get(character);
  if (escape !== undefined) return escape;
  if (character === " " || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character;
  const code = character.codePointAt(0)!;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
