import type { Clock } from "../../../etcd/base/clock.ts";
import { ConnectionStats, ServerStats } from "../server-stats.ts";
import type { ConnectionStatus, FacadeStatus, QuotaStatus, Serving, SessionStatus } from "../status.ts";

/** A clock that stands still until it is moved. */
export class HandClock implements Clock {
  now = 12_000;
  wall = Date.UTC(2026, 10, 22, 6, 52, 0);

  nowMs(): number {
    return this.now;
  }

  wallMs(): number {
    return this.wall;
  }
}

/** A facade's status as a test says it is; what the test does not say is as on a server that nobody uses. */
export class FakeStatus implements FacadeStatus {
  readonly clock = new HandClock();
  readonly stats = new ServerStats(this.clock);
  settings = {
    version: "3.9.5-bridgekeeper.0.1.0, built on 2026-01-31 12:00 UTC",
    clientPort: 2181,
    secureClientPort: -1,
    dataDir: "/data/version-2",
    dataLogDir: "/log/version-2",
    tickTimeMs: 2000,
    maxClientConnections: 60,
    minSessionTimeoutMs: 4000,
    maxSessionTimeoutMs: 40_000,
    listenBacklog: -1,
    serverId: 0,
    configText: null as string | null,
  };

  state: Serving = "yes";
  zxid = 0;
  size = { znodes: 5, ephemerals: 0, dataBytes: 44 };
  open: ConnectionStatus[] = [];
  sessionList: SessionStatus[] = [];
  localSessions = 0;
  owners: (readonly [bigint, readonly string[]])[] = [];
  quotaList: QuotaStatus[] = [];
  /** Session and path, as data watches. */
  watched: (readonly [bigint, string])[] = [];

  readonly watches = {
    counts: () => ({
      connections: new Set(this.watched.map(([sessionId]) => sessionId)).size,
      paths: new Set(this.watched.map(([, path]) => path)).size,
      watches: this.watched.length,
    }),
    total: () => this.watched.length,
    byConnection: () =>
      [...new Set(this.watched.map(([watcher]) => watcher))].map((watcher) => ({
        watcher,
        paths: this.watched.filter(([sessionId]) => sessionId === watcher).map(([, path]) => path),
      })),
    byPath: () =>
      [...new Set(this.watched.map(([, path]) => path))].map((path) => ({
        path,
        watchers: this.watched.filter((watch) => watch[1] === path).map(([sessionId]) => sessionId),
      })),
  };

  serving(): Serving {
    return this.state;
  }

  lastZxid(): number {
    return this.zxid;
  }

  tree(): { znodes: number; ephemerals: number; dataBytes: number } {
    return this.size;
  }

  outstandingRequests(): number {
    return this.open.reduce((sum, { outstandingRequests }) => sum + outstandingRequests, 0);
  }

  connections(): readonly ConnectionStatus[] {
    return this.open;
  }

  connectionCount(): number {
    return this.open.length;
  }

  sessions(): readonly SessionStatus[] {
    return this.sessionList;
  }

  sessionCount(): number {
    return this.sessionList.length;
  }

  localSessionCount(): number {
    return this.localSessions;
  }

  ephemerals(): readonly (readonly [bigint, readonly string[]])[] {
    return this.owners;
  }

  quotas(): readonly QuotaStatus[] {
    return this.quotaList;
  }

  disk(): { dataBytes: number; logBytes: number } {
    return { dataBytes: 67109358, logBytes: 67109000 };
  }

  files(): { open: number; limit: number } {
    return { open: 63, limit: 20_000 };
  }

  /** Opens a connection from 127.0.0.1 that counts in `stats`. */
  connect(connection: Partial<ConnectionStatus> & { readonly remotePort: number }): ConnectionStatus {
    const opened: ConnectionStatus = {
      stats: new ConnectionStats(this.stats),
      remoteAddress: "127.0.0.1",
      isSecure: false,
      sessionId: 0n,
      sessionTimeoutMs: 30_000,
      establishedMs: 1_795_361_662_168,
      expiresMs: this.clock.wall + 10_000,
      outstandingRequests: 0,
      isReading: true,
      isWriting: false,
      ...connection,
    };
    this.open.push(opened);
    return opened;
  }
}
