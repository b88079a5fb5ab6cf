import { ormLabel } from "../plan/cell.ts";
import type { RunResults } from "../results/records.ts";
import { summarise, type CellSummary } from "../results/summary.ts";
import { duration, serverName, UNKNOWN } from "../text/format.ts";
import { markdownLine, markdownLines } from "../text/markdown.ts";
import { headline, notes } from "./parts/notes.ts";
import type { Reporter } from "./reporter.ts";
import { timelineTables } from "./parts/timeline.ts";
import { rttTable } from "./parts/rtt.ts";
import { displayRows, nameOf, type DisplayRow } from "./parts/rows.ts";
import { topStatements, EXPLANATION_COLUMNS, costExplanations } from "./parts/explanations.ts";

const INTERVAL = "95 % interval";
const COLUMNS: readonly { head: string; numeric: boolean; of: (row: DisplayRow) => string }[] = [
  { head: "technique", numeric: false, of: (row) => row.technique },
  { head: "chunk", numeric: true, of: (row) => row.chunk },
  { head: "ORM", numeric: false, of: (row) => row.orm },
  { head: "API", numeric: false, of: (row) => row.api },
  { head: "key", numeric: false, of: (row) => row.key },
  { head: "time (median)", numeric: true, of: (row) => row.time },
  { head: "range", numeric: true, of: (row) => row.range },
  { head: INTERVAL, numeric: true, of: (row) => row.interval },
  { head: "statements", numeric: true, of: (row) => row.statements },
  { head: "peak memory", numeric: true, of: (row) => row.peakMemory },
  { head: "to set-based", numeric: true, of: (row) => row.toSetBasedWithin },
  { head: "to best raw driver", numeric: true, of: (row) => row.toBaseline },
  { head: "to own driver", numeric: true, of: (row) => row.toOwnDriver },
];

/** Ready to paste: title, machine, versions, server settings, table, notes. */
export const reporter: Reporter = {
  id: "md",
  summary: "summary.md: title, machine, settings, table and notes, ready to paste",
  files: async (results) => [{ name: "summary.md", content: page(results) }],
};

/**
 * The table alone.
 * @param heads leaves out all other columns
 */
export function markdownTable(results: RunResults, heads: readonly string[] = COLUMNS.map(({ head }) => head)): string {
  const rows = displayRows(summarise(results));
  // below 6 rounds there is none
  const hasIntervals = rows.some(({ interval }) => interval !== UNKNOWN);
  const columns = COLUMNS.filter(({ head }) => heads.includes(head) && (head !== INTERVAL || hasIntervals));
  return [
    markdownLine(columns.map(({ head }) => head)),
    markdownLine(columns.map(({ numeric }) => (numeric ? "---:" : "---"))),
    ...rows.map((row) => markdownLine(columns.map(({ of }) => of(row)))),
  ].join("\n");
}

/** A suite's story without its title: what was measured, what was claimed elsewhere, why only ratios compare; "" without one. */
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

function timeline(results: RunResults): string[] {
  const story = markdownTimeline(results);
  return story === "" ? [] : [`## ${results.run.timeline?.title ?? ""}`, "", story, ""];
}

/** The cost of distance: a line for each cell, where there are several round-trip times. */
function rtt(results: RunResults): string[] {
  const table = rttTable(results);
  if (table === null) return [];
  return ["## Round-trip time", "", markdownLines(table.head, table.rows), "", ...table.notes.map((note) => `- ${note}`), ""];
}

/** What the server counted per cell, and each cell's most frequent statements folded away; nothing where none is known. */
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
    "Statements, bytes and transactions are those of the measured process, by the server's count; redo, binary log, fsyncs, rows and page splits are the whole server's meanwhile. Client is CPU time, server the time inside of statements; where both overlap they add up to more than 100 %.",
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

/** How the cells were connected, from the records; older ones don't tell. */
function connections({ run }: RunResults): string {
  const policies = run.cells.flatMap(({ connection }) => (connection === null ? [] : [connection]));
  const sizes = [...new Set(policies.map(({ poolConnections }) => poolConnections))].toSorted((a, b) => a - b);
  const pools = sizes.length === 0 ? "pools of unknown size" : `pools of ${sizes.join(" and ")} connections, one pool per worker`;
  const matched = run.cells.some(({ track }) => track === "matched");
  return matched ? `${pools}; cells of the matched track prepare no statement on the server` : pools;
}

/** What a user's own builds call themselves; the label of one is made of its content. */
function ownBuilds(summaries: readonly CellSummary[]): string[] {
  const named = summaries.flatMap(({ cell, ormVersion }) =>
    cell.version?.startsWith("file.") === true ? [`${ormLabel(cell)} is ${ormVersion ?? "of unknown version"}`] : [],
  );
  return [...new Set(named)];
}

function why(results: RunResults): string[] {
  const lines = markdownWhy(results);
  return lines.length === 0 ? [] : ["## Why", "", ...lines];
}

function page(results: RunResults): string {
  const { run } = results;
  const { environment, dataset } = run;
  const { server, machine, versions } = environment;
  const title = run.suite === null ? "orm-shootout" : `orm-shootout: suite ${run.suite}`;
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
    ...timeline(results),
    ...rtt(results),
    ...why(results),
    "## How it was measured",
    "",
    `- Run ${run.runId}: ${run.rounds} ${run.rounds === 1 ? "round" : "rounds"}, cells in random order within each round (order seed ${run.orderSeed}), a fresh process per sample; ${connections(results)}.`,
    `- Data: seed ${dataset.dataSeed}, content hash \`${dataset.contentHash.slice(0, 16)}\`, ${dataset.dormantUsers} dormant users.`,
    `- Machine: ${machine.name}, ${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.kernel}; fsync of 4 KiB, p50: ${fsync}.`,
    `- Server: ${serverName(server.version)} (${server.provider}), isolation ${server.isolation ?? "unknown"}, round trip ${server.rttMs === null ? "unknown" : `${server.rttMs.toFixed(2)} ms`}${server.tls === null ? "" : `, TLS (${server.tls})`}.`,
    `- Settings: ${variables.join(", ")}.`,
    `- Versions: ${packages.join(", ")}${environment.gitCommit === null ? "" : `, orm-shootout ${environment.gitCommit.slice(0, 10)}`}.`,
    "",
  ].join("\n");
}
