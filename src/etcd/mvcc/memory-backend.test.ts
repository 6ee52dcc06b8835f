import { testBackendContract, type BackendUnderTest } from "./backend-contract.ts";
import { MemoryBackend } from "./memory-backend.ts";

function underTest(backend: MemoryBackend): BackendUnderTest {
  return {
    backend,
    crash: () => Promise.resolve(underTest(backend.crash())),
    close: () => Promise.resolve(),
  };
}

testBackendContract("memory", () => Promise.resolve(underTest(new MemoryBackend())));
testBackendContract("memory, not strict", () => Promise.resolve(underTest(new MemoryBackend({ strict: false }))));
