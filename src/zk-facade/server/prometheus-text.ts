import { JavaDouble } from "./java-text.ts";
import { gauges, quotaGauges } from "./monitor.ts";
import type { FacadeStatus } from "./status.ts";
import type { ProcessMetric } from "./process-metrics.ts";
import type { DetailedSummary, Summary } from "./summary.ts";

type Labels = Readonly<Record<string, string>>;
type Type = "gauge" | "counter" | "summary";

/** Basic summaries have a median only, as ZooKeeper's provider has them. */
const basicShares = [0.5];
const detailedShares = [0.5, 0.9, 0.99];
/** Of each learner of an ensemble, and so of nobody. */
const learnerSummaryNames = ["ack_latency", "learner_handler_qp_size", "learner_handler_qp_time_ms"];

/**
 * ZooKeeper's metrics in the text format of Prometheus, under the bare names that ZooKeeper's own provider gives them. When
 * there are several roots, each sample says of which one it is.
 */
export function prometheusText(statuses: ReadonlyMap<string, FacadeStatus>): string {
  return familiesOf(statuses, null).text();
}

/** The page of ZooKeeper's own provider: the process's metrics as well, and of all samples those of these names, or all. */
export function providerPage(
  statuses: ReadonlyMap<string, FacadeStatus>,
  process: readonly ProcessMetric[],
  names: ReadonlySet<string> | null,
): string {
  const families = familiesOf(statuses, names);
  for (const { type, name, value } of process) families.add(type, name, {}, value);
  return families.text();
}

function familiesOf(statuses: ReadonlyMap<string, FacadeStatus>, names: ReadonlySet<string> | null): Families {
  const families = new Families(names);
  for (const name of learnerSummaryNames) families.declare("summary", name);
  for (const [root, status] of statuses) {
    addStatus(families, status, statuses.size > 1 ? { root } : {});
  }
  return families;
}

export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

function addStatus(families: Families, status: FacadeStatus, labels: Labels): void {
  const { metrics } = status.stats;
  for (const [name, value] of gauges(status)) {
    families.add("gauge", name, labels, value instanceof JavaDouble ? value.value : value);
  }
  for (const [name, values] of quotaGauges(status)) {
    families.declare("gauge", name);
    for (const [key, value] of values) families.add("gauge", name, { ...labels, key }, value);
  }
  for (const [name, counter] of Object.entries(metrics.counters)) families.add("counter", name, labels, counter.value);
  const exceeded = "quota_exceeded_error_per_namespace";
  families.declare("counter", exceeded);
  for (const [key, counter] of metrics.quotaExceededPerNamespace.members) {
    families.add("counter", exceeded, { ...labels, key }, counter.value);
  }
  for (const [name, summary] of Object.entries(metrics.basic)) {
    addQuantiles(families, name, summary, labels, basicShares);
    addTotals(families, name, summary, labels);
  }
  for (const [name, summary] of Object.entries(metrics.detailed)) {
    addQuantiles(families, name, summary, labels, detailedShares);
    addTotals(families, name, summary, labels);
  }
  const sets = { read_per_namespace: metrics.readPerNamespace, write_per_namespace: metrics.writePerNamespace };
  for (const [name, set] of Object.entries(sets)) {
    // A namespace keeps its sums only, so there is no median.
    families.declare("summary", name);
    for (const [key, summary] of set.members) addTotals(families, name, summary, { ...labels, key });
  }
}

function addQuantiles(
  families: Families,
  name: string,
  summary: DetailedSummary,
  labels: Labels,
  shares: readonly number[],
): void {
  for (const share of shares) {
    const value = summary.count === 0 ? NaN : summary.quantile(share);
    families.add("summary", name, { ...labels, quantile: String(share) }, value);
  }
}

function addTotals(families: Families, name: string, summary: Summary, labels: Labels): void {
  families.add("summary", name, labels, summary.count, "_count");
  families.add("summary", name, labels, summary.sum, "_sum");
}

/** Help and type. */
const DECLARATION_LINES = 2;

/** The lines of each metric, gathered, because the format wants them together. */
class Families {
  /** Of the samples that are wanted; null: all are. */
  readonly #names: ReadonlySet<string> | null;
  readonly #lines = new Map<string, string[]>();

  constructor(names: ReadonlySet<string> | null) {
    this.#names = names;
  }

  /** A metric may have no sample yet, and is listed all the same. The help is the name, as ZooKeeper has it. */
  declare(type: Type, name: string): string[] {
    let lines = this.#lines.get(name);
    if (lines === undefined) {
      lines = [`# HELP ${name} ${name}`, `# TYPE ${name} ${type}`];
      this.#lines.set(name, lines);
    }
    return lines;
  }

  add(type: Type, name: string, labels: Labels, value: number, suffix = ""): void {
    if (this.#names !== null && !this.#names.has(`${name}${suffix}`)) return;
    this.declare(type, name).push(`${name}${suffix}${labelText(labels)} ${numberText(value)}`);
  }

  text(): string {
    const all = [...this.#lines.values()];
    // Whoever wants some does not want the names of others.
    const wanted = this.#names === null ? all : all.filter(({ length }) => length > DECLARATION_LINES);
    return wanted.map((lines) => `${lines.join("\n")}\n`).join("");
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

/** The format knows exponents, and writes NaN as JavaScript does. */
function numberText(value: number): string {
  return String(value);
}
