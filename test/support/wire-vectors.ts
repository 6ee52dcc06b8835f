/** The vectors in `src/etcd/wire/testdata`: what etcd's own code makes of messages (test/wire-vectors). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MessageName } from "../../src/etcd/wire/descriptors.ts";

export interface MessageVector {
  readonly name: MessageName;
  readonly bytes: Buffer;
  readonly json: string;
}

export interface JsonVector {
  readonly name: MessageName;
  readonly text: string;
  /** The bytes of the message that the text is, or why it is none. */
  readonly answer: { readonly bytes: Buffer } | { readonly error: string };
}

const folder = join(import.meta.dirname, "../../src/etcd/wire/testdata");

function readLines(file: string): string[] {
  const text = readFileSync(join(folder, file), "utf8").trimEnd();
  return text.split("\n").filter((line) => !line.startsWith("#"));
}

export function messageVectors(): MessageVector[] {
  return readLines("messages.txt").map((line) => {
    const [name, hex] = line.split(" ", 2) as [MessageName, string];
    return { name, bytes: bytesOf(hex), json: line.slice(name.length + hex.length + 2) };
  });
}

export function jsonVectors(): JsonVector[] {
  const answers = readLines("json-out.txt");
  return readLines("json-in.txt").map((line, i) => {
    const space = line.indexOf(" ");
    const answer = answers[i]!;
    return {
      name: line.slice(0, space) as MessageName,
      text: line.slice(space + 1).replaceAll("¶", "\n"),
      answer: answer.startsWith("= ") ? { bytes: bytesOf(answer.slice(2)) } : { error: answer.slice(2) },
    };
  });
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex === "-" ? "" : hex, "hex");
}
