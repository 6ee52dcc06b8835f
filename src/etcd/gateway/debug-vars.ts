import type { MemberStats } from "./member-stats.ts";
import { openFileLimit } from "./open-files.ts";

/** The page of Go's expvar, with etcd's variables and, under Go's names, what of its memory statistics Node knows too. */
export function debugVars(stats: MemberStats): string {
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  const vars = {
    cmdline: JSON.stringify(process.argv),
    file_descriptor_limit: String(openFileLimit()),
    memstats: JSON.stringify({
      Alloc: heapUsed,
      Sys: rss,
      HeapAlloc: heapUsed,
      HeapSys: heapTotal,
      HeapInuse: heapUsed,
    }),
    "raft.status": raftStatus(stats),
  };
  const lines = Object.entries(vars).map(([name, json]) => `${JSON.stringify(name)}: ${json}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

/** As etcd's Raft prints its own state: ids in hexadecimal. */
function raftStatus(stats: MemberStats): string {
  const raft = stats.raft();
  const progress = [...raft.progress].map(({ id, match, next, state }) => [id.toString(16), { match, next, state }]);
  return JSON.stringify({
    id: stats.memberId.toString(16),
    term: raft.term,
    vote: raft.vote.toString(16),
    commit: raft.commit,
    lead: raft.lead.toString(16),
    raftState: raft.state,
    applied: raft.applied,
    progress: Object.fromEntries(progress) as unknown,
    leadtransferee: raft.leadTransferee.toString(16),
  });
}
