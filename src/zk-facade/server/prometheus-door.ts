import type { FastifyInstance } from "fastify";
import { httpAddresses } from "./http-addresses.ts";
import { jetty } from "./jetty.ts";
import { PROMETHEUS_CONTENT_TYPE } from "./prometheus-text.ts";

export interface PrometheusDoorOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Makes the text anew for each request: of these samples, or of all. */
export type MetricsPage = (names: ReadonlySet<string> | null) => string;

/** The port that ZooKeeper's PrometheusMetricsProvider opens: /metrics and nothing else. */
export class PrometheusDoor {
  readonly #app: FastifyInstance;

  /** Rejects when the address cannot be had. */
  static async open(options: PrometheusDoorOptions, page: MetricsPage): Promise<PrometheusDoor> {
    const app = jetty({
      serves: (path) => path === "/metrics",
      answer(_request, { searchParams }) {
        const names = searchParams.getAll("name[]");
        const body = page(names.length === 0 ? null : new Set(names));
        return { code: 200, headers: { "content-type": PROMETHEUS_CONTENT_TYPE }, body };
      },
    });
    await app.listen({ host: options.host, port: options.port });
    return new PrometheusDoor(app);
  }

  private constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /** `0.0.0.0:7000`, with the port that was taken for port 0. */
  get addresses(): readonly string[] {
    return httpAddresses(this.#app.addresses());
  }

  /** Open connections are closed. May be called twice. */
  async close(): Promise<void> {
    await this.#app.close();
  }
}
