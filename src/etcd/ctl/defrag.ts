/** `defrag` */
import type { Command } from "commander";
import { formatMilliseconds } from "../base/go-duration.ts";
import type { Ctl } from "./ctl.ts";
import { clusterFlag, endpointsOf, type ClusterFlag } from "./endpoints.ts";
import { CtlError, errorText, exitCode } from "./exit.ts";

export function defineDefrag(program: Command, ctl: Ctl): void {
  clusterFlag(program.command("defrag"))
    .description("Defragments the storage of the etcd members with given endpoints")
    .action(async (flags: ClusterFlag) => {
      let failed = false;
      for (const endpoint of await endpointsOf(ctl, flags)) {
        const startMs = performance.now();
        const took = (): string => formatMilliseconds(performance.now() - startMs);
        try {
          await ctl.connect([endpoint]).defragment(ctl.soon);
          ctl.line(`Finished defragmenting etcd member[${endpoint}]. took ${took()}`);
        } catch (error) {
          failed = true;
          ctl.warn(`Failed to defragment etcd member[${endpoint}]. took ${took()}. (${errorText(error)})`);
        }
      }
      if (failed) throw new CtlError(exitCode.error, "");
    });
}
