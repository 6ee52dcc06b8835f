/**
 * Keys of zoo.cfg, and parts of names, that ZooKeeper 3.9 reads and that mean nothing here: how it writes its own files,
 * talks to its own followers, or runs on its own virtual machine.
 */
const withoutEffect = new Set([
  ...["dataLogDir", "initLimit", "syncLimit", "connectToLearnerMasterLimit", "electionAlg", "quorumListenOnAllIPs"],
  ...["peerType", "syncEnabled", "standaloneEnabled", "sslQuorum", "portUnification", "sslQuorumReloadCertFiles"],
  ...["oraclePath", "observerMasterPort", "snapCount", "snapSizeLimitInKb", "preAllocSize", "txnLogSizeLimitInKb"],
  ...["commitLogCount", "commitLogSize", "fsync.warningthresholdms", "forceSync", "maxResponseCacheSize"],
  ...["maxGetChildrenResponseCacheSize", "emulate353TTLNodes", "digest.enabled", "closeSessionTxn.enabled"],
  ...["serializeLastProcessedZxid.enabled", "client.portUnification", "serverCnxnFactory", "audit.enable"],
  ...["watchManagerName", "watcherCleanThreadsNum", "watcherCleanIntervalInSeconds", "watcherCleanThreshold"],
  ...["throttled_op_wait_time", "allowSaslFailedClients", "requireClientAuthScheme"],
  ...["maxWriteQueuePollTime", "maxBatchSize", "flushDelay", "leaderServes", "skipLearnerRequestToNextProcessor"],
  ...["jmx.log4j.disable", "superUser", "clientTcpKeepAlive"],
  ...["admin.portUnification", "admin.forceHttps", "admin.needClientAuth", "admin.httpVersion"],
  ...["admin.snapshot.enabled", "admin.restore.enabled", "admin.rateLimiterIntervalInMS", "intBufferStartingSizeBytes"],
]);

const prefixesWithoutEffect = [
  ...["autopurge.", "quorum.", "jvm.pause.", "metricsProvider.", "multiAddress.", "snapshot.", "ssl.", "fips"],
  ...["request_throttle_", "request_stale_", "connection_throttle_", "commitProcessor.", "learner.", "leader."],
  ...["nio.", "netty.", "kerberos.", "jaas", "group.", "weight.", "X509AuthenticationProvider."],
  ...["IPAuthenticationProvider.", "follower", "observer", "electionPort"],
];

/** A zoo.cfg may have these, and often has; the log says once that they change nothing. */
export function isWithoutEffect(key: string): boolean {
  return withoutEffect.has(key) || prefixesWithoutEffect.some((prefix) => key.startsWith(prefix));
}

/** Asked for, they would promise what is not there: whoever sets them must hear so. */
export const unsupportedKeys: readonly string[] = ["secureClientPort", "secureClientPortAddress"];
