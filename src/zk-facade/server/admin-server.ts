import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "../../etcd/base/logger.ts";
import { type AdminCommand, adminCommands } from "./admin-commands.ts";
import { type AdminRecord, formatAdminJson } from "./admin-json.ts";
import { httpAddresses } from "./http-addresses.ts";
import { errorPage, type HttpAnswer, jetty } from "./jetty.ts";
import type { FacadeStatus } from "./status.ts";

export interface AdminServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly idleTimeoutMs: number;
  /** `/commands` */
  readonly commandUrl: string;
}

export interface AdminServerParts {
  /** By root. The first one is meant where a request does not say `?root=/zk`. */
  readonly statuses: ReadonlyMap<string, FacadeStatus>;
  readonly properties: ReadonlyMap<string, string>;
  readonly logger: Logger;
}

const commandByName = new Map<string, AdminCommand>(
  adminCommands.flatMap((command) => command.names.map((name) => [name, command] as const)),
);

/** ZooKeeper's AdminServer: its commands as JSON over HTTP, in the shapes that its Jetty gives them. */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #parts: AdminServerParts;
  readonly #app: FastifyInstance;

  /** Rejects when the address cannot be had. */
  static async open(options: AdminServerOptions, parts: AdminServerParts): Promise<AdminServer> {
    const server = new AdminServer(options, parts);
    await server.#app.listen({ host: options.host, port: options.port });
    return server;
  }

  private constructor(options: AdminServerOptions, parts: AdminServerParts) {
    this.#options = options;
    this.#parts = parts;
    const { commandUrl } = options;
    const servlet = {
      serves: (path: string) => path === commandUrl || path.startsWith(`${commandUrl}/`),
      answer: (request: FastifyRequest, url: URL) => this.#answer(request, url),
    };
    this.#app = jetty(servlet, options);
  }

  /** `0.0.0.0:8080`, with the port that was taken for port 0. */
  get addresses(): readonly string[] {
    return httpAddresses(this.#app.addresses());
  }

  /** Open connections are closed. May be called twice. */
  async close(): Promise<void> {
    await this.#app.close();
  }

  #answer(request: FastifyRequest, { pathname, searchParams }: URL): HttpAnswer {
    const name = decodeURIComponent(pathname.slice(this.#options.commandUrl.length + 1));
    // ZooKeeper gives the list no type.
    if (name === "") return { code: 200, headers: {}, body: this.#list() };
    return this.#run(name, request, searchParams);
  }

  #list(): string {
    const { commandUrl } = this.#options;
    const names = adminCommands.map(({ names: [name] }) => name!).sort();
    return names.map((name) => `<a href="${commandUrl}/${name}">${name}</a>\n<br/>\n`).join("");
  }

  #run(name: string, request: FastifyRequest, query: URLSearchParams): HttpAnswer {
    const command = commandByName.get(name);
    if (command === undefined) return refusal(200, name, `Unknown command: ${name}`);
    const [primaryName = name] = command.names;
    const root = query.get("root");
    const status = this.#statusOf(root);
    if (status === null) return refusal(200, name, `Unknown root: ${root ?? ""}`);
    if (command.needsServer && status.serving() === "no") {
      return refusal(200, name, "This ZooKeeper instance is not currently serving requests");
    }
    if (command.kind !== "get" && request.headers.authorization === undefined) {
      return refusal(401, name, "Auth info is missing for the command");
    }
    if ((request.method === "POST") !== (command.kind === "guardedPost")) {
      return errorPage(500, `${request.method} is not for ${primaryName}`, `${this.#options.commandUrl}/${name}`);
    }
    this.#parts.logger.debug("running an AdminServer command", { command: primaryName, remote: request.ip });
    if (command.kind !== "get") return refusal(501, primaryName, `${primaryName} is not supported yet`);
    return answer(primaryName, command.run({ status, properties: this.#parts.properties, query }));
  }

  #statusOf(root: string | null): FacadeStatus | null {
    const { statuses } = this.#parts;
    if (root !== null) return statuses.get(root) ?? null;
    const [first = null] = statuses.values();
    return first;
  }
}

/** The command's name and its error come last; an error that the command itself has put stays where it stands. */
function answer(command: string, members: AdminRecord): HttpAnswer {
  const error: AdminRecord = Object.hasOwn(members, "error") ? {} : { error: null };
  return jsonAnswer(200, { ...members, command, ...error });
}

function refusal(code: number, command: string, error: string): HttpAnswer {
  return jsonAnswer(code, { command, error });
}

function jsonAnswer(code: number, members: AdminRecord): HttpAnswer {
  return { code, headers: { "content-type": "application/json" }, body: formatAdminJson(members) };
}
