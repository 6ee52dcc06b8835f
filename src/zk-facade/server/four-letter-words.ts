import { sessionText, watchesByConnection, watchesByPath, watchSummary } from "../watches/describe.ts";
import { environment } from "./environment.ts";
import { expiryBuckets } from "./expiry-buckets.ts";
import { formatDate, formatDouble, formatHex, formatSocketAddress } from "./java-text.ts";
import { monitorEntries, serverState } from "./monitor.ts";
import type { ConnectionStatus, FacadeStatus } from "./status.ts";

/** The first four bytes of a connection that is no ZooKeeper session but somebody at a terminal, or a monitor. */
export type FourLetterWord = (typeof words)[number] | typeof TELNET_INTERRUPT;

const words = [
  "conf",
  "cons",
  "crst",
  "dirs",
  "dump",
  "envi",
  "gtmk",
  "hash",
  "isro",
  "mntr",
  "ruok",
  "srst",
  "srvr",
  "stat",
  "stmk",
  "wchc",
  "wchp",
  "wchs",
] as const;

/** What telnet sends for an interrupt; ZooKeeper counts it among its words and has no answer to it. */
const TELNET_INTERRUPT = "telnet close";

const byNumber = new Map<number, FourLetterWord>([
  ...words.map((word) => [Buffer.from(word, "latin1").readInt32BE(0), word] as const),
  [0xfff4fffd | 0, TELNET_INTERRUPT],
]);

const NOT_SERVING = "This ZooKeeper instance is not currently serving requests";

/** These answer while the tree is not there yet; all others say that the server does not serve. */
const answeredAlways: ReadonlySet<FourLetterWord> = new Set(["ruok", "envi", "gtmk", "stmk", "isro", TELNET_INTERRUPT]);

/** The word that stands where a frame's length would, as a big-endian int32. Null: it is a length. */
export function fourLetterWordOf(length: number): FourLetterWord | null {
  return byNumber.get(length) ?? null;
}

/**
 * The words that are allowed: `*` for all, else comma-separated. `srvr` always is, `isro` when read-only mode is on; a
 * word that is none is no error.
 */
export function fourLetterWhitelist(text: string, isReadOnlyModeEnabled: boolean): ReadonlySet<string> {
  const listed = text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const all = listed.includes("*") ? [...words, TELNET_INTERRUPT] : listed;
  return new Set([...all, "srvr", ...(isReadOnlyModeEnabled ? ["isro"] : [])]);
}

/** What the server says to a word. The caller writes it whole, and closes. */
export class FourLetterWords {
  readonly #whitelist: ReadonlySet<string>;
  readonly #status: FacadeStatus;

  constructor(whitelist: ReadonlySet<string>, status: FacadeStatus) {
    this.#whitelist = whitelist;
    this.#status = status;
  }

  /**
   * Reads the first bytes of a connection: the word that they are, "more" when it takes more bytes to tell, null when they
   * are no word but the length of a frame. Whatever follows a word is ignored. The answer is made when it is asked for:
   * it counts the word itself among what was received, and not among what was sent.
   */
  answerTo(opening: Buffer): { text(): string } | "more" | null {
    if (opening.length < 4) return "more";
    const word = fourLetterWordOf(opening.readInt32BE(0));
    if (word === null) return null;
    // `stmk` alone is followed by something: the mask, a big-endian int64.
    if (word !== "stmk" || !this.#whitelist.has(word)) return { text: () => this.answer(word) };
    if (opening.length < 12) return "more";
    const mask = opening.readBigInt64BE(4);
    return { text: () => this.answer(word, mask) };
  }

  /** `mask`: what `stmk` sets. */
  answer(word: FourLetterWord, mask = 0n): string {
    if (!this.#whitelist.has(word)) return `${word} is not executed because it is not in the whitelist.\n`;
    if (this.#status.serving() === "no" && !answeredAlways.has(word)) {
      // This one alone prints no newline.
      return word === "hash" ? NOT_SERVING : `${NOT_SERVING}\n`;
    }
    return this.#answers[word](mask);
  }

  readonly #answers: Readonly<Record<FourLetterWord, (mask: bigint) => string>> = {
    conf: () => confText(this.#status),
    cons: () => `${connectionLines(this.#status, { brief: false })}\n`,
    crst: () => {
      for (const { stats } of this.#status.connections()) stats.reset();
      return "Connection stats reset.\n";
    },
    dirs: () => {
      const { dataBytes, logBytes } = this.#status.disk();
      return `datadir_size: ${dataBytes}\nlogdir_size: ${logBytes}\n`;
    },
    dump: () => dumpText(this.#status),
    envi: () => {
      const entries = environment(this.#status.settings.version);
      return `Environment:\n${entries.map(([name, value]) => `${name}=${value}\n`).join("")}`;
    },
    gtmk: () => String(this.#status.stats.traceMask),
    // Digests of the tree are not kept, as on a ZooKeeper with digest.enabled=false.
    hash: () => "",
    isro: () => ({ yes: "rw", readOnly: "ro", no: "null" })[this.#status.serving()],
    mntr: () => Array.from(monitorEntries(this.#status), ([name, value]) => `zk_${name}\t${String(value)}\n`).join(""),
    ruok: () => "imok",
    srst: () => {
      this.#status.stats.reset();
      return "Server stats reset.\n";
    },
    srvr: () => `${headText(this.#status)}${statsText(this.#status)}`,
    stat: () => {
      const clients = connectionLines(this.#status, { brief: true });
      return `${headText(this.#status)}Clients:\n${clients}\n${statsText(this.#status)}`;
    },
    stmk: (mask) => {
      this.#status.stats.traceMask = BigInt.asIntN(64, mask);
      return String(this.#status.stats.traceMask);
    },
    wchc: () => watchesByConnection(this.#status.watches.byConnection(), (sessionId) => sessionId),
    wchp: () => watchesByPath(this.#status.watches.byPath(), (sessionId) => sessionId),
    wchs: () => watchSummary(this.#status.watches.counts()),
    [TELNET_INTERRUPT]: () => "",
  };
}

function headText(status: FacadeStatus): string {
  const isReadOnly = status.serving() === "readOnly";
  return (
    `Zookeeper version: ${status.settings.version}\n` +
    (isReadOnly ? "READ-ONLY mode; serving only read-only clients\n" : "")
  );
}

function statsText(status: FacadeStatus): string {
  const { latency, packetsReceived, packetsSent } = status.stats;
  return [
    `Latency min/avg/max: ${latency.min}/${formatDouble(latency.average)}/${latency.max}`,
    `Received: ${packetsReceived}`,
    `Sent: ${packetsSent}`,
    `Connections: ${status.connectionCount()}`,
    `Outstanding: ${status.outstandingRequests()}`,
    `Zxid: 0x${formatHex(status.lastZxid())}`,
    `Mode: ${serverState(status.serving())}`,
    `Node count: ${status.tree().znodes}`,
    "",
  ].join("\n");
}

function confText(status: FacadeStatus): string {
  const { settings } = status;
  const { dataBytes, logBytes } = status.disk();
  return [
    `clientPort=${settings.clientPort}`,
    `secureClientPort=${settings.secureClientPort}`,
    `dataDir=${settings.dataDir}`,
    `dataDirSize=${dataBytes}`,
    `dataLogDir=${settings.dataLogDir}`,
    `dataLogSize=${logBytes}`,
    `tickTime=${settings.tickTimeMs}`,
    `maxClientCnxns=${settings.maxClientConnections}`,
    `minSessionTimeout=${settings.minSessionTimeoutMs}`,
    `maxSessionTimeout=${settings.maxSessionTimeoutMs}`,
    `clientPortListenBacklog=${settings.listenBacklog}`,
    `serverId=${settings.serverId}`,
    "",
  ].join("\n");
}

function connectionLines(status: FacadeStatus, options: { readonly brief: boolean }): string {
  return Array.from(status.connections(), (connection) => `${connectionText(connection, options)}\n`).join("");
}

function connectionText(connection: ConnectionStatus, { brief }: { readonly brief: boolean }): string {
  const { stats, sessionId } = connection;
  const fields = [
    `queued=${connection.outstandingRequests}`,
    `recved=${stats.packetsReceived}`,
    `sent=${stats.packetsSent}`,
    ...(brief || sessionId === 0n ? [] : sessionFields(connection)),
  ];
  const address = formatSocketAddress(connection.remoteAddress, connection.remotePort);
  return ` ${address}[${interestOps(connection).toString(16)}](${fields.join(",")})`;
}

function sessionFields({ stats, sessionId, establishedMs, sessionTimeoutMs }: ConnectionStatus): string[] {
  return [
    `sid=${sessionText(sessionId)}`,
    `lop=${stats.lastOperation}`,
    `est=${Math.floor(establishedMs)}`,
    `to=${sessionTimeoutMs}`,
    ...(stats.lastXid < 0 ? [] : [`lcxid=0x${formatHex(stats.lastXid)}`]),
    `lzxid=0x${formatHex(stats.lastZxid)}`,
    `lresp=${Math.floor(stats.lastResponseMs)}`,
    `llat=${stats.lastLatencyMs}`,
    `minlat=${stats.minLatencyMs}`,
    `avglat=${stats.averageLatencyMs}`,
    `maxlat=${stats.maxLatencyMs}`,
  ];
}

/** The bits of Java's selection keys: 1 to read, 4 to write. */
export function interestOps({ isReading, isWriting }: ConnectionStatus): number {
  return (isReading ? 1 : 0) | (isWriting ? 4 : 0);
}

function dumpText(status: FacadeStatus): string {
  const { tickTimeMs } = status.settings;
  const sessions = bucketLines("Session", status.sessions(), tickTimeMs, ({ sessionId }) => sessionText(sessionId));
  const connections = bucketLines("Connections", status.connections(), tickTimeMs, (connection) => {
    const address = formatSocketAddress(connection.remoteAddress, connection.remotePort);
    return `ip: ${address} sessionId: ${sessionText(connection.sessionId)}`;
  });
  const owners = [...status.ephemerals()];
  const lines = ["SessionTracker dump:", ...sessions, "ephemeral nodes dump:"];
  lines.push(`Sessions with Ephemerals (${owners.length}):`);
  for (const [sessionId, paths] of owners) {
    lines.push(`${sessionText(sessionId)}:`);
    for (const path of paths) lines.push(`\t${path}`);
  }
  lines.push("Connections dump:", ...connections, "");
  return lines.join("\n");
}

function bucketLines<Item extends { readonly expiresMs: number }>(
  title: string,
  items: Iterable<Item>,
  tickTimeMs: number,
  describe: (item: Item) => string,
): string[] {
  const buckets = expiryBuckets(items, ({ expiresMs }) => expiresMs, tickTimeMs);
  const total = buckets.reduce((sum, [, bucket]) => sum + bucket.length, 0);
  const lines = [`${title} Sets (${buckets.length})/(${total}):`];
  for (const [endMs, bucket] of buckets) {
    lines.push(`${bucket.length} expire at ${formatDate(endMs)}:`);
    for (const item of bucket) lines.push(`\t${describe(item)}`);
  }
  return lines;
}
