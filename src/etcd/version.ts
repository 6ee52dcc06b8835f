/** The etcd release whose behaviour this server has: what `etcd --version`, `/version` and Status answer. */
export const SERVER_VERSION = "3.6.14";

/** The feature level a cluster of such servers agrees on; storage of a fresh member is written at this level too. */
export const CLUSTER_VERSION = "3.6.0";
