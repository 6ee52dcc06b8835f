import type { Disk } from "../disk.ts";
import { silentLogger } from "../../base/logger.ts";
import { seededRandom } from "../../base/random.ts";
import { Member } from "../member.ts";
import type { MemberOptions } from "../member-options.ts";
import { noMetrics } from "../member-metrics.ts";
import { LaggingBackend } from "./lagging-backend.ts";
import { MemoryLog } from "./memory-log.ts";

const identity = { memberId: 0x8e9e05c52164694dn, clusterId: 0xcdf818194e3a8c32n };

/** etcd's defaults, with a batch interval for those who do not like to wait. */
export const memberOptionsDefault: MemberOptions = {
  ...identity,
  name: "default",
  peerUrls: ["http://localhost:2380"],
  clientUrls: ["http://localhost:2379"],
  serverVersion: "3.6.14",
  clusterVersion: "3.6.0",
  heartbeatIntervalMs: 100,
  electionTimeoutMs: 1000,
  preVote: true,
  quotaBackendBytes: null,
  backendBatchIntervalMs: 5,
  backendBatchLimit: 10_000,
  snapshotCount: 10_000,
  snapshotCatchUpEntries: 5000,
  maxTxnOps: 128,
  maxRequestBytes: 1_572_864,
  watchProgressNotifyIntervalMs: 600_000,
  autoCompaction: { mode: "periodic", retention: 0 },
  compaction: { batchLimit: 1000, sleepIntervalMs: 0 },
  leaseCheckpoints: false,
  warningApplyDurationMs: 100,
};

/**
 * A whole member on memory ports, for tests: its log and its store on a disk that flushes, fails and crashes as the
 * test wants, and its time in the test's hand.
 */
export class MemberWorld {
  readonly options: MemberOptions;
  log = new MemoryLog();
  backend = new LaggingBackend();
  nowMs = 1_000_000;
  /** Why the member could not go on. */
  readonly failures: unknown[] = [];
  closedDisks = 0;
  /** What a defragmentation waits for. */
  defragmenting: Promise<void> = Promise.resolve();
  #member: Member | null = null;

  constructor(options: Partial<MemberOptions> = {}) {
    this.options = { ...memberOptionsDefault, ...options };
  }

  get member(): Member {
    if (this.#member === null) throw new Error("the member is not started");
    return this.#member;
  }

  async start(overrides: Partial<MemberOptions> = {}): Promise<Member> {
    const { backend, log } = this;
    const disk: Disk = {
      defragment: () => this.defragmenting,
      snapshot: () => {
        throw new Error("a store in memory has no file");
      },
      close: async () => {
        this.closedDisks++;
        await log.close();
      },
    };
    this.#member = await Member.start(
      { ...this.options, ...overrides },
      {
        backend,
        disk,
        recovered: log.recovered(identity),
        clock: { nowMs: () => this.nowMs, wallMs: () => this.nowMs },
        random: seededRandom(1),
        logger: silentLogger,
        raftLogger: silentLogger,
        metrics: noMetrics,
        failed: (error) => this.failures.push(error),
      },
    );
    return this.#member;
  }

  /**
   * The process dies where it stands. So much of what was not flushed is on the disk by chance: whole batches of the
   * store, and rows of the log.
   */
  async crash(byChance: { readonly logRows?: number; readonly batches?: number } = {}): Promise<void> {
    const dead = this.member;
    this.#member = null;
    this.log = this.log.crash(byChance.logRows);
    this.backend = this.backend.crash(byChance.batches);
    // Its timers end; its ports are dead, so nothing that it still does can reach the disk.
    await dead.stop().catch(() => undefined);
  }

  async stop(): Promise<void> {
    const { member } = this;
    this.#member = null;
    this.log.flushes = "auto";
    this.backend.isPrompt = true;
    this.backend.flush();
    await member.stop();
  }
}
