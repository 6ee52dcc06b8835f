import { readFileSync } from "node:fs";
import { goArchitecture } from "./etcd/config/startup-fields.ts";
import { SERVER_VERSION } from "./etcd/version.ts";

/** The version of this package, not of the etcd it stands for. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new Error("package.json has no version");
}

/** The four lines of `etcd --version`. Scripts read the first; the others keep their shape and say what is true. */
export function versionText(): string {
  return [
    `etcd Version: ${SERVER_VERSION}`,
    `Git SHA: none (Bridgekeeper ${packageVersion()})`,
    `Go Version: none (Node.js ${process.version})`,
    `Go OS/Arch: ${process.platform}/${goArchitecture()}`,
    "",
  ].join("\n");
}
