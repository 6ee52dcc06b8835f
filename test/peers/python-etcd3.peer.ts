import { join } from "node:path";
import { describeTellings, tellOnce } from "../support/tellings.ts";

/* python-etcd3, Debian's package for Debian's Python. */
const script = join(import.meta.dirname, "python/try_etcd3.py");
const scenarios = ["kv", "transactions", "watches", "leases", "locks", "cluster", "maintenance"];

describeTellings("python-etcd3", scenarios, () =>
  tellOnce("/usr/bin/python3", (endpoint) => [script, ...endpoint.split(":")], {
    // Its generated code is older than the protobuf runtime's compiled parsers.
    env: { PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION: "python" },
  }),
);
