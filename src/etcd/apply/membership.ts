import { assert } from "../base/assert.ts";
import type { Backend } from "../mvcc/backend.ts";

/** One member as the cluster knows it. The name is empty until the member has published itself. */
export interface MemberRecord {
  readonly id: bigint;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly isLearner: boolean;
}

export interface DowngradeState {
  readonly enabled: boolean;
  readonly targetVersion: string;
}

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const CLUSTER_VERSION_KEY = encoder.encode("clusterVersion");
const DOWNGRADE_KEY = encoder.encode("downgrade");
const STORAGE_VERSION_KEY = encoder.encode("storageVersion");

/**
 * Who belongs to the cluster and which version it agreed on, mirrored in etcd's buckets `members`, `members_removed`
 * and `cluster` with etcd's own JSON, so that a snapshot of ours is a snapshot of etcd's.
 */
export class Membership {
  readonly #backend: Backend;
  readonly #members = new Map<bigint, MemberRecord>();
  readonly #removed = new Set<bigint>();
  #clusterVersion: string | null = null;
  #downgrade: DowngradeState = { enabled: false, targetVersion: "" };

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.scan("members", EMPTY, null, (_key, value) => {
      const member = parseMember(decoder.decode(value));
      this.#members.set(member.id, member);
      return true;
    });
    backend.scan("members_removed", EMPTY, null, (key) => {
      this.#removed.add(BigInt(`0x${decoder.decode(key)}`));
      return true;
    });
    const version = backend.get("cluster", CLUSTER_VERSION_KEY);
    if (version !== undefined) this.#clusterVersion = decoder.decode(version);
    const downgrade = backend.get("cluster", DOWNGRADE_KEY);
    if (downgrade !== undefined) this.#downgrade = parseDowngrade(decoder.decode(downgrade));
  }

  /** Ascending by id, as MemberList answers. */
  members(): MemberRecord[] {
    return [...this.#members.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  member(id: bigint): MemberRecord | undefined {
    return this.#members.get(id);
  }

  isRemoved(id: bigint): boolean {
    return this.#removed.has(id);
  }

  /** `3.6.0`, or null until the leader has decided it. */
  get clusterVersion(): string | null {
    return this.#clusterVersion;
  }

  get downgrade(): DowngradeState {
    return this.#downgrade;
  }

  /** `3.6.0` once the store is marked with it. */
  get storageVersion(): string {
    const version = this.#backend.get("meta", STORAGE_VERSION_KEY);
    return version === undefined ? "" : decoder.decode(version);
  }

  add(member: MemberRecord): void {
    assert(!this.#removed.has(member.id), `member ${member.id.toString(16)} was removed; its id never returns`);
    this.#store(member);
  }

  remove(id: bigint): void {
    const key = encoder.encode(id.toString(16));
    this.#members.delete(id);
    this.#removed.add(id);
    this.#backend.delete("members", key);
    this.#backend.put("members_removed", key, encoder.encode("removed"));
  }

  /** What a member publishes of itself once it runs. A removed member's word is ignored, as in etcd. */
  setAttributes(id: bigint, name: string, clientUrls: readonly string[]): void {
    const member = this.#members.get(id);
    if (member !== undefined) this.#store({ ...member, name, clientUrls });
  }

  setPeerUrls(id: bigint, peerUrls: readonly string[]): void {
    const member = this.#members.get(id);
    if (member !== undefined) this.#store({ ...member, peerUrls });
  }

  setClusterVersion(version: string): void {
    this.#clusterVersion = version;
    this.#backend.put("cluster", CLUSTER_VERSION_KEY, encoder.encode(version));
    this.#backend.put("meta", STORAGE_VERSION_KEY, encoder.encode(version));
  }

  setDowngrade(state: DowngradeState): void {
    this.#downgrade = state;
    const json = JSON.stringify({ "target-version": state.targetVersion, enabled: state.enabled });
    this.#backend.put("cluster", DOWNGRADE_KEY, encoder.encode(json));
  }

  #store(member: MemberRecord): void {
    this.#members.set(member.id, member);
    this.#backend.put("members", encoder.encode(member.id.toString(16)), encoder.encode(formatMember(member)));
  }
}

/** etcd's JSON of a member: fields in Go's order, absent ones left out, the id a bare number beyond 2^53. */
export function formatMember(member: MemberRecord): string {
  const fields = [`"id":${member.id}`, `"peerURLs":${goJson(member.peerUrls)}`];
  if (member.isLearner) fields.push('"isLearner":true');
  if (member.name !== "") fields.push(`"name":${goJson(member.name)}`);
  if (member.clientUrls.length > 0) fields.push(`"clientURLs":${goJson(member.clientUrls)}`);
  return `{${fields.join(",")}}`;
}

export function parseMember(json: string): MemberRecord {
  // JSON.parse would round the id, so it is read as text first; the writer puts it in front.
  const id = /^\s*\{\s*"id"\s*:\s*(\d+)/.exec(json)?.[1];
  assert(id !== undefined, "a member record starts with its id");
  const rest = JSON.parse(json) as { name?: string; peerURLs?: string[]; clientURLs?: string[]; isLearner?: boolean };
  return {
    id: BigInt(id),
    name: rest.name ?? "",
    peerUrls: rest.peerURLs ?? [],
    clientUrls: rest.clientURLs ?? [],
    isLearner: rest.isLearner ?? false,
  };
}

/** Go's encoder escapes what HTML would trip over, and both line separators. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function parseDowngrade(json: string): DowngradeState {
  const state = JSON.parse(json) as { "target-version"?: string; enabled?: boolean };
  return { enabled: state.enabled ?? false, targetVersion: state["target-version"] ?? "" };
}
