import { type IncomingHttpHeaders, request } from "node:http";

export interface HttpQuestion {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ExchangeOptions {
  /** The answer is a stream, which is left after that many lines. */
  readonly lines?: number;
  readonly timeoutMs?: number;
}

/** One request on a connection of its own. */
export function exchange(
  endpoint: string,
  question: HttpQuestion,
  { lines = Number.POSITIVE_INFINITY, timeoutMs = 15_000 }: ExchangeOptions = {},
): Promise<HttpAnswer> {
  const [host, port] = endpoint.split(":");
  return new Promise((resolve, reject) => {
    const { method, path, body = "" } = question;
    const headers = { host: endpoint, "content-length": String(Buffer.byteLength(body)), ...question.headers };
    const isLate = (): Error => new Error(`no answer to ${method} ${path} within ${timeoutMs} ms`);
    const timeout = setTimeout(() => sent.destroy(isLate()), timeoutMs);
    const sent = request({ host, port: Number(port), method, path, headers, agent: false }, (response) => {
      let text = "";
      const finish = (): void => {
        clearTimeout(timeout);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        response.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.split("\n").length > lines) finish();
      });
      response.on("end", finish);
      response.on("error", reject);
    });
    sent.on("error", (error) => {
      clearTimeout(timeout);
      reject(error);
    });
    sent.end(body);
  });
}
