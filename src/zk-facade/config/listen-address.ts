import { FacadeConfigError } from "./config-error.ts";

/** Where a facade listens, and the key under which the znodes of those who connect there stand. */
export interface ListenAddress {
  /** A name, an address, or `::` for all addresses of the machine. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** `/zk`: the key of the root znode. */
  readonly root: string;
}

export const DEFAULT_ROOT = "/zk";
const ALL_ADDRESSES = "::";

/** `HOST:PORT=ROOT,...`, or `none`. Throws {@link FacadeConfigError}. */
export function parseListenAddresses(text: string): readonly ListenAddress[] {
  if (text === "none" || text === "") return [];
  const addresses = text.split(",").map((part) => parseOne(part.trim()));
  checkRoots(addresses);
  return addresses;
}

/** Of a host as a zoo.cfg names it; null: all addresses. */
export function listenAddress(host: string | null, port: number, root: string): ListenAddress {
  return { host: host === null || host === "" || host === "*" ? ALL_ADDRESSES : host, port, root };
}

function parseOne(text: string): ListenAddress {
  const equals = text.indexOf("=");
  const address = equals < 0 ? text : text.slice(0, equals);
  const root = equals < 0 ? DEFAULT_ROOT : text.slice(equals + 1);
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(address);
  if (parts === null || Number(parts[3]) > 65_535) {
    throw new FacadeConfigError(`${JSON.stringify(text)} is not HOST:PORT=ROOT`);
  }
  if (!/^(\/[^/]+)+$/.test(root)) {
    throw new FacadeConfigError(`root ${JSON.stringify(root)} must begin with a slash, and not end with one`);
  }
  return listenAddress(parts[1] ?? parts[2] ?? null, Number(parts[3]), root);
}

/**
 * A root owns the keys that begin with it and go on with less than "0": its znodes (`/zk/`) and their records
 * (`/zk.stat/`). Another root must not lie there.
 */
function checkRoots(addresses: readonly ListenAddress[]): void {
  const roots = [...new Set(addresses.map(({ root }) => root))];
  for (const root of roots) {
    const inside = roots.find((other) => other !== root && other.startsWith(root) && other[root.length]! < "0");
    if (inside !== undefined) throw new FacadeConfigError(`root ${inside} lies among the keys of root ${root}`);
  }
}
