import type { Clock } from "../../etcd/base/clock.ts";
import type { Connections } from "./connections.ts";
import type { Facade, Watcher } from "./facade.ts";
import type { ServerStats } from "./server-stats.ts";
import {
  type ConnectionStatus,
  type DiskSize,
  type FacadeStatus,
  type OpenFiles,
  type QuotaStatus,
  type ServerSettings,
  type Serving,
  type SessionStatus,
  type TreeSize,
  watchStatusOf,
  type WatchStatus,
} from "./status.ts";

export interface RootStatusParts {
  readonly facade: Facade;
  readonly connections: Connections;
  readonly stats: ServerStats;
  readonly settings: ServerSettings;
  readonly clock: Clock;
  disk(): DiskSize;
  files(): OpenFiles;
}

/** What the server of one root tells about itself. Nothing is kept for it: every answer is read from the parts. */
export class RootStatus implements FacadeStatus {
  readonly stats: ServerStats;
  readonly settings: ServerSettings;
  readonly watches: WatchStatus;
  readonly #parts: RootStatusParts;

  constructor(parts: RootStatusParts) {
    this.#parts = parts;
    this.stats = parts.stats;
    this.settings = parts.settings;
    this.watches = watchStatusOf<Watcher>(parts.facade.watches, ({ sessionId }) => sessionId);
  }

  serving(): Serving {
    return this.#parts.connections.readOnly?.isOn === true ? "readOnly" : "yes";
  }

  lastZxid(): number {
    return this.#parts.facade.revision + this.#parts.connections.zxidOffset;
  }

  tree(): TreeSize {
    const { znodeCount, ephemeralCount, dataBytes } = this.#parts.facade.tree;
    // ZooKeeper counts its root twice, under the names "" and "/".
    return { znodes: znodeCount + 1, ephemerals: ephemeralCount, dataBytes };
  }

  outstandingRequests(): number {
    return this.#parts.connections.requestsOutstanding;
  }

  *connections(): Iterable<ConnectionStatus> {
    const due = new Map<bigint, number>();
    for (const { sessionId, expiresMs } of this.sessions()) due.set(sessionId, expiresMs);
    for (const connection of this.#parts.connections.all()) {
      const { stats, remoteAddress, remotePort, sessionId, sessionTimeoutMs, establishedMs } = connection;
      yield {
        stats,
        remoteAddress,
        remotePort,
        isSecure: false,
        sessionId,
        sessionTimeoutMs,
        establishedMs,
        expiresMs: due.get(sessionId) ?? establishedMs,
        outstandingRequests: connection.outstandingRequests,
        isReading: connection.hasSession && !connection.isPaused,
        isWriting: connection.isWriting,
      };
    }
  }

  connectionCount(): number {
    return this.#parts.connections.size;
  }

  *sessions(): Iterable<SessionStatus> {
    const { clock, facade, connections } = this.#parts;
    const wallAheadMs = clock.wallMs() - clock.nowMs();
    const locals = connections.readOnly?.sessions.schedule() ?? [];
    for (const { dueMs, items } of [...facade.sessions.schedule(), ...locals]) {
      const expiresMs = Math.floor(dueMs + wallAheadMs);
      for (const { id, timeoutMs } of items) yield { sessionId: id, timeoutMs, expiresMs };
    }
  }

  sessionCount(): number {
    return this.#parts.facade.sessions.size + this.localSessionCount();
  }

  localSessionCount(): number {
    return this.#parts.connections.readOnly?.sessions.size ?? 0;
  }

  *ephemerals(): Iterable<readonly [bigint, Iterable<string>]> {
    const { tree } = this.#parts.facade;
    for (const owner of tree.ephemeralOwners()) yield [owner, tree.ephemeralsOf(owner)];
  }

  *quotas(): Iterable<QuotaStatus> {
    for (const quota of this.#parts.facade.tree.quotas()) {
      const { path, usedCount, usedBytes } = quota;
      yield {
        path,
        countLimit: quota.countHardLimit >= 0 ? quota.countHardLimit : quota.count,
        bytesLimit: quota.bytesHardLimit >= 0 ? quota.bytesHardLimit : quota.bytes,
        usedCount,
        usedBytes,
      };
    }
  }

  disk(): DiskSize {
    return this.#parts.disk();
  }

  files(): OpenFiles {
    return this.#parts.files();
  }
}
