import type { AddressInfo } from "node:net";

/** `127.0.0.1:8080`, `[::1]:8080`; a socket in the file system by its path. */
export function httpAddresses(addresses: readonly (AddressInfo | string)[]): readonly string[] {
  return addresses.map((place) => {
    if (typeof place === "string") return place;
    return `${place.address.includes(":") ? `[${place.address}]` : place.address}:${place.port}`;
  });
}
