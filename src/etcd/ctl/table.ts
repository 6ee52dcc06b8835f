/**
 * Tables as etcdctl draws them: centred capitals above, cells to the right, long texts broken between words.
 *
 *   +----------+----------+
 *   |   HASH   | REVISION |
 *   +----------+----------+
 *   | 708cc1d1 |        6 |
 *   +----------+----------+
 */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A cell wider than this is broken into lines, unless it is one word. */
const CELL_WIDTH_MAX = 30;

export function drawTable(table: Table): string {
  const titles = table.header.map((title) => wrap(title.replaceAll("_", " ").trim().toUpperCase()));
  const rows = table.rows.map((row) => row.map(wrap));
  const widths = table.header.map((_, column) =>
    Math.max(...[titles, ...rows].flatMap((row) => row[column]!.map(displayWidth))),
  );
  const rule = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+\n`;
  let drawn = rule + drawRow(titles, widths, centre) + rule;
  for (const row of rows) drawn += drawRow(row, widths, (text, width) => " ".repeat(width - displayWidth(text)) + text);
  return rows.length > 0 ? drawn + rule : drawn;
}

function drawRow(cells: readonly (readonly string[])[], widths: readonly number[], pad: Pad): string {
  const height = Math.max(...cells.map((lines) => lines.length));
  let drawn = "";
  for (let line = 0; line < height; line++) {
    drawn += `|${cells.map((lines, column) => ` ${pad(lines[line] ?? "", widths[column]!)} `).join("|")}|\n`;
  }
  return drawn;
}

type Pad = (text: string, width: number) => string;

function centre(text: string, width: number): string {
  const gap = width - displayWidth(text);
  const left = Math.floor(gap / 2);
  return " ".repeat(left) + text + " ".repeat(gap - left);
}

/**
 * Lines of at most {@link CELL_WIDTH_MAX} columns, with the raggedness (the squared free space of all lines but the
 * last) as small as can be. One long word raises the limit.
 */
function wrap(text: string): string[] {
  const words = text.replaceAll("\n", " ").split(" ");
  const widths = words.map(displayWidth);
  const limit = Math.max(CELL_WIDTH_MAX, ...widths);
  // best[i]: the least cost of the words from i on, and where its first line ends.
  const best: { cost: number; end: number }[] = [];
  for (let start = words.length - 1; start >= 0; start--) {
    best[start] = firstLine(widths, start, limit, best);
  }
  const lines: string[] = [];
  for (let start = 0; start < words.length; start = best[start]!.end) {
    lines.push(words.slice(start, best[start]!.end).join(" "));
  }
  return lines;
}

function firstLine(
  widths: readonly number[],
  start: number,
  limit: number,
  best: readonly { cost: number; end: number }[],
): { cost: number; end: number } {
  let chosen = { cost: Infinity, end: start + 1 };
  let width = -1;
  for (let end = start + 1; end <= widths.length; end++) {
    width += 1 + widths[end - 1]!;
    if (width > limit) break;
    if (end === widths.length) return { cost: 0, end };
    const cost = (limit - width) ** 2 + best[end]!.cost;
    if (cost < chosen.cost) chosen = { cost, end };
  }
  return chosen;
}

/** Columns on a terminal: marks take none, East Asian wide characters two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/^\p{M}$/u.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}

const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;
