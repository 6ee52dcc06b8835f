import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendNotFound, sendText } from "./plain-reply.ts";

type Handler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;
type Refusal = (reply: FastifyReply) => FastifyReply;

/**
 * The paths of an app, and what other methods and other paths are told. A path is registered with the methods that it
 * serves, not with all that exist: they are three dozen, and it would show in the time of a start.
 */
export class Routes {
  readonly #app: FastifyInstance;
  /** What a path says to methods that it does not serve. */
  readonly #refusals = new Map<string, Refusal>();
  /** The same for all paths that start so. */
  readonly #prefixRefusals: { readonly prefix: string; readonly refuse: Refusal }[] = [];

  constructor(app: FastifyInstance) {
    this.#app = app;
    app.setNotFoundHandler((request, reply) => this.#refuse(request, reply));
  }

  /** Go's and etcd's plain pages: GET or 405. */
  get(path: string, handler: Handler): void {
    this.#app.get(path, handler);
    this.#refusals.set(path, (reply) => sendText(reply.header("allow", "GET"), 405, "Method Not Allowed"));
  }

  /** A page that does not look at the method. */
  getOrPost(path: string, handler: Handler): void {
    this.#app.route({ method: ["GET", "HEAD", "POST"], url: path, handler });
  }

  post(path: string, handler: Handler, refuseOthers: Refusal): void {
    this.#app.post(path, handler);
    this.#refusals.set(path, refuseOthers);
  }

  otherPathsUnder(prefix: string, refuse: Refusal): void {
    this.#prefixRefusals.push({ prefix, refuse });
  }

  #refuse(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const path = request.url.split("?", 1)[0]!;
    const refuse =
      this.#refusals.get(path) ?? this.#prefixRefusals.find(({ prefix }) => path.startsWith(prefix))?.refuse;
    return (refuse ?? sendNotFound)(reply);
  }
}
