import type { FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "../base/logger.ts";
import { type HealthCheck, type HealthParts, livezChecks, readyzChecks, unhealthyReason } from "./health-checks.ts";
import type { Metrics } from "./metrics.ts";
import { sendText } from "./plain-reply.ts";
import { queryOf } from "./query.ts";
import type { Routes } from "./routes.ts";

export interface HealthRoutesParts extends HealthParts {
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** /health, /livez and /readyz with their parameters, as etcd answers them. */
export function addHealthRoutes(routes: Routes, parts: HealthRoutesParts): void {
  routes.get("/health", (request, reply) => serveHealth(parts, request, reply));
  addChecks(routes, parts, "livez", livezChecks(parts));
  addChecks(routes, parts, "readyz", readyzChecks(parts));
}

async function serveHealth(
  parts: HealthRoutesParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const query = queryOf(request);
  const reason = await unhealthyReason(parts, {
    excludedAlarms: new Set(query.getAll("exclude")),
    serializable: query.get("serializable") === "true",
  });
  const body = JSON.stringify({ health: String(reason === null), reason: reason ?? "" });
  if (reason !== null) {
    parts.metrics.healthFailures.inc();
    parts.logger.warn("/health error", { output: body, "status-code": 503 });
    return sendText(reply, 503, body);
  }
  parts.metrics.healthSuccess.inc();
  return reply.header("content-type", "text/plain; charset=utf-8").send(body);
}

/** All checks on `/livez` or `/readyz`, each alone on a path below. */
function addChecks(
  routes: Routes,
  parts: HealthRoutesParts,
  type: "livez" | "readyz",
  checks: readonly HealthCheck[],
): void {
  const path = `/${type}`;
  routes.get(path, (request, reply) => {
    const excluded = new Set(
      queryOf(request)
        .getAll("exclude")
        .filter((name) => name !== ""),
    );
    const wanted = checks.filter(({ name }) => !excluded.delete(name));
    if (excluded.size > 0) {
      const names = [...excluded].map((name) => JSON.stringify(name)).join(",");
      parts.logger.warn("some health checks cannot be excluded", { "missing-health-checks": names });
    }
    return serveChecks({ ...parts, type, path }, wanted, request, reply);
  });
  for (const check of checks) {
    const checkPath = `${path}/${check.name}`;
    routes.get(checkPath, (request, reply) =>
      serveChecks({ ...parts, type, path: checkPath }, [check], request, reply),
    );
  }
}

async function serveChecks(
  parts: HealthRoutesParts & { readonly type: string; readonly path: string },
  checks: readonly HealthCheck[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { metrics, logger, type, path } = parts;
  const lines: string[] = [];
  let hasFailed = false;
  for (const { name, run } of checks) {
    const failure = await run();
    lines.push(failure === null ? `[+]${name} ok\n` : `[-]${name} failed: ${failure}\n`);
    if (failure !== null) hasFailed = true;
    metrics.healthCheck.with(type, name).set(failure === null ? 1 : 0);
    metrics.healthChecks.with(type, name, failure === null ? "success" : "error").inc();
  }
  const reason = lines.join("");
  if (hasFailed) {
    logger.error("Health check error", { path, reason, "status-code": 503 });
    return sendText(reply, 503, reason);
  }
  return sendText(reply, 200, queryOf(request).has("verbose") ? `${reason}ok` : "ok");
}
