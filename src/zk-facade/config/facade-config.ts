import type { AclRules } from "../acl/rules.ts";
import type { EnsembleServer } from "./ensemble.ts";
import type { ListenAddress } from "./listen-address.ts";

/**
 * All that a facade is told at its start: read once, checked, frozen, passed down. Times are milliseconds. Where
 * ZooKeeper computes a default from another setting, the result stands here already.
 */
export interface FacadeConfig {
  /** Empty: there is no ZooKeeper side. */
  readonly listen: readonly ListenAddress[];
  /** -1: the system's number. */
  readonly listenBacklog: number;

  readonly tickTimeMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly sessionlessTimeoutMs: number;
  /** From one address; 0: no limit. */
  readonly maxClientConnections: number;
  /** In all; 0: no limit. */
  readonly maxConnections: number;
  readonly globalOutstandingLimit: number;
  /** Longest frame in bytes. */
  readonly juteMaxBuffer: number;
  readonly largeRequests: {
    /** Requests of more bytes are large; -1: none is. */
    readonly thresholdBytes: number;
    /** Of those under way, together. */
    readonly bytesMax: number;
  };

  readonly extendedTypes: boolean;
  readonly enforceQuota: boolean;
  readonly container: {
    readonly checkIntervalMs: number;
    readonly maxPerMinute: number;
    /** 0: a container that never had a child stays. */
    readonly maxNeverUsedIntervalMs: number;
  };
  readonly readOnlyMode: boolean;
  readonly reconfigEnabled: boolean;
  /** 1 to 255; null: none was given, as for a server that stands alone. */
  readonly serverId: number | null;
  /** Of data in memory. */
  readonly dataCacheBytes: number;

  readonly acl: AclRules;
  /** Node's name of the digest scheme's hash: `sha1`. */
  readonly digestAlgorithm: string;
  /** `super:BASE64`; null: nobody is super. */
  readonly superDigest: string | null;
  /** Null: clients need not authenticate. Else by one of these schemes. */
  readonly enforcedSchemes: readonly string[] | null;

  /** As it was given: `*` or words, comma-separated. */
  readonly fourLetterWhitelist: string;
  readonly admin: AdminConfig;
  /** Where ZooKeeper's Prometheus provider listens; null: it was not asked for. */
  readonly prometheus: { readonly host: string; readonly port: number } | null;

  /** From a zoo.cfg. */
  readonly dataDir: string | null;
  readonly dataLogDir: string | null;
  /** The servers of an ensemble; null: the server stands alone. */
  readonly ensemble: ReadonlyMap<number, EnsembleServer> | null;
  /** The text of the zoo.cfg; null without one. */
  readonly configText: string | null;
  /** System properties, those that the zoo.cfg has set included. */
  readonly properties: ReadonlyMap<string, string>;
}

export interface AdminConfig {
  readonly enabled: boolean;
  readonly host: string;
  readonly port: number;
  /** False: the address is ZooKeeper's default, and a server that cannot have it should say so and go on. */
  readonly isAddressGiven: boolean;
  readonly idleTimeoutMs: number;
  readonly commandUrl: string;
}
