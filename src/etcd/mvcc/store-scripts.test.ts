import { testScripts } from "../../../test/script-runner.ts";
import { EtcdError } from "../errors.ts";
import { decodeKeyValue, Event_EventType } from "../wire/mvccpb.ts";
import { checkDeleteRange, checkPut, checkRange, checkTxn } from "./check.ts";
import { MemoryBackend } from "./memory-backend.ts";
import { MemoryLeases } from "./memory-leases.ts";
import { applyDeleteRange, applyPut } from "./operations.ts";
import { executeRange } from "./range.ts";
import { formatRevision, isTombstone, mainOf, subOf } from "./revision.ts";
import { MvccStore } from "./store.ts";
import {
  bytesText,
  formatPair,
  formatRange,
  formatTxn,
  parseDeleteRange,
  parsePut,
  parseRange,
  parseTxn,
} from "./testing/request-text.ts";
import { executeTxn, isTxnReadonly, isTxnSerializable } from "./txn.ts";
import type { Change } from "./write-txn.ts";

testScripts(new URL("scripts/store/", import.meta.url), () => {
  const interpreter = new Interpreter();
  return (command) => {
    try {
      return interpreter.run(command.split(" ")).join("\n");
    } catch (error) {
      if (error instanceof EtcdError) return `error ${error.code}`;
      throw error;
    }
  };
});

/** The commands of the scripts on a store over a backend that can crash. */
class Interpreter {
  #backend = new MemoryBackend();
  #leases = new MemoryLeases();
  #store = new MvccStore({ leases: this.#leases }, this.#backend);
  readonly #granted: bigint[] = [];
  #maxTxnOps = 128;

  run([verb, ...words]: string[]): string[] {
    switch (verb) {
      case "put": {
        const request = parsePut(words);
        checkPut(request);
        const { response, changes } = applyPut(this.#store, request);
        const previous = response.prevKv ? [`prev ${formatPair(response.prevKv)}`] : [];
        return [`revision=${response.header!.revision} ${formatChanges(changes)}`, ...previous];
      }
      case "get": {
        const request = parseRange(words);
        checkRange(request);
        const response = executeRange(this.#store, request);
        return [...formatRange(response), `revision=${response.revision}`];
      }
      case "del": {
        const request = parseDeleteRange(words);
        checkDeleteRange(request);
        const { response, changes } = applyDeleteRange(this.#store, request);
        const previous = response.prevKvs.map((kv) => `prev ${formatPair(kv)}`);
        const line = `revision=${response.header!.revision} deleted=${response.deleted} ${formatChanges(changes)}`;
        return [line.trimEnd(), ...previous];
      }
      case "txn": {
        const request = parseTxn(words);
        checkTxn(request, this.#maxTxnOps);
        const { response, changes } = executeTxn(this.#store, request);
        return [...formatTxn(response), formatChanges(changes)];
      }
      case "kind": {
        const request = parseTxn(words.slice(1));
        return [`readonly=${isTxnReadonly(request)} serializable=${isTxnSerializable(request)}`];
      }
      case "max-txn-ops":
        this.#maxTxnOps = Number(words[0]);
        return [];
      case "grant":
        this.#granted.push(BigInt(words[0]!));
        this.#leases.grant(BigInt(words[0]!));
        return [];
      case "leases":
        return this.#granted.map((id) => `${id}: ${this.#leases.keysOf(id).join(" ") || "no keys"}`);
      default:
        return this.#maintain(verb!, words);
    }
  }

  #maintain(verb: string, [word]: string[]): string[] {
    switch (verb) {
      case "compact":
        this.#store.scheduleCompaction(Number(word));
        return [this.#marks()];
      case "step": {
        const job = this.#store.pendingCompaction!;
        const isDone = job.step(Number(word));
        return [`${isDone ? "done" : "more to do"}, deleted ${job.stats.pairsDeleted}`];
      }
      case "finish": {
        const job = this.#store.pendingCompaction!;
        while (!job.step(1000));
        return [`done, deleted ${job.stats.pairsDeleted}`, this.#marks()];
      }
      case "hash": {
        const job = this.#store.hashKv(Number(word));
        while (!job.step(1000));
        const { hash, compactRevision, revision } = job.result;
        return [`${hash} compact=${compactRevision} revision=${revision}`];
      }
      case "hashes":
        return this.#store.compactionHashes.map(
          ({ hash, compactRevision, revision }) => `${hash} compact=${compactRevision} revision=${revision}`,
        );
      case "commit":
        void this.#backend.commit();
        return [];
      case "crash":
        this.#backend = this.#backend.crash();
        this.#leases = new MemoryLeases();
        for (const id of this.#granted) this.#leases.grant(id);
        this.#store = new MvccStore({ leases: this.#leases }, this.#backend);
        return [this.#marks()];
      case "pairs": {
        const pairs: string[] = [];
        this.#backend.scan("key", new Uint8Array(0), null, (key, value) => {
          const revision = formatRevision(mainOf(key), subOf(key), isTombstone(key));
          pairs.push(`${revision} ${formatPair(decodeKeyValue(value))}`);
          return true;
        });
        return pairs.length > 0 ? pairs : ["no pairs"];
      }
      case "counters":
        return [JSON.stringify(this.#store.counters), `keys=${this.#store.keysTotal}`];
      default:
        throw new Error(`no such command: ${verb}`);
    }
  }

  #marks(): string {
    const { currentRevision, compactRevision, pendingCompaction } = this.#store;
    const pending = pendingCompaction === null ? "" : ` pending=${pendingCompaction.revision}`;
    return `current=${currentRevision} compact=${compactRevision}${pending}`;
  }
}

function formatChanges(changes: readonly Change[]): string {
  return changes.map(({ type, kv }) => `${type === Event_EventType.PUT ? "+" : "-"}${bytesText(kv.key)}`).join(" ");
}
