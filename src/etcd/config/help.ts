import { featureGateTable } from "./feature-gates.ts";
import { type ForeignFlags, noForeignFlags } from "./foreign-flags.ts";
import { flagNames, flagRow, flagSections, flagsNowGates, flagsOnceExperimental, type FlagKind } from "./flag-table.ts";

const WIDTH = 100;

/** What a value looks like, by kind. A boolean flag needs none. */
const placeholders: Readonly<Record<FlagKind, string>> = {
  text: "TEXT",
  boolean: "",
  int: "NUMBER",
  uint: "NUMBER",
  uint32: "NUMBER",
  duration: "DURATION",
  urls: "URL,...",
  origins: "URL,...",
  set: "NAME,...",
  list: "NAME,...",
  choice: "WORD",
  choices: "WORD",
  gates: "NAME=BOOL,...",
};

/** How the program is called, in a few lines: what a wrong command line gets to read. `command` is `etcd`, say. */
export function usageText(command: string): string {
  return `Usage:

  ${command} [flags]                start a server
  ${command} --config-file FILE     start it with the settings of a file alone
  ${command} --version              print the version
  ${command} --help                 list all flags
`;
}

/** The usage, and all flags by section with their defaults. Lines are at most 100 columns wide. */
export function helpText(command: string, foreign: ForeignFlags = noForeignFlags): string {
  const sections = flagSections.map((section) => {
    const flags = flagNames.filter((name) => flagRow(name).section === section).map(describeFlag);
    return `${section}:\n${flags.join("")}`;
  });
  return [usageText(command), syntaxText(), ...sections, ...foreignTexts(foreign), oldNamesText()].join("\n");
}

function syntaxText(): string {
  return `${wrap(
    "A flag is written --flag value or --flag=value, with one dash or two; a boolean takes its value behind an " +
      "equals sign only: --pre-vote=false. Durations are like 100ms, 5s, 1h30m. For each flag there is a variable: " +
      "--data-dir is ETCD_DATA_DIR. A flag and its variable must not both be set.",
    "",
  )}\n`;
}

function describeFlag(name: (typeof flagNames)[number]): string {
  const row = flagRow(name);
  const head = `  --${name} ${placeholders[row.kind]}`.trimEnd();
  const shown = row.shownDefault ?? row.default;
  const later = row.later === true ? " Not supported yet." : "";
  const gates = row.kind === "gates" ? gatesText() : "";
  return `${head}${describeDefault(head, shown)}\n${wrap(row.help + later, "      ")}\n${gates}`;
}

function foreignTexts({ section, rows }: ForeignFlags): string[] {
  return Object.keys(rows).length === 0 ? [] : [sectionText(section, rows)];
}

/** A section of flags that are not etcd's. */
export function sectionText(section: string, rows: ForeignFlags["rows"]): string {
  const flags = Object.entries(rows).map(([name, row]) => {
    const head = `  --${name} ${row.placeholder}`.trimEnd();
    return `${head}${describeDefault(head, row.default)}\n${wrap(row.help, "      ")}\n`;
  });
  return `${section}:\n${flags.join("")}`;
}

/** In parentheses behind the name; on a line of its own when that is too long. */
function describeDefault(head: string, shown: string): string {
  if (shown === "") return "";
  const beside = `  (${shown})`;
  return head.length + beside.length <= WIDTH ? beside : `\n      (${shown})`;
}

function gatesText(): string {
  return Object.entries(featureGateTable)
    .map(([gate, { stage, help }]) => {
      const standing = stage === "BETA" ? "on" : "off";
      return `${wrap(`${gate} (${stage.toLowerCase()}, ${standing}): ${help}`, "          ", "        ")}\n`;
    })
    .join("");
}

function oldNamesText(): string {
  const gates = Object.entries(flagsNowGates).map(([old, gate]) => `--${old} (gate ${gate})`);
  const text =
    "Names of etcd 3.5 that 3.6 still takes: --experimental- before " +
    `${flagsOnceExperimental.join(", ")}; and ${gates.join(", ")}.`;
  return `Old names:\n${wrap(text, "  ")}\n`;
}

/** Words up to the width; the first line may have another indent. */
function wrap(text: string, indent: string, firstIndent = indent): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const margin = lines.length === 0 ? firstIndent : indent;
    const longer = line === "" ? margin + word : `${line} ${word}`;
    if (longer.length > WIDTH && line !== "") {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join("\n");
}
