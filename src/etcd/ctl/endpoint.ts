/** `endpoint status | health | hashkv` */
import type { Command } from "commander";
import { formatMilliseconds } from "../base/go-duration.ts";
import { EtcdError } from "../errors.ts";
import { newAlarmRequest, newHashKVRequest, newRangeRequest, type AlarmMember } from "../wire/etcdserverpb.ts";
import type { Ctl } from "./ctl.ts";
import { clusterFlag, endpointsOf, type ClusterFlag } from "./endpoints.ts";
import { CtlError, errorText, exitCode } from "./exit.ts";
import { int64Flag } from "./flags.ts";
import { alarmName } from "./names.ts";
import type { EndpointHashKv, EndpointHealth, EndpointStatus } from "./printer.ts";

export function defineEndpoint(program: Command, ctl: Ctl): void {
  const endpoint = program.command("endpoint").description("Endpoint related commands").usage("<subcommand>");

  clusterFlag(endpoint.command("health"))
    .description("Checks the healthiness of endpoints specified in `--endpoints` flag")
    .action(async (flags: ClusterFlag) => {
      const endpoints = await endpointsOf(ctl, flags);
      const rows = await Promise.all(endpoints.map((one) => checkHealth(ctl, one)));
      ctl.print({ kind: "endpointHealth", rows });
      if (rows.some((row) => row.error !== "")) throw new CtlError(exitCode.error, "unhealthy cluster");
    });

  clusterFlag(endpoint.command("status"))
    .description(
      "Prints out the status of endpoints specified in `--endpoints` flag: endpoint, ID, version, storage version, " +
        "db size, in use, percentage not in use, quota, is leader, is learner, raft term, raft index, " +
        "raft applied index, errors, downgrade target version, downgrade enabled",
    )
    .action(async (flags: ClusterFlag) => {
      const visit = await visitEach(ctl, flags, "status", async (one): Promise<EndpointStatus> => {
        return { endpoint: one, response: await ctl.connect([one]).status(ctl.soon) };
      });
      ctl.print({ kind: "endpointStatus", rows: visit.rows });
      if (visit.failure) throw new CtlError(exitCode.error, "");
    });

  clusterFlag(endpoint.command("hashkv"))
    .description("Prints the KV history hash for each endpoint in --endpoints")
    .option("--rev <number>", "maximum revision to hash (default: latest revision)", int64Flag("rev"), 0)
    .action(async (flags: ClusterFlag & { readonly rev: number }) => {
      const request = newHashKVRequest({ revision: flags.rev });
      const visit = await visitEach(ctl, flags, "hash", async (one): Promise<EndpointHashKv> => {
        return { endpoint: one, response: await ctl.connect([one]).hashKv(request, ctl.soon) };
      });
      ctl.print({ kind: "endpointHashKv", rows: visit.rows });
      if (visit.failure) throw new CtlError(exitCode.error, errorText(visit.failure));
    });
}

/** Asks one endpoint after the other. Those that fail are told of on standard error and left out. */
async function visitEach<Row>(
  ctl: Ctl,
  flags: ClusterFlag,
  what: string,
  ask: (endpoint: string) => Promise<Row>,
): Promise<{ readonly rows: Row[]; readonly failure: unknown }> {
  const rows: Row[] = [];
  let failure: unknown;
  for (const endpoint of await endpointsOf(ctl, flags)) {
    try {
      rows.push(await ask(endpoint));
    } catch (error) {
      failure = error;
      ctl.warn(`Failed to get the ${what} of endpoint ${endpoint} (${errorText(error)})`);
    }
  }
  return { rows, failure };
}

/** Healthy is who answers a linearizable read, even by refusing it to us, and has no alarm. */
async function checkHealth(ctl: Ctl, endpoint: string): Promise<EndpointHealth> {
  const client = ctl.connect([endpoint]);
  const deadline = AbortSignal.timeout(ctl.globals.commandTimeoutMs);
  const startMs = performance.now();
  let error = "";
  try {
    await client.range(newRangeRequest({ key: Buffer.from("health") }), ctl.soon);
  } catch (failure) {
    if (!(failure instanceof EtcdError && failure.code === "permissionDenied")) error = errorText(failure);
  }
  const took = formatMilliseconds(performance.now() - startMs);
  if (error === "") {
    error = await client
      .alarm(newAlarmRequest(), { signal: deadline })
      .then(({ alarms }) => alarmsText(alarms))
      .catch(() => "Unable to fetch the alarm list");
  }
  return { endpoint, health: error === "", took, error };
}

function alarmsText(alarms: readonly AlarmMember[]): string {
  if (alarms.length === 0) return "";
  return `Active Alarm(s): ${alarms.map(({ alarm }) => `${alarm === 1 || alarm === 2 ? alarmName(alarm) : "UNKNOWN"} `).join("")}`;
}
