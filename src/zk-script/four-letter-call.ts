import { connect } from "node:net";

/** Sends a four-letter word and resolves to the answer; null when nobody answers in time. */
export function callFourLetterWord(
  word: string,
  { host, port, timeoutMs }: { readonly host: string; readonly port: number; readonly timeoutMs: number },
): Promise<string | null> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host, port });
    socket.setEncoding("utf8");
    socket.setTimeout(timeoutMs, () => socket.destroy());
    socket.on("connect", () => socket.end(word));
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(text === "" ? null : text));
  });
}
