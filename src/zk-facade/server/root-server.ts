import type { Clock } from "../../etcd/base/clock.ts";
import type { PartLogger } from "../../etcd/base/logger.ts";
import type { EtcdPort } from "../../etcd/port.ts";
import type { AuthRules } from "../acl/authentication.ts";
import type { ZkErrorCode } from "../errors.ts";
import { Connections, type ConnectionsOptions } from "./connections.ts";
import { Door, type DoorAddress } from "./door.ts";
import { Facade, type FacadeOptions } from "./facade.ts";
import { FourLetterWords } from "./four-letter-words.ts";
import { ReadOnlyMode } from "./read-only-mode.ts";
import { RootStatus } from "./root-status.ts";
import { ServerStats } from "./server-stats.ts";
import type { DiskSize, OpenFiles, ServerSettings } from "./status.ts";

export interface RootServerOptions {
  readonly doors: readonly DoorAddress[];
  readonly facade: FacadeOptions;
  readonly connections: ConnectionsOptions;
  /** Whether reads are served when the store is lost. */
  readonly hasReadOnlyMode: boolean;
  readonly authRules: AuthRules;
  readonly reconfigError: ZkErrorCode;
  readonly enforcedSchemes: readonly string[] | null;
  readonly whitelist: ReadonlySet<string>;
  readonly settings: ServerSettings;
}

export interface RootServerParts {
  readonly port: EtcdPort;
  readonly clock: Clock;
  readonly logger: PartLogger;
  randomBytes(count: number): Uint8Array;
  disk(): DiskSize;
  files(): OpenFiles;
}

/** The ZooKeeper server of one root: its tree, its doors, and all who came through them. */
export class RootServer {
  readonly status: RootStatus;
  readonly #doors: readonly Door[];
  readonly #facade: Facade;
  readonly #connections: Connections;
  readonly #readOnly: ReadOnlyMode | null;

  private constructor(doors: readonly Door[], facade: Facade, connections: Connections, status: RootStatus) {
    this.#doors = doors;
    this.#facade = facade;
    this.#connections = connections;
    this.#readOnly = connections.readOnly;
    this.status = status;
  }

  /** Resolves when clients are served. Who comes through the doors before that waits. */
  static async start(options: RootServerOptions, parts: RootServerParts): Promise<RootServer> {
    const { clock, logger } = parts;
    const stats = new ServerStats(clock);
    const facade = await Facade.start(options.facade, { ...parts, stats, logger: logger.from("zk-facade/facade.ts") });
    const doors: Door[] = [];
    const readOnly = options.hasReadOnlyMode
      ? new ReadOnlyMode(options.facade, {
          facade,
          port: parts.port,
          clock,
          logger: logger.from("zk-facade/read-only-mode.ts"),
          randomBytes: (count) => parts.randomBytes(count),
          expired: () => stats.metrics.counters.stale_sessions_expired.inc(),
          changed: () => connections.sendAway(),
        })
      : null;
    let words: FourLetterWords | null = null;
    const connections = new Connections(options.connections, {
      facade,
      readOnly,
      stats,
      clock,
      logger: logger.from("zk-facade/connection.ts"),
      rules: options.authRules,
      zxidOffset: 0,
      reconfigError: options.reconfigError,
      enforcedSchemes: options.enforcedSchemes,
      fourLetterWord: (opening) => words!.answerTo(opening),
    });
    try {
      for (const address of options.doors) doors.push(await Door.open(address, (socket) => connections.accept(socket)));
      const settings = { ...options.settings, clientPort: doors[0]?.port ?? options.settings.clientPort };
      const status = new RootStatus({
        facade,
        connections,
        stats,
        settings,
        clock,
        disk: () => parts.disk(),
        files: () => parts.files(),
      });
      words = new FourLetterWords(options.whitelist, status);
      return new RootServer(doors, facade, connections, status);
    } catch (error) {
      for (const door of doors) door.close();
      connections.close();
      readOnly?.close();
      facade.close();
      throw error;
    }
  }

  get root(): string {
    return this.#facade.keys.root;
  }

  /** `127.0.0.1:2181`, with the ports that were taken for port 0. */
  get addresses(): string[] {
    return this.#doors.flatMap(({ addresses }) => addresses);
  }

  /** Sessions live on: their clients find this server again, or another one. */
  close(): void {
    for (const door of this.#doors) door.close();
    this.#connections.close();
    this.#readOnly?.close();
    this.#facade.close();
  }
}
