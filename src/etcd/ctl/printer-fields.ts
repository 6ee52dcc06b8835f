/** `-w fields`: one `"Name" : value` per line, for people who want everything and for grep. */
import type { KeyValue } from "../wire/mvccpb.ts";
import type {
  DeleteRangeResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  ResponseOp,
  TxnResponse,
  WatchResponse,
} from "../wire/etcdserverpb.ts";
import { quote, quoteText } from "./go-quote.ts";
import { alarmName, eventTypeName, hexId } from "./names.ts";
import { unsupported, type Answer, type EndpointStatus, type PrintOptions, type Printed } from "./printer.ts";

export function printFields(answer: Answer, options: PrintOptions, to: Printed): void {
  const printer = new FieldsPrinter(options, to);
  switch (answer.kind) {
    case "put":
      printer.put(answer.response);
      break;
    case "get":
      printer.get(answer.response);
      break;
    case "del":
      printer.del(answer.response);
      break;
    case "txn":
      printer.txn(answer.response);
      break;
    case "watch":
      printer.watch(answer.response);
      break;
    case "leaseGrant":
    case "leaseKeepAlive":
      printer.header(answer.response.header);
      printer.leaseId(answer.response.id);
      printer.field("TTL", answer.response.ttl);
      break;
    case "leaseRevoke":
      printer.header(answer.response.header);
      break;
    case "leaseTimeToLive":
      printer.timeToLive(answer);
      break;
    case "leaseLeases":
      printer.header(answer.response.header);
      for (const lease of answer.response.leases) printer.leaseId(lease.id);
      break;
    case "memberList":
      printer.members(answer);
      break;
    case "alarm":
      printer.alarms(answer);
      break;
    case "endpointHealth":
      for (const row of answer.rows) {
        printer.field("Endpoint", quoteText(row.endpoint));
        printer.field("Health", row.health);
        printer.field("Took", row.took);
        printer.field("Error", row.error);
        printer.blank();
      }
      break;
    case "endpointStatus":
      for (const row of answer.rows) printer.status(row);
      break;
    case "endpointHashKv":
      for (const { endpoint, response } of answer.rows) {
        printer.header(response.header);
        printer.field("Endpoint", quoteText(endpoint));
        printer.field("Hash", response.hash);
        printer.field("HashRevision", response.hashRevision);
        printer.blank();
      }
      break;
    case "snapshotStatus":
      printer.field("Hash", answer.status.hash);
      printer.field("Revision", answer.status.revision);
      printer.field("Keys", answer.status.totalKeys);
      printer.field("Size", answer.status.totalBytes);
      printer.field("Version", answer.status.version);
      break;
    case "moveLeader":
      throw unsupported("fields");
  }
}

class FieldsPrinter {
  readonly #hex: boolean;
  readonly #to: Printed;

  constructor(options: PrintOptions, to: Printed) {
    this.#hex = options.hex;
    this.#to = to;
  }

  field(name: string, value: string | number | bigint | boolean): void {
    this.#to.out(`"${name}" : ${value}\n`);
  }

  blank(): void {
    this.#to.out("\n");
  }

  header(header: ResponseHeader | null): void {
    if (!header) return;
    this.field("ClusterID", this.#memberId(header.clusterId));
    this.field("MemberID", this.#memberId(header.memberId));
    // Membership answers have no revision.
    if (header.revision > 0) this.field("Revision", header.revision);
    this.field("RaftTerm", header.raftTerm);
  }

  leaseId(id: bigint): void {
    this.field("ID", this.#hex ? hexId(id) : id);
  }

  #memberId(id: bigint): string {
    return this.#hex ? id.toString(16) : String(id);
  }

  #keyValue(prefix: string, kv: KeyValue): void {
    this.field(`${prefix}Key`, quote(kv.key));
    this.field(`${prefix}CreateRevision`, kv.createRevision);
    this.field(`${prefix}ModRevision`, kv.modRevision);
    this.field(`${prefix}Version`, kv.version);
    this.field(`${prefix}Value`, quote(kv.value));
    this.field(`${prefix}Lease`, this.#hex ? hexId(kv.lease) : kv.lease);
  }

  put(response: PutResponse): void {
    this.header(response.header);
    if (response.prevKv) this.#keyValue("Prev", response.prevKv);
  }

  get(response: RangeResponse): void {
    this.header(response.header);
    for (const kv of response.kvs) this.#keyValue("", kv);
    this.field("More", response.more);
    this.field("Count", response.count);
  }

  del(response: DeleteRangeResponse): void {
    this.header(response.header);
    this.field("Deleted", response.deleted);
    for (const kv of response.prevKvs) this.#keyValue("Prev", kv);
  }

  txn(response: TxnResponse): void {
    this.header(response.header);
    this.field("Succeeded", response.succeeded);
    for (const op of response.responses) this.#op(op);
  }

  #op({ response }: ResponseOp): void {
    switch (response?.case) {
      case "responseRange":
        this.get(response.value);
        break;
      case "responsePut":
        this.put(response.value);
        break;
      case "responseDeleteRange":
        this.del(response.value);
        break;
      case "responseTxn":
        this.txn(response.value);
        break;
      case undefined:
        this.field("Unknown", '""');
    }
  }

  watch(response: WatchResponse): void {
    this.header(response.header);
    for (const event of response.events) {
      this.field("Type", eventTypeName(event.type));
      if (event.prevKv) this.#keyValue("Prev", event.prevKv);
      if (event.kv) this.#keyValue("", event.kv);
    }
  }

  timeToLive({ response }: Extract<Answer, { kind: "leaseTimeToLive" }>): void {
    this.header(response.header);
    this.leaseId(response.id);
    this.field("TTL", response.ttl);
    this.field("GrantedTTL", response.grantedTtl);
    for (const key of response.keys) this.field("Key", quote(key));
  }

  members({ response }: Extract<Answer, { kind: "memberList" }>): void {
    this.header(response.header);
    for (const member of response.members) {
      this.field("ID", this.#memberId(member.id));
      this.field("Name", quoteText(member.name));
      for (const url of member.peerUrls) this.field("PeerURL", quoteText(url));
      for (const url of member.clientUrls) this.field("ClientURL", quoteText(url));
      this.field("IsLearner", member.isLearner);
      this.blank();
    }
  }

  alarms({ response }: Extract<Answer, { kind: "alarm" }>): void {
    this.header(response.header);
    for (const alarm of response.alarms) {
      this.field("MemberID", this.#memberId(alarm.memberId));
      this.field("AlarmType", alarmName(alarm.alarm));
      this.blank();
    }
  }

  status({ endpoint, response }: EndpointStatus): void {
    this.header(response.header);
    this.field("Version", quoteText(response.version));
    this.field("StorageVersion", quoteText(response.storageVersion));
    this.field("DBSize", response.dbSize);
    this.field("DBSizeInUse", response.dbSizeInUse);
    this.field("DBSizeQuota", response.dbSizeQuota);
    this.field("Leader", response.leader);
    this.field("IsLearner", response.isLearner);
    this.field("RaftIndex", response.raftIndex);
    this.field("RaftAppliedIndex", response.raftAppliedIndex);
    this.field("Errors", `[${response.errors.join(" ")}]`);
    this.field("Endpoint", quoteText(endpoint));
    this.field("DowngradeTargetVersion", quoteText(response.downgradeInfo?.targetVersion ?? ""));
    this.field("DowngradeEnabled", response.downgradeInfo?.enabled ?? false);
    this.blank();
  }
}
