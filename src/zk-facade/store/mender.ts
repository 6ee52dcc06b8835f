import type { Logger } from "../../etcd/base/logger.ts";
import { EtcdError } from "../../etcd/errors.ts";
import { newTxnRequest, type TxnRequest, type TxnResponse } from "../../etcd/wire/etcdserverpb.ts";
import type { Mend } from "../tree/faults.ts";
import type { KeySpace } from "../tree/key-space.ts";
import { planMend } from "../tree/mend.ts";
import type { ZnodeTree } from "../tree/znode-tree.ts";

/** What the mender asks of the facade. */
export interface MenderHost {
  tree(): ZnodeTree;
  txn(request: TxnRequest): Promise<TxnResponse>;
  /** Resolves when the tree has moved past a revision. */
  reached(revision: number): Promise<void>;
  /** Runs a job while no write of this facade is on its way. */
  exclusive(job: () => Promise<void>): void;
}

/** What etcd clients left undone is mended together, and not in the middle of what they are doing. */
const DELAY_MS = 20;

/**
 * Who makes durable what the tree knows and the store does not: an etcd client, or the end of a lease, changed keys
 * without their records.
 *
 *   fault seen ─ 20 ms ─▶ no write of ours under way ─▶ one txn each, as the tree stands by then
 *
 * Each mend is guarded by what it saw: of several facades that mend the same, one does and the others do nothing.
 */
export class Mender {
  /** This run of the facade, in the tags of its records. */
  readonly #run: number;
  readonly #keys: KeySpace;
  readonly #host: MenderHost;
  readonly #logger: Logger;
  /** Tags of mends count down where those of requests count up. */
  #sequence = 0xffff_ffff;
  #mends: Mend[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: { readonly run: number }, keys: KeySpace, host: MenderHost, logger: Logger) {
    this.#run = options.run;
    this.#keys = keys;
    this.#host = host;
    this.#logger = logger;
  }

  /** Takes in hand what was found. */
  later(mends: readonly Mend[]): void {
    if (mends.length === 0 || this.#closed) return;
    this.#mends.push(...mends);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#host.exclusive(() => this.#mend(this.#mends.splice(0)));
    }, DELAY_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #mend(mends: readonly Mend[]): Promise<void> {
    for (const mend of mends) {
      if (this.#closed) return;
      const tag = { facade: this.#run, sequence: this.#sequence-- };
      const txn = planMend(this.#host.tree(), this.#keys, mend, { tag });
      if (txn === null) continue;
      try {
        const request = newTxnRequest({ compare: [...txn.compares], success: [...txn.operations], failure: [] });
        const { succeeded, header } = await this.#host.txn(request);
        if (succeeded) await this.#host.reached(header!.revision);
      } catch (error) {
        // A lease that ended takes the znode with it. What else went wrong shows again with the next change.
        if (error instanceof EtcdError && error.code === "leaseNotFound") continue;
        this.#logger.warn("a znode that an etcd client wrote could not be recorded", { error: String(error) });
      }
    }
  }
}
