/** `-w simple`, the default: bare values, one per line, as scripts like them. Keys and values go out byte for byte. */
import type { KeyValue } from "../wire/mvccpb.ts";
import type { DeleteRangeResponse, PutResponse, RangeResponse, ResponseOp, TxnResponse } from "../wire/etcdserverpb.ts";
import { alarmText, eventTypeName, hexId } from "./names.ts";
import type { Answer, EndpointHealth, PrintOptions, Printed } from "./printer.ts";
import { endpointHashKvTable, endpointStatusTable, memberTable, snapshotStatusTable } from "./rows.ts";
import type { Table } from "./table.ts";

export function printSimple(answer: Answer, options: PrintOptions, to: Printed): void {
  const printer = new SimplePrinter(options, to);
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
      for (const event of answer.response.events) {
        printer.line(eventTypeName(event.type));
        if (event.prevKv) printer.keyValue(event.prevKv);
        if (event.kv) printer.keyValue(event.kv);
      }
      break;
    case "leaseGrant":
      printer.line(`lease ${hexId(answer.response.id)} granted with TTL(${answer.response.ttl}s)`);
      break;
    case "leaseRevoke":
      printer.line(`lease ${hexId(answer.id)} revoked`);
      break;
    case "leaseKeepAlive":
      printer.line(`lease ${hexId(answer.response.id)} keepalived with TTL(${answer.response.ttl})`);
      break;
    case "leaseTimeToLive":
      printer.timeToLive(answer);
      break;
    case "leaseLeases":
      printer.line(`found ${answer.response.leases.length} leases`);
      for (const lease of answer.response.leases) printer.line(hexId(lease.id));
      break;
    case "memberList":
      printer.rows(memberTable(answer.response));
      break;
    case "alarm":
      for (const alarm of answer.response.alarms) printer.line(alarmText(alarm));
      break;
    case "moveLeader":
      printer.line(`Leadership transferred from ${answer.leader.toString(16)} to ${answer.target.toString(16)}`);
      break;
    case "endpointHealth":
      for (const row of answer.rows) printer.health(row);
      break;
    case "endpointStatus":
      printer.rows(endpointStatusTable(answer.rows));
      break;
    case "endpointHashKv":
      printer.rows(endpointHashKvTable(answer.rows));
      break;
    case "snapshotStatus":
      printer.rows(snapshotStatusTable(answer.status));
  }
}

class SimplePrinter {
  readonly #options: PrintOptions;
  readonly #to: Printed;

  constructor(options: PrintOptions, to: Printed) {
    this.#options = options;
    this.#to = to;
  }

  line(text: string): void {
    this.#to.out(`${text}\n`);
  }

  rows(table: Table): void {
    for (const row of table.rows) this.line(row.join(", "));
  }

  put(response: PutResponse): void {
    this.line("OK");
    if (response.prevKv) this.keyValue(response.prevKv);
  }

  get(response: RangeResponse): void {
    for (const kv of response.kvs) this.keyValue(kv);
  }

  del(response: DeleteRangeResponse): void {
    this.line(String(response.deleted));
    for (const kv of response.prevKvs) this.keyValue(kv);
  }

  txn(response: TxnResponse): void {
    this.line(response.succeeded ? "SUCCESS" : "FAILURE");
    for (const op of response.responses) {
      this.line("");
      this.#op(op);
    }
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
        this.line("unexpected response");
    }
  }

  keyValue(kv: KeyValue): void {
    if (!this.#options.valuesOnly) this.#bytes(kv.key);
    this.#bytes(kv.value);
  }

  #bytes(bytes: Uint8Array): void {
    this.#to.out(this.#options.hex ? Buffer.from(bytes).toString("hex").replace(/../g, "\\x$&") : bytes);
    this.#to.out("\n");
  }

  timeToLive(answer: Extract<Answer, { kind: "leaseTimeToLive" }>): void {
    const { id, ttl, grantedTtl, keys } = answer.response;
    if (grantedTtl === 0 && ttl === -1) {
      this.line(`lease ${hexId(id)} already expired`);
      return;
    }
    this.#to.out(`lease ${hexId(id)} granted with TTL(${grantedTtl}s), remaining(${ttl}s)`);
    if (answer.withKeys) {
      this.#to.out(", attached keys([");
      keys.forEach((key, at) => {
        if (at > 0) this.#to.out(" ");
        this.#to.out(key);
      });
      this.#to.out("])");
    }
    this.#to.out("\n");
  }

  health(row: EndpointHealth): void {
    if (row.error === "") {
      this.line(`${row.endpoint} is healthy: successfully committed proposal: took = ${row.took}`);
    } else {
      this.#to.err(`${row.endpoint} is unhealthy: failed to commit proposal: ${row.error}\n`);
    }
  }
}
