import type { OpenParts } from "./main.ts";

/** Builds the member on its data directory, and the edges on the member. */
export const openParts: OpenParts = (config) => {
  return Promise.reject(new Error(`nothing can serve ${config.dataDir} yet: the member is not joined to its edges`));
};
