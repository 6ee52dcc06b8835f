/** `-w table`: for what is a list of members, endpoints or snapshots. */
import { unsupported, type Answer, type PrintOptions, type Printed } from "./printer.ts";
import {
  endpointHashKvTable,
  endpointHealthTable,
  endpointStatusTable,
  memberTable,
  snapshotStatusTable,
} from "./rows.ts";
import { drawTable, type Table } from "./table.ts";

export function printTable(answer: Answer, _options: PrintOptions, to: Printed): void {
  to.out(drawTable(tableOf(answer)));
}

function tableOf(answer: Answer): Table {
  switch (answer.kind) {
    case "memberList":
      return memberTable(answer.response);
    case "endpointHealth":
      return endpointHealthTable(answer.rows);
    case "endpointStatus":
      return endpointStatusTable(answer.rows);
    case "endpointHashKv":
      return endpointHashKvTable(answer.rows);
    case "snapshotStatus":
      return snapshotStatusTable(answer.status);
    default:
      throw unsupported("table");
  }
}
