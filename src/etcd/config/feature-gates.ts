import { parseGoBoolean } from "./go-values.ts";

/**
 * etcd's switches for what is new or risky, `--feature-gates Name=true,Other=false`.
 * Source: facts of etcd 3.6; alpha gates are off and beta gates on unless set.
 */
export const featureGateTable = {
  StopGRPCServiceOnDefrag: { stage: "ALPHA", help: "answer NOT_SERVING to health checks while defragmenting" },
  InitialCorruptCheck: { stage: "ALPHA", help: "compare hashes with the other members before serving" },
  CompactHashCheck: { stage: "ALPHA", help: "the leader compares compaction hashes of the members" },
  TxnModeWriteWithSharedBuffer: { stage: "BETA", help: "share buffers between transactions; no effect here" },
  LeaseCheckpoint: { stage: "ALPHA", help: "replicate the remaining TTL of leases" },
  LeaseCheckpointPersist: { stage: "ALPHA", help: "keep checkpoints over restarts; needs LeaseCheckpoint" },
  SetMemberLocalAddr: { stage: "ALPHA", help: "dial peers from the advertised address" },
} as const;

export type FeatureGate = keyof typeof featureGateTable;

/** All gates, each on or off. */
export type FeatureGates = Readonly<Record<FeatureGate, boolean>>;

/** What was set by name, with the group switches already spread over their gates. */
export type FeatureGateSettings = ReadonlyMap<FeatureGate, boolean>;

const groupSwitches = { AllAlpha: "ALPHA", AllBeta: "BETA" } as const;

export function isFeatureGate(name: string): name is FeatureGate {
  return Object.hasOwn(featureGateTable, name);
}

/** Throws an Error in etcd's words. */
export function parseFeatureGates(text: string): FeatureGateSettings {
  const byName = new Map<string, boolean>();
  for (const part of text.split(",")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(0, equals)).trim();
    if (equals < 0) throw new Error(`missing bool value for ${name}`);
    const value = part.slice(equals + 1).trim();
    const on = parseGoBoolean(value);
    if (on === null) {
      const cause = `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
      throw new Error(`invalid value of ${name}=${value}, err: ${cause}`);
    }
    byName.set(name, on);
  }
  const settings = new Map<FeatureGate, boolean>();
  for (const [name, on] of byName) {
    if (isFeatureGate(name)) settings.set(name, on);
    else if (!Object.hasOwn(groupSwitches, name)) throw new Error(`unrecognized feature gate: ${name}`);
  }
  // A gate that was named keeps its value; a group switch moves only the others.
  for (const [group, stage] of Object.entries(groupSwitches)) {
    const on = byName.get(group);
    if (on === undefined) continue;
    for (const gate of featureGateNames()) {
      if (featureGateTable[gate].stage === stage && !settings.has(gate)) settings.set(gate, on);
    }
  }
  return settings;
}

/** Fills in the defaults. */
export function resolveFeatureGates(settings: FeatureGateSettings): FeatureGates {
  const gates = featureGateNames().map((gate) => {
    return [gate, settings.get(gate) ?? featureGateTable[gate].stage === "BETA"] as const;
  });
  return Object.freeze(Object.fromEntries(gates) as Record<FeatureGate, boolean>);
}

/** `A=true,B=false`, sorted by name: only what was set. */
export function formatFeatureGates(settings: FeatureGateSettings): string {
  return [...settings]
    .map(([gate, on]) => `${gate}=${on}`)
    .sort()
    .join(",");
}

function featureGateNames(): FeatureGate[] {
  return Object.keys(featureGateTable).filter(isFeatureGate);
}
