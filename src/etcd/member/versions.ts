import { EtcdError } from "../errors.ts";

/** `3.6` of `3.6.14`. */
export function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/**
 * The version to downgrade to, as `3.5.0`: one minor version below the cluster's. The patch may be left out.
 *
 * @throws EtcdError wrongDowngradeVersionFormat, invalidDowngradeTargetVersion
 */
export function checkDowngradeTarget(target: string, clusterVersion: string): string {
  const parsed = /^(\d+)\.(\d+)(?:\.\d+(?:-[\dA-Za-z.-]+)?(?:\+[\dA-Za-z.-]+)?)?$/.exec(target);
  if (parsed === null) throw new EtcdError("wrongDowngradeVersionFormat");
  const [major, minor] = clusterVersion.split(".").map(Number);
  if (Number(parsed[1]) !== major || Number(parsed[2]) !== minor! - 1) {
    throw new EtcdError("invalidDowngradeTargetVersion");
  }
  return `${parsed[1]!}.${parsed[2]!}.0`;
}
