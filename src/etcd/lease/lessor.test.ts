import assert from "node:assert/strict";
import { test } from "node:test";
import { testScripts, type Execute } from "../../../test/script-runner.ts";
import { EtcdError, type EtcdErrorCode } from "../errors.ts";
import { MemoryBackend } from "../mvcc/memory-backend.ts";
import { decodeLease } from "../wire/leasepb.ts";
import { LEASE_TTL_MAX, Lessor, type LessorOptions } from "./lessor.ts";

testScripts(new URL("scripts/", import.meta.url), startInterpreter);

const options: LessorOptions = { electionTimeoutMs: 1000, checkpoints: false };

/**
 * grant ID TTL | revoke ID | renew ID | ttl ID | leases | wait ID      wait: says so when the lease is gone
 * attach ID KEY | detach ID KEY | lease-of KEY
 * time SECONDS                         time goes by
 * expired [LIMIT]                      what is to be revoked now
 * promote [EXTEND] | demote            in seconds
 * due | checkpoint ID SECONDS          what is to be checkpointed now; one that is applied
 * restart [checkpoints]                a new lessor on the same disk
 * disk                                 what the backend holds
 */
function startInterpreter(): Execute {
  const backend = new MemoryBackend();
  let lessor = new Lessor(options, backend);
  let nowMs = 0;
  let lines: string[] = [];

  const run = (line: string): string => {
    const [command, ...args] = line.split(" ");
    const id = BigInt(/^-?\d+$/.test(args[0] ?? "") ? args[0]! : "0");
    const number = Number(args[0] ?? "0");
    switch (command) {
      case "grant":
        return `ttl=${lessor.grant(id, Number(args[1]), nowMs).ttl}`;
      case "revoke":
        return `keys=[${lessor.revoke(id).join(" ")}]`;
      case "renew": {
        const renewal = lessor.renew(id, nowMs);
        return renewal.state === "renewed" ? `renewed ttl=${renewal.ttl}` : renewal.state;
      }
      case "wait":
        lessor.whenGone(id, (end) => lines.push(`${id} is ${end}`));
        return "";
      case "ttl": {
        const life = lessor.timeToLive(id, nowMs);
        return life
          ? `ttl=${life.ttl} remaining=${life.remainingSeconds} keys=[${life.keys.join(" ")}]`
          : "no such lease";
      }
      case "leases":
        return `[${lessor.leases().join(" ")}]`;
      case "attach":
        lessor.attach(id, args[1]!);
        return "";
      case "detach":
        lessor.detach(id, args[1]!);
        return "";
      case "lease-of":
        return `${lessor.leaseOf(args[0]!)}`;
      case "time":
        nowMs += number * 1000;
        return "";
      case "expired":
        return `[${lessor.expired(nowMs, args[0] ? number : 500).join(" ")}]`;
      case "promote":
        lessor.promote(nowMs, number * 1000);
        return "";
      case "demote":
        lessor.demote();
        return "";
      case "due":
        return `[${lessor
          .checkpointsDue(nowMs)
          .map((checkpoint) => `${checkpoint.id}:${checkpoint.remainingTtl}`)
          .join(" ")}]`;
      case "checkpoint":
        lessor.checkpoint(id, Number(args[1]), nowMs);
        return "";
      case "restart":
        lessor = new Lessor({ ...options, checkpoints: args[0] === "checkpoints" }, backend);
        return "";
      case "disk": {
        const stored: string[] = [];
        backend.scan("lease", new Uint8Array(0), null, (key, value) => {
          const lease = decodeLease(value);
          stored.push(
            `${Buffer.from(key).toString("hex")} ${lease.id} ttl=${lease.ttl} remaining=${lease.remainingTtl}`,
          );
          return true;
        });
        return stored.join("\n");
      }
      default:
        return assert.fail(`no such command: ${line}`);
    }
  };

  return (line) => {
    lines = [];
    try {
      lines.push(run(line));
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
      lines.push(error.code);
    }
    return lines.join("\n");
  };
}

function isRefused(code: EtcdErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof EtcdError && error.code === code;
}

test("the shortest TTL is one and a half election timeouts, in whole seconds", () => {
  for (const [electionTimeoutMs, ttlMin] of [
    [1000, 2],
    [5000, 8],
    [100, 1],
    [2000, 3],
  ] as const) {
    const lessor = new Lessor({ electionTimeoutMs, checkpoints: false }, new MemoryBackend());
    for (const ttl of [0, -1, Number.MIN_SAFE_INTEGER, ttlMin]) {
      assert.equal(lessor.grant(BigInt(ttl) + 100n + BigInt(ttlMin), ttl, 0).ttl, ttlMin);
      lessor.revoke(BigInt(ttl) + 100n + BigInt(ttlMin));
    }
    assert.equal(lessor.grant(1n, ttlMin + 1, 0).ttl, ttlMin + 1);
  }
});

test("a TTL has a greatest value", () => {
  const lessor = new Lessor(options, new MemoryBackend());
  assert.equal(lessor.grant(1n, LEASE_TTL_MAX, 0).ttl, 9_000_000_000);
  assert.throws(() => lessor.grant(2n, LEASE_TTL_MAX + 1, 0), isRefused("leaseTtlTooLarge"));
  assert.throws(() => lessor.grant(3n, Number.MAX_SAFE_INTEGER, 0), isRefused("leaseTtlTooLarge"));
});

test("a lease id is any int64 but 0", () => {
  const backend = new MemoryBackend();
  const lessor = new Lessor(options, backend);
  const ids = [1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)];
  for (const id of ids) lessor.grant(id, 10, 0);
  assert.throws(() => lessor.grant(0n, 10, 0), isRefused("leaseNotFound"));
  const again = new Lessor(options, backend);
  assert.deepEqual(again.leases().sort(), [...ids].sort());
  for (const id of ids) again.revoke(id);
  assert.equal(new Lessor(options, backend).size, 0);
});

test("many leases of one TTL end spread over time after a promotion, and none earlier", () => {
  const lessor = new Lessor({ ...options, revokeRetryMs: 1e9 }, new MemoryBackend());
  const count = 7500;
  for (let i = 1; i <= count; i++) lessor.grant(BigInt(i), 10, 0);
  lessor.promote(0, 1000);
  assert.deepEqual(lessor.expired(10_999, count), []);
  let ended = 0;
  for (let second = 11; ended < count; second++) {
    ended += lessor.expired(second * 1000, count).length;
    const seconds = second - 11;
    assert.ok(ended <= 750 * (seconds + 1), `${ended} after ${seconds} s: faster than they can be revoked`);
    assert.ok(ended >= Math.min(count, 750 * seconds), `${ended} after ${seconds} s: later than need be`);
  }
  assert.equal(ended, count);
});

test("leases that cannot pile up are not spread", () => {
  const lessor = new Lessor(options, new MemoryBackend());
  for (let i = 1; i <= 999; i++) lessor.grant(BigInt(i), 10, 0);
  lessor.promote(0, 0);
  assert.equal(lessor.expired(10_000, 1000).length, 999);
});

test("a lease with very many keys gives them in byte order", () => {
  const lessor = new Lessor(options, new MemoryBackend());
  lessor.grant(1n, 10, 0);
  const keys = Array.from({ length: 1000 }, (_, i) => String.fromCharCode((i * 7919) % 256, i >> 8, i & 255));
  for (const key of keys) lessor.attach(1n, key);
  const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a, "latin1"), Buffer.from(b, "latin1")));
  assert.deepEqual(lessor.keysOf(1n), sorted);
  assert.deepEqual(lessor.revoke(1n), sorted);
  assert.equal(lessor.leaseOf(keys[0]!), 0n);
});
