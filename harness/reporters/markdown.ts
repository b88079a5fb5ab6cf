import { ormLabel } from "../plan/cell.ts";
import type { RunResults } from "../results/records.ts";
import { summarise, type CellSummary } from "../results/summary.ts";
import { duration, gibibytes, milliseconds, serverName, UNKNOWN } from "../text/format.ts";
import { markdownLine, markdownLines } from "../text/markdown.ts";
import { headline, notes } from "./parts/notes.ts";
import type { Reporter } from "./reporter.ts";
import { timelineTables } from "./parts/timeline.ts";
import { rttTable } from "./parts/rtt.ts";
import { keysTable } from "./parts/keys.ts";
import { updatesTable } from "./parts/updates.ts";
import { displayRows, hasRatios, nameOf, stepColumns, type DisplayRow } from "./parts/rows.ts";
import { topStatements, EXPLANATION_COLUMNS, costExplanations } from "./parts/explanations.ts";

interface Column {
  readonly head: string;
  readonly numeric: boolean;
  /** left out when no row has a value other than 1.00x */
  readonly isOptional?: boolean;
  readonly of: (row: DisplayRow) => string;
}
const COLUMNS: readonly Column[] = [
  { head: "technique", numeric: false, of: (row) => row.technique },
  { head: "chunk", numeric: true, of: (row) => row.chunk },
  { head: "ORM", numeric: false, of: (row) => row.orm },
  { head: "API", numeric: false, of: (row) => row.api },
  { head: "key", numeric: false, of: (row) => row.key },
  { head: "time (median)", numeric: true, of: (row) => row.time },
  { head: "range", numeric: true, of: (row) => row.range },
  { head: "95 % interval", numeric: true, isOptional: true, of: (row) => row.interval },
  { head: "statements", numeric: true, of: (row) => row.statements },
  { head: "peak memory", numeric: true, of: (row) => row.peakMemory },
  { head: "times faster than naive", numeric: true, isOptional: true, of: (row) => row.thanNaive },
  { head: "times faster than the slowest", numeric: true, isOptional: true, of: (row) => row.thanSlowest },
  { head: "to set-based", numeric: true, isOptional: true, of: (row) => row.toSetBasedWithin },
  { head: "to best raw driver", numeric: true, isOptional: true, of: (row) => row.toBaseline },
  { head: "to own driver", numeric: true, isOptional: true, of: (row) => row.toOwnDriver },
];

/** A page to paste: title, machine, versions, server settings, table, notes. */
export const reporter: Reporter = {
  id: "md",
  summary: "summary.md: title, machine, settings, table and notes, ready to paste",
  files: async (results) => [{ name: "summary.md", content: page(results) }],
};

interface TableParts {
  /** the columns to keep, of those that have a value; without them all */
  readonly heads?: readonly string[];
  /** selects the rows; their ratios still refer to all cells of the run */
  readonly select?: (summaries: readonly CellSummary[]) => readonly CellSummary[];
}

/** Only the table. */
export function markdownTable(results: RunResults, { heads, select = (all) => all }: TableParts = {}): string {
  const summaries = select(summarise(results));
  const rows = displayRows(summaries);
  const steps: Column[] = stepColumns(summaries).map(({ head, of }) => ({ head, of, numeric: true }));
  const columns = [...COLUMNS, ...steps].filter(
    ({ head, isOptional = false, of }) => (heads?.includes(head) ?? true) && (!isOptional || hasRatios(rows, of)),
  );
  return [
    markdownLine(columns.map(({ head }) => head)),
    markdownLine(columns.map(({ numeric }) => (numeric ? "---:" : "---"))),
    ...rows.map((row) => markdownLine(columns.map(({ of }) => of(row)))),
  ].join("\n");
}

/** The timeline of a suite without its title: measured stages, published claims and the caution; "" for a run without a timeline. */
export function markdownTimeline(results: RunResults): string {
  const tables = timelineTables(results);
  if (tables === null) return "";
  const { measured, missing, claimed, caution } = tables;
  return [
    markdownLines(measured.head, measured.rows),
    ...(missing === null ? [] : [missing]),
    markdownLines(claimed.head, claimed.rows),
    caution,
  ].join("\n\n");
}

/** @returns "" without a table */
function withNotes(
  table: {
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
    readonly notes: readonly string[];
  } | null,
): string {
  return table === null ? "" : [markdownLines(table.head, table.rows), "", ...table.notes.map((note) => `- ${note}`)].join("\n");
}

const section = (title: string, text: string): string[] => (text === "" ? [] : [`## ${title}`, "", text, ""]);

/** The fitted line of each cell over the round-trip time with its notes; "" for a run with fewer than two round-trip times. */
export const markdownRtt = (results: RunResults): string => withNotes(rttTable(results));

/** The speed of the updates by chunk size with its notes; "" for a run without three sizes. */
export const markdownUpdates = (results: RunResults): string => withNotes(updatesTable(results));

/** The costs of each kind of key with its notes; "" for a run that is not about key locality. */
export const markdownKeys = (results: RunResults): string => withNotes(keysTable(results));

/** The server's counters per cell, and the most frequent statements of each cell, folded; empty without counters. */
export function markdownWhy(results: RunResults): string[] {
  const rows = costExplanations(summarise(results));
  if (rows.length === 0) return [];
  const columns = EXPLANATION_COLUMNS.filter(({ of }) => rows.some((row) => of(row) !== UNKNOWN));
  return [
    markdownLines(
      ["cell", ...columns.map(({ head }) => head)],
      rows.map((row) => [row.name, ...columns.map(({ of }) => of(row))]),
    ),
    "",
    "The server counts statements, bytes and transactions of the measured process. Redo, binary log, fsyncs, rows and page splits belong to the whole server during the sample. Client is CPU time, server is time inside statements; they can overlap and then exceed 100 % together.",
    "",
    ...rows.flatMap(({ name, summary }) => {
      const frequent = summary.frequentStatements;
      if (frequent === null) return [];
      const sample = summary.samples > 1 ? `, in round ${frequent.round}` : "";
      return [
        `<details><summary>${name}: the most frequent statements${sample}</summary>`,
        "",
        ...topStatements(frequent).map(
          (text) => `- ${text.replace(/: (.*)$/s, (_, sql: string) => `: \`${sql.replaceAll("`", "")}\``)}`,
        ),
        "",
        "</details>",
        "",
      ];
    }),
  ];
}

/** The pools of the cells, from the records; older records do not contain them. */
function connections({ run }: RunResults): string {
  const policies = run.cells.flatMap(({ connection }) => (connection === null ? [] : [connection]));
  const sizes = [...new Set(policies.map(({ poolConnections }) => poolConnections))].toSorted((a, b) => a - b);
  const pools = sizes.length === 0 ? "pools of unknown size" : `pools of ${sizes.join(" and ")} connections, one pool per worker`;
  const matched = run.cells.some(({ track }) => track === "matched");
  return matched ? `${pools}; cells of the matched track prepare no statement on the server` : pools;
}

/** The version in the manifest of each unreleased build, whose label is a hash of its content. */
function ownBuilds(summaries: readonly CellSummary[]): string[] {
  const named = summaries.flatMap(({ cell, ormVersion }) =>
    cell.version?.startsWith("file.") === true ? [`${ormLabel(cell)} is ${ormVersion ?? "of unknown version"}`] : [],
  );
  return [...new Set(named)];
}

function why(results: RunResults): string[] {
  const lines = markdownWhy(results);
  return lines.length === 0 ? [] : ["## Explanation of the times", "", ...lines];
}

function page(results: RunResults): string {
  const { run } = results;
  const { environment, dataset } = run;
  const { server, machine, versions } = environment;
  const title = run.title ?? (run.suite === null ? "orm-shootout" : `orm-shootout: suite ${run.suite}`);
  const summaries = summarise(results);
  const problems = displayRows(summaries).filter(({ note }) => note !== null);
  const packages = [
    ...Object.entries(versions).map(([name, version]) => `${name} ${version ?? "unknown"}`),
    ...ownBuilds(summaries),
  ];
  const variables = Object.entries(server.variables).map(([name, value]) => `${name}=${value ?? "unknown"}`);
  const fsync = environment.fsyncP50Ms === null ? "not measured" : duration(environment.fsyncP50Ms);
  return [
    `# ${title}`,
    "",
    headline(results),
    "",
    markdownTable(results),
    "",
    ...problems.map((row) => `- **${nameOf(row)}** ${row.status}: ${row.note}`),
    ...notes(results).map((note) => `- ${note}`),
    "",
    ...section(results.run.timeline?.title ?? "", markdownTimeline(results)),
    ...section("Round-trip time", markdownRtt(results)),
    ...section("Updates by chunk size", markdownUpdates(results)),
    ...section("Key locality", markdownKeys(results)),
    ...why(results),
    "## Method",
    "",
    `- Run ${run.runId}: ${run.rounds} ${run.rounds === 1 ? "round" : "rounds"}, ${run.isFirstRoundCut ? "the first one in the order of the plan, then " : ""}cells in random order in each round (order seed ${run.orderSeed}), a new process per sample; ${connections(results)}.`,
    `- Data: seed ${dataset.dataSeed}, content hash \`${dataset.contentHash.slice(0, 16)}\`, ${dataset.dormantUsers} dormant users.`,
    `- Machine: ${machine.name}, ${machine.cpu}, ${machine.cores} cores, ${gibibytes(machine.memoryBytes)}, ${machine.kernel}; fsync of 4 KiB, p50: ${fsync}.`,
    `- Server: ${serverName(server.version)} (${server.provider}), isolation ${server.isolation ?? "unknown"}, round trip ${server.rttMs === null ? "unknown" : milliseconds(server.rttMs, 2)}${server.tls === null ? "" : `, TLS (${server.tls})`}.`,
    `- Settings: ${variables.join(", ")}.`,
    `- Versions: ${packages.join(", ")}${environment.gitCommit === null ? "" : `, orm-shootout ${environment.gitCommit.slice(0, 10)}`}.`,
    "",
  ].join("\n");
}
