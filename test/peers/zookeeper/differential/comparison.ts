import { ZkClient } from "../../../support/zk-client.ts";
import type { ZkServer } from "../../../support/zk-servers.ts";
import { Player } from "./player.ts";
import type { Scenario, Step } from "./scenario.ts";
import { type Line, type Story, type StoryOptions, tell } from "./story.ts";

/** A server to be compared, and a client with the rights of super on it. */
export interface Side {
  readonly name: string;
  readonly port: number;
  readonly auditor: ZkClient;
  close(): Promise<void>;
}

export async function openSide(server: ZkServer): Promise<Side> {
  const { name, port } = server;
  const auditor = await ZkClient.connect({ port, timeoutMs: 30_000, pingEveryMs: 5000, keepLog: false });
  await auditor.ok("auth", { scheme: "digest", auth: "super:secret" });
  return { name, port, auditor, close: () => auditor.close() };
}

/** The first thing that two servers did otherwise. */
export interface Difference {
  readonly scenario: Scenario;
  readonly report: string;
}

/** A difference that is a silence takes its time with each try. */
const shrinkWithinMs = 60_000;

/** Plays scenarios on two servers and compares what they say. */
export class Comparison {
  readonly #sides: readonly [Side, Side];
  readonly #options: StoryOptions;
  #tops = 0;

  constructor(left: Side, right: Side, options: StoryOptions) {
    this.#sides = [left, right];
    this.#options = options;
  }

  /** Null when there is no difference, and neither server broke a rule. */
  async play(scenario: Scenario): Promise<Difference | null> {
    const top = `d${String(++this.#tops).padStart(7, "0")}`;
    const stories = await Promise.all(
      this.#sides.map(async (side) => tell(await new Player(side, scenario, top).play(), this.#options)),
    );
    const report = this.#report(stories as [Story, Story]);
    return report === null ? null : { scenario, report: report.replaceAll(top, "@") };
  }

  /** The same difference, or another one, with as few steps and requests as can be found by leaving some out. */
  async shrink(difference: Difference): Promise<Difference> {
    let smallest = difference;
    const deadline = Date.now() + shrinkWithinMs;
    const isFine = async (smaller: Scenario): Promise<boolean> => {
      const found = Date.now() < deadline ? await this.play(smaller) : null;
      if (found !== null) smallest = found;
      return found === null;
    };
    for (
      let size = Math.ceil(smallest.scenario.steps.length / 2);
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let from = 0; from < smallest.scenario.steps.length;) {
        const steps = smallest.scenario.steps.filter((_step, index) => index < from || index >= from + size);
        if (await isFine({ ...smallest.scenario, steps })) from += size;
      }
    }
    for (let index = 0; index < smallest.scenario.steps.length; index++) {
      for (let request = 0; ;) {
        const step = withoutRequest(smallest.scenario.steps[index]!, request);
        if (step === null) break;
        const steps = smallest.scenario.steps.with(index, step);
        if (await isFine({ ...smallest.scenario, steps })) request += 1;
      }
    }
    return smallest;
  }

  #report(stories: readonly [Story, Story]): string | null {
    const broken = stories.flatMap(({ violations }, index) => {
      return violations.map((violation) => `${this.#sides[index]!.name} broke a rule: ${violation}`);
    });
    if (broken.length > 0) return broken.slice(0, 5).join("\n");
    const streams = [...new Set(stories.flatMap((story) => story.lines.map((line) => line.stream)))];
    const differences = streams.map((stream) => this.#firstDifference(stream, stories)).filter((one) => one !== null);
    if (differences.length === 0) return null;
    return differences.sort((left, right) => left.step - right.step)[0]!.text;
  }

  #firstDifference(stream: string, stories: readonly [Story, Story]): { step: number; text: string } | null {
    const [left, right] = stories.map((story) => story.lines.filter((line) => line.stream === stream)) as [
      Line[],
      Line[],
    ];
    for (let at = 0; at < Math.max(left.length, right.length); at++) {
      const [mine, theirs] = [left[at], right[at]];
      if (mine?.text === theirs?.text) continue;
      const step = Math.min(mine?.step ?? Infinity, theirs?.step ?? Infinity);
      const before = left.slice(Math.max(0, at - 2), at).map((line) => `    ${line.text}`);
      const text = [
        `${stream}, step ${step}, after`,
        ...before,
        `  ${this.#sides[0].name}: ${mine?.text ?? "nothing more"}`,
        `  ${this.#sides[1].name}: ${theirs?.text ?? "nothing more"}`,
      ];
      return { step, text: text.join("\n") };
    }
    return null;
  }
}

function withoutRequest(step: Step, index: number): Step | null {
  if (step.kind !== "send") return null;
  const requests = step.requests;
  if (requests.length > 1 && index < requests.length)
    return { ...step, requests: requests.filter((_one, at) => at !== index) };
  const [only] = requests;
  if (only?.op !== "multi" || requests.length > 1 || index >= only.fields.members.length) return null;
  const members = only.fields.members.filter((_member, at) => at !== index);
  return { ...step, requests: [{ ...only, fields: { members } }] };
}

/** For people, and for a test that keeps it. */
export function describeDifference({ scenario, report }: Difference): string {
  const print = (value: unknown): string => {
    return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner));
  };
  return [`seed ${scenario.seed}:`, ...scenario.steps.map((step, index) => `  ${index}: ${print(step)}`), report].join(
    "\n",
  );
}
