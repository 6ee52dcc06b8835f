import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testBackendContract, type BackendUnderTest } from "../mvcc/backend-contract.ts";
import { openLmdbBackend } from "./lmdb-backend.ts";

async function openAt(directory: string): Promise<BackendUnderTest> {
  const backend = await openLmdbBackend(directory, { unsafeNoFsync: true });
  return {
    backend,
    async crash() {
      await backend.close();
      return openAt(directory);
    },
    async close() {
      await backend.close();
      await rm(directory, { recursive: true });
    },
  };
}

testBackendContract("LmdbBackend", async () => openAt(await mkdtemp(join(tmpdir(), "lmdb-backend-"))));
