/** Explains the time of a technique by the server's counters. */
import type { Costs } from "../../results/costs-schema.ts";
import type { FrequentStatements } from "../../results/costs.ts";
import type { CellSummary } from "../../results/summary.ts";
import { bytes, count, duration, percent, UNKNOWN, wholePercent } from "../../text/format.ts";
import { displayRow, inDisplayOrder, nameOf } from "./rows.ts";

/** Number of statement kinds to name; "others" sums the rest. */
const MAX_KINDS = 6;

export interface CostExplanation {
  readonly summary: CellSummary;
  readonly name: string;
  readonly costs: Costs;
}

/** Cells with counters, in the order of the table. */
export function costExplanations(summaries: readonly CellSummary[]): CostExplanation[] {
  return inDisplayOrder(summaries).flatMap((summary) =>
    summary.costs === null ? [] : [{ summary, name: nameOf(displayRow(summary)), costs: summary.costs }],
  );
}

/** `292,000: 30,000 select, 30,000 insert, ...` */
export function statementsText({ statements, status, doneFraction }: CellSummary, { statementKinds }: Costs): string {
  if (statementKinds === null) return count(statements);
  const kinds = Object.entries(statementKinds).toSorted(([, a], [, b]) => b - a);
  const named = kinds.slice(0, MAX_KINDS).map(([kind, number]) => `${count(number)} ${kind.replaceAll("_", " ")}`);
  const others = kinds.slice(MAX_KINDS).reduce((sum, [, number]) => sum + number, 0);
  // the table beside it has the estimate for the whole job
  const part = status === "timed-out" && doneFraction !== null ? ` of the finished ${percent(doneFraction)}` : "";
  return `${count(statements)}${part}: ${[...named, ...(others > 0 ? [`${count(others)} others`] : [])].join(", ")}`;
}

/** `client 45 %, server 50 %, wire and waiting 5 %` of one worker's wall time */
export function splitText({ split, medianWallMs }: CellSummary): string {
  if (split === null || medianWallMs === null) return UNKNOWN;
  const fraction = (ms: number): string => wholePercent(ms / medianWallMs);
  return `client ${fraction(split.clientMs)}, server ${fraction(split.serverMs)}, wire and waiting ${fraction(split.restMs)}`;
}

const both = (a: string, b: string): string => (a === UNKNOWN && b === UNKNOWN ? UNKNOWN : `${a} / ${b}`);

const perSecond = (value: number | null, wallMs: number | null): string =>
  value === null || wallMs === null ? UNKNOWN : count(value / (wallMs / 1000));

/** Columns of the explanation. The caller omits a column without any known value. */
export const EXPLANATION_COLUMNS = [
  { id: "statements", head: "statements", of: ({ summary, costs }) => statementsText(summary, costs) },
  { id: "split", head: "of the wall time, per worker", of: ({ summary }) => splitText(summary) },
  {
    id: "cpu",
    head: "CPU client / server",
    of: ({ summary, costs }) => both(duration(summary.clientCpuMs), duration(costs.serverCpuMs)),
  },
  {
    id: "prepared",
    head: "prepare / execute / close",
    of: ({ costs }) =>
      [costs.prepares, costs.executions, costs.closes]
        .map(count)
        .join(" / ")
        .replace(/^- \/ - \/ -$/, UNKNOWN),
  },
  {
    id: "open",
    head: "open prepared statements, before / at the end",
    of: ({ costs }) => both(count(costs.preparedOpenBefore), count(costs.preparedOpenAtEnd)),
  },
  {
    id: "bytes",
    head: "bytes to / from server",
    of: ({ costs }) => both(bytes(costs.bytesToServer), bytes(costs.bytesFromServer)),
  },
  {
    id: "rows",
    head: "rows inserted / updated / read",
    of: ({ costs }) =>
      [costs.rowsInserted, costs.rowsUpdated, costs.rowsRead]
        .map(count)
        .join(" / ")
        .replace(/^- \/ - \/ -$/, UNKNOWN),
  },
  { id: "logs", head: "redo / binary log", of: ({ costs }) => both(bytes(costs.redoBytes), bytes(costs.binlogBytes)) },
  { id: "fsyncs", head: "fsyncs redo / all", of: ({ costs }) => both(count(costs.redoFsyncs), count(costs.fsyncs)) },
  { id: "pageSplits", head: "page splits", of: ({ costs }) => count(costs.pageSplits) },
  { id: "sizes", head: "table / index size", of: ({ costs }) => both(bytes(costs.tableBytes), bytes(costs.indexBytes)) },
  {
    id: "waits",
    head: "lock waits / their time / deadlocks / retries",
    of: ({ summary, costs }) =>
      [count(costs.rowLockWaits), duration(costs.rowLockWaitMs), count(costs.deadlocks), count(summary.retries)].join(" / "),
  },
  {
    id: "transactions",
    head: "transactions (per second), longest",
    of: ({ summary, costs }) =>
      costs.transactions === null
        ? UNKNOWN
        : `${count(costs.transactions)} (${perSecond(costs.transactions, summary.medianWallMs)}), ${duration(costs.longestTransactionMs)}`,
  },
  { id: "eventLoop", head: "event loop delay, p99", of: ({ summary }) => duration(summary.eventLoopDelayP99Ms) },
] as const satisfies readonly { id: string; head: string; of: (explanation: CostExplanation) => string }[];

export type CounterId = (typeof EXPLANATION_COLUMNS)[number]["id"];

/** `40 (12 %), 1.20 s in the server: INSERT ...`: number, fraction of all statements, server time, text. */
export function topStatements({ list, statements }: FrequentStatements): string[] {
  return list.map(({ text, count: number, serverMs }) => {
    const fraction = statements === null || statements === 0 ? "" : ` (${percent(number / statements)})`;
    return `${count(number)}${fraction}, ${duration(serverMs)} in the server: ${text}`;
  });
}
