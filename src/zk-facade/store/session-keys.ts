import type { Clock } from "../../etcd/base/clock.ts";
import { EtcdError } from "../../etcd/errors.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  newCompare,
  newLeaseGrantRequest,
  newLeaseRevokeRequest,
  newPutRequest,
  newTxnRequest,
  type TxnRequest,
} from "../../etcd/wire/etcdserverpb.ts";
import type { SessionIds } from "../session/session-id.ts";
import { encodeSessionRecord, type SessionOwner, type SessionRecord } from "../session/session-record.ts";
import type { KeySpace } from "../tree/key-space.ts";
import type { Session } from "./session.ts";

export interface SessionKeysHost {
  readonly port: Pick<EtcdPort, "put" | "txn" | "leaseGrant" | "leaseRevoke">;
  readonly keys: KeySpace;
  readonly clock: Clock;
}

/** What a new session begins with. */
export interface Birth {
  readonly timeoutMs: number;
  readonly ttlSeconds: number;
  /** Of its password, which the store does not have. */
  readonly proof: Uint8Array;
}

/** Sessions as the store has them: a key, and a lease of the same id. What is written here names the facade that writes. */
export class SessionKeys {
  readonly #owner: SessionOwner;
  readonly #host: SessionKeysHost;
  readonly #ids: SessionIds;

  constructor(owner: SessionOwner, host: SessionKeysHost, ids: SessionIds) {
    this.#owner = owner;
    this.#host = host;
    this.#ids = ids;
  }

  /** Grants a lease and writes the key; resolves with the session's id and the revision of the key. */
  async create({ timeoutMs, ttlSeconds, proof }: Birth): Promise<{ readonly id: bigint; readonly revision: number }> {
    const { port, keys, clock } = this.#host;
    const id = await this.#grant(ttlSeconds);
    const value = encodeSessionRecord({ timeoutMs, proof, owner: this.#owner, createdMs: clock.wallMs() });
    try {
      const { header } = await port.put(newPutRequest({ key: keys.sessionKey(id), value, lease: id }));
      return { id, revision: header!.revision };
    } catch (error) {
      // If it was written all the same, nobody has the password.
      this.revoke(id);
      throw error;
    }
  }

  /** Writes this facade into a session's key. Null: somebody else did at the same time, or it is gone. */
  async take({ id, key, keyRevision, record }: Session, timeoutMs: number): Promise<number | null> {
    const { port } = this.#host;
    const taken: SessionRecord = { ...record, timeoutMs, owner: this.#owner };
    const put = newPutRequest({ key, value: encodeSessionRecord(taken), lease: id });
    try {
      const { succeeded, header } = await port.txn(putUnlessChanged(put, keyRevision));
      return succeeded ? header!.revision : null;
    } catch (error) {
      if (error instanceof EtcdError && error.code === "leaseNotFound") return null;
      throw error;
    }
  }

  /** Of a lease that holds nothing any more. If this fails it ends by itself. */
  revoke(id: bigint): void {
    this.#host.port.leaseRevoke(newLeaseRevokeRequest({ id })).catch(() => undefined);
  }

  async #grant(ttl: number): Promise<bigint> {
    for (;;) {
      const id = this.#ids.next();
      try {
        await this.#host.port.leaseGrant(newLeaseGrantRequest({ id, ttl }));
        return id;
      } catch (error) {
        // Another facade, or an etcd client, had the same idea.
        if (!(error instanceof EtcdError && error.code === "leaseExists")) throw error;
      }
    }
  }
}

function putUnlessChanged(put: ReturnType<typeof newPutRequest>, revision: number): TxnRequest {
  return newTxnRequest({
    compare: [
      newCompare({
        key: put.key,
        target: Compare_CompareTarget.MOD,
        result: Compare_CompareResult.EQUAL,
        targetUnion: { case: "modRevision", value: revision },
      }),
    ],
    success: [{ request: { case: "requestPut", value: put } }],
    failure: [],
  });
}
