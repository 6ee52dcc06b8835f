/** `version` */
import type { Command } from "commander";
import { SERVER_VERSION } from "../version.ts";
import type { Ctl } from "./ctl.ts";

export function defineVersion(program: Command, ctl: Ctl): void {
  program
    .command("version")
    .description("Prints the version of etcdctl")
    .action(() => {
      ctl.line(`etcdctl version: ${SERVER_VERSION}`);
      ctl.line(`API version: ${SERVER_VERSION.split(".").slice(0, 2).join(".")}`);
    });
}
