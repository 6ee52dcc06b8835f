import assert from "node:assert/strict";
import { ZkClient } from "./zk-client.ts";

const ROUND_MS = 20;
/** An answer that takes longer is none. It guards against hanging, not against a busy machine. */
const ANSWER_WITHIN_MS = 30_000;

/**
 * A client that does nothing wrong: writes, reads back and pings, round after round, while others misbehave. It must not
 * notice them.
 */
export class Bystander {
  readonly client: ZkClient;
  readonly #path: string;
  #rounds = 0;
  #checked = 0;
  #failure: unknown = null;
  #isEnding = false;
  readonly #ended: Promise<void>;

  private constructor(client: ZkClient, path: string) {
    this.client = client;
    this.#path = path;
    this.#ended = this.#run().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  static async start(port: number, path: string): Promise<Bystander> {
    const client = await ZkClient.connect({
      port,
      timeoutMs: 60_000,
      keepLog: false,
      replyWithinMs: ANSWER_WITHIN_MS,
      pingEveryMs: 500,
    });
    await client.ok("create", { path });
    return new Bystander(client, path);
  }

  /** It was served since the last call, and is still. */
  async check(): Promise<void> {
    while (this.#failure === null && this.#rounds <= this.#checked) {
      await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    }
    assert.ok(this.#failure === null, `the bystander noticed: ${String(this.#failure)}`);
    this.#checked = this.#rounds;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#ended;
    await this.client.close();
  }

  async #run(): Promise<void> {
    for (let version = 1; !this.#isEnding; version++) {
      const data = `round ${version}`;
      const { stat } = await this.client.ok("setData", { path: this.#path, data });
      assert.equal(stat.version, version);
      const read = await this.client.ok("getData", { path: this.#path });
      assert.equal(read.data?.toString(), data);
      this.#rounds++;
      await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    }
  }
}
