import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import { ConnectionInput, type InputHost } from "./connection-input.ts";

/** An input whose frames hold one number each, and a socket that is not there. */
class Bench {
  appetite: ReturnType<InputHost["appetite"]> = "hungry";
  readonly log: (number | string)[] = [];
  readonly input: ConnectionInput;
  /** Happens when a frame is taken. */
  taken: () => void = () => undefined;

  constructor() {
    const socket: Pick<Socket, "pause" | "resume"> = {
      pause: () => this.#say(socket, "pause"),
      resume: () => this.#say(socket, "resume"),
    };
    const host: InputHost = {
      appetite: () => this.appetite,
      frame: (reader) => {
        this.log.push(reader.readInt());
        this.taken();
      },
      badFrame: (fault) => this.log.push(fault),
    };
    this.input = new ConnectionInput(socket as Socket, host, { frameBytesMax: 10 });
  }

  #say(socket: unknown, word: string): Socket {
    this.log.push(word);
    return socket as Socket;
  }

  /** What was logged since it was asked last. */
  get news(): (number | string)[] {
    return this.log.splice(0);
  }
}

/** One frame for each number. */
function frames(...numbers: readonly number[]): Buffer {
  return Buffer.from(numbers.flatMap((number) => [0, 0, 0, 4, 0, 0, 0, number]));
}

describe("what a client sends", () => {
  test("is given out frame by frame, wherever it was cut", () => {
    const bench = new Bench();
    const bytes = frames(1, 2, 3);
    bench.input.push(bytes.subarray(0, 11));
    assert.deepEqual(bench.news, [1]);
    bench.input.push(bytes.subarray(11));
    assert.deepEqual(bench.news, [2, 3]);
  });

  test("waits while there is no room for it, and nothing more is read", () => {
    const bench = new Bench();
    bench.taken = () => {
      bench.appetite = "full";
    };
    bench.input.push(frames(1, 2, 3));
    assert.deepEqual([...bench.news, bench.input.isPaused], [1, "pause", true]);
    // Whatever was on its way from the socket is kept.
    bench.input.push(frames(4));
    assert.deepEqual(bench.news, []);
    bench.input.resume();
    assert.deepEqual([...bench.news, bench.input.isPaused], ["resume", "pause", true]);
    bench.taken = () => undefined;
    bench.appetite = "hungry";
    bench.input.resume();
    assert.deepEqual([...bench.news, bench.input.isPaused], ["resume", 2, 3, 4, false]);
    bench.input.resume();
    assert.deepEqual(bench.news, []);
  });

  test("is left alone when nobody wants it any more", () => {
    const bench = new Bench();
    bench.taken = () => {
      bench.appetite = "done";
    };
    bench.input.push(frames(1, 2));
    assert.deepEqual([...bench.news, bench.input.isPaused], [1, false]);
  });

  test("ends with a frame of a bad length", () => {
    const bench = new Bench();
    bench.input.push(Buffer.concat([frames(1), Buffer.from([0, 0, 0, 11]), frames(2)]));
    assert.deepEqual(bench.news, [1, "tooLong"]);
  });
});
