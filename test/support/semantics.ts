/** The examples of docs/semantics.md, and of README.md where it has both APIs: two shells side by side, and Python. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./servers.ts";

export interface PageExample {
  readonly kind: "zk" | "shell" | "python";
  /** As it is typed, more than one line with a here-document. Nothing: a shell that tells of an event by itself. */
  readonly command: string;
  /** What the page says that it prints, line by line; "..." stands for any lines, or for the rest of a line. */
  readonly printed: readonly string[];
}

const page = readFileSync(join(repository, "docs/semantics.md"), "utf8");

/** In the order of the page. */
export function semanticsExamples(text = page): PageExample[] {
  return [...text.matchAll(/^```(console|python)\n([^]*?)^```$/gm)].flatMap(([, info, inside]) => {
    if (info === "python") return [{ kind: "python" as const, command: inside!, printed: pythonPrints(inside!) }];
    const parts = inside!.split(/^(?=zk>|\$ )/m);
    return parts.map(consoleExample);
  });
}

/** `print(x)  # what that is`; without any such comment nothing is said. */
function pythonPrints(program: string): readonly string[] {
  const said = [...program.matchAll(/^print\(.*\) {2}# (.*)$/gm)].map(([, text]) => text!);
  return said.length === 0 ? ["..."] : said;
}

function consoleExample(part: string): PageExample {
  const lines = part.replace(/\n$/, "").split("\n");
  const kind = lines[0]!.startsWith("zk>") ? "zk" : "shell";
  const command = [lines[0]!.replace(/^(zk>|\$) ?/, "")];
  let at = 1;
  for (; at < lines.length && /^>( |$)/.test(lines[at]!); at++) command.push(lines[at]!.replace(/^> ?/, ""));
  const printed = lines.slice(at);
  // etcdctl ends each key with an empty line.
  while (printed.at(-1) === "") printed.pop();
  return { kind, command: command.join("\n"), printed };
}

/**
 * Whether the lines are those of the page. Zxids, revisions and ids depend on what was there before; and where the page says
 * nothing, nothing is asked.
 */
export function isAsOnPage(printed: readonly string[], actual: string): boolean {
  const pattern = printed.map((line) => (line === "..." ? "(?:.*\n)*?" : `${patternOf(line)}\n`)).join("");
  const text = actual.replace(/\n*$/, "");
  return new RegExp(`^${pattern}$`).test(text === "" ? text : `${text}\n`);
}

function patternOf(line: string): string {
  const isOpen = line.endsWith(" ...");
  const escaped = (isOpen ? line.slice(0, -4) : line).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const numbers = escaped
    .replaceAll(/0x[0-9a-f]+/g, "0x[0-9a-f]+")
    .replaceAll(/("\w*Revision" : )\d+/g, String.raw`$1\d+`);
  return isOpen ? `${numbers}.*` : numbers;
}
