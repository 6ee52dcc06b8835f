import Fastify, { type FastifyInstance } from "fastify";
import { httpAddresses } from "./http-addresses.ts";
import { PROMETHEUS_CONTENT_TYPE } from "./prometheus-text.ts";

export interface PrometheusDoorOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** The port that ZooKeeper's PrometheusMetricsProvider opens: /metrics and nothing else. */
export class PrometheusDoor {
  readonly #app: FastifyInstance;

  /** `page` makes the text anew for each request. Rejects when the address cannot be had. */
  static async open(options: PrometheusDoorOptions, page: () => string): Promise<PrometheusDoor> {
    const app = Fastify({ forceCloseConnections: true });
    app.get("/metrics", (_request, reply) => {
      return reply.header("content-type", PROMETHEUS_CONTENT_TYPE).send(Buffer.from(page()));
    });
    app.setNotFoundHandler((_request, reply) => reply.code(404).type("text/plain; charset=utf-8").send("Not Found\n"));
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
