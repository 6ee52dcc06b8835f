import { putCostBytes, txnCostBytes } from "../apply/quota.ts";
import { checkDeleteRange, checkPut, checkRange, checkTxn } from "../mvcc/check.ts";
import { executeRange, type RangeOutcome } from "../mvcc/range.ts";
import { executeTxn, isTxnReadonly, isTxnSerializable } from "../mvcc/txn.ts";
import type { CallOptions } from "../port.ts";
import type {
  CompactionRequest,
  CompactionResponse,
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
} from "../wire/etcdserverpb.ts";
import type { KeyValue } from "../wire/mvccpb.ts";
import type { Compactions } from "./compactions.ts";
import type { Consensus } from "./consensus.ts";
import type { MemberCore } from "./member-core.ts";
import type { Proposer } from "./proposer.ts";
import { checkRangeStream, rangeInChunks } from "./range-stream.ts";
import type { StoreCommits } from "./store-commits.ts";

export interface MemberKvParts {
  readonly consensus: Consensus;
  readonly proposer: Proposer;
  readonly compactions: Compactions;
  readonly commits: StoreCommits;
}

/** etcd's KV on a member: reads run on the applied state, once they may; writes go through the log. */
export class MemberKv {
  readonly #core: MemberCore;
  readonly #parts: MemberKvParts;

  constructor(core: MemberCore, parts: MemberKvParts) {
    this.#core = core;
    this.#parts = parts;
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    const core = this.#core;
    checkRange(request);
    if (!request.serializable) await this.#parts.consensus.linearizable();
    if (core.gate !== null) await core.gate;
    core.checkOpen();
    const { kvs, more, count, revision } = this.#measured(request);
    return { header: core.header(revision), kvs, more, count };
  }

  async *rangeStream(request: RangeRequest): AsyncGenerator<RangeResponse> {
    const core = this.#core;
    checkRange(request);
    checkRangeStream(request);
    if (!request.serializable) await this.#parts.consensus.linearizable();
    if (core.gate !== null) await core.gate;
    const header = (revision: number) => core.header(revision);
    for (const chunk of rangeInChunks(core.replica.store, request, core.options.maxRequestBytes, header)) {
      yield chunk;
      if (core.gate !== null) await core.gate;
      core.checkOpen();
    }
  }

  async put(request: PutRequest, options?: CallOptions): Promise<PutResponse> {
    const { maxRequestBytes } = options?.limits ?? this.#core.options;
    if (!this.#parts.proposer.fits(putCostBytes(request))) await this.#parts.proposer.refuseForSpace();
    checkPut(request);
    return this.#parts.proposer.propose("put", request, maxRequestBytes);
  }

  async deleteRange(request: DeleteRangeRequest): Promise<DeleteRangeResponse> {
    checkDeleteRange(request);
    return this.#parts.proposer.propose("deleteRange", request);
  }

  async txn(request: TxnRequest, options?: CallOptions): Promise<TxnResponse> {
    const core = this.#core;
    const { proposer, consensus } = this.#parts;
    const { maxTxnOps, maxRequestBytes } = options?.limits ?? core.options;
    if (!proposer.fits(txnCostBytes(request))) await proposer.refuseForSpace();
    checkTxn(request, maxTxnOps);
    if (!isTxnReadonly(request)) return proposer.propose("txn", request, maxRequestBytes);
    if (!isTxnSerializable(request)) await consensus.linearizable();
    if (core.gate !== null) await core.gate;
    core.checkOpen();
    const { response } = executeTxn(core.replica.store, request);
    core.complete(response.header);
    return response;
  }

  async compact(request: CompactionRequest): Promise<CompactionResponse> {
    const { proposer, compactions, commits } = this.#parts;
    const response = await proposer.propose("compaction", request);
    if (request.physical) {
      await compactions.finished(request.revision);
      // A stop ends the work early; the next start goes on with it.
      this.#core.checkOpen();
      await commits.commit();
    }
    response.header!.revision = this.#core.replica.store.currentRevision;
    return response;
  }

  #measured(request: RangeRequest): RangeOutcome<KeyValue> {
    const { clock, metrics } = this.#core.parts;
    const begunMs = clock.nowMs();
    let isSuccess = false;
    try {
      const outcome = executeRange(this.#core.replica.store, request);
      isSuccess = true;
      return outcome;
    } finally {
      metrics.rangeServed((clock.nowMs() - begunMs) / 1000, isSuccess);
    }
  }
}
