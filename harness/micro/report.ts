/** Renders a record of `bench micro` as table, Markdown and CSV. */
import { stringify } from "csv-stringify/sync";
import { count, csvNumber, nanoseconds, percent, UNKNOWN } from "../text/format.ts";
import { layOut, MAX_COLUMNS, proseColumns, wrap, type Align } from "../text/layout.ts";
import { markdownLines } from "../text/markdown.ts";
import type { MicroResult } from "./measure.ts";

export interface MicroRecord {
  readonly version: 1;
  readonly startedAt: string;
  readonly timeMs: number;
  readonly machine: { readonly name: string; readonly cpu: string; readonly cores: number };
  readonly versions: Readonly<Record<string, string | null>>;
  readonly results: readonly MicroResult[];
}

const HEAD = ["case", "median", "per", "per second", "margin of mean", "samples"];
const ALIGNS: Align[] = ["left", "right", "left", "right", "right", "right"];
const MAX_NAME_COLUMNS = 38;

function cells({ name, status, unit, medianNs, unitsPerSecond, relativeMargin, samples }: MicroResult): string[] {
  if (status === "failed") return [name, "failed", "", UNKNOWN, UNKNOWN, UNKNOWN];
  const margin = relativeMargin === null ? UNKNOWN : `± ${percent(relativeMargin)}`;
  return [name, nanoseconds(medianNs), unit, count(unitsPerSecond), margin, count(samples)];
}

const headline = ({ machine, versions, startedAt, timeMs }: MicroRecord): string =>
  `${machine.cpu}, ${machine.cores} cores · Node ${versions["node"] ?? "?"} · ${timeMs} ms each · ${startedAt.slice(0, 10)}`;

const failures = ({ results }: MicroRecord): string[] =>
  results.flatMap(({ subject, name, reason }) => (reason === null ? [] : [`${subject}: ${name}: ${reason}`]));

const NOTE =
  "Times of the client's work without a server, a part of a job's client CPU time. bench checked the result of each case before it measured a time.";

/** @param columns width of the terminal */
export function microTable(record: MicroRecord, colour: boolean, columns: number = MAX_COLUMNS): string {
  const prose = proseColumns(columns);
  const nameColumns = MAX_NAME_COLUMNS + Math.max(0, columns - MAX_COLUMNS);
  const rows = record.results.map((result) => {
    const [name = "", ...rest] = cells(result);
    return { cells: [wrap(`${result.subject}: ${name}`, nameColumns, "  "), ...rest], below: null };
  });
  return [
    wrap(headline(record), prose),
    "",
    layOut(HEAD, ALIGNS, rows, colour),
    "",
    ...failures(record).map((failure) => wrap(`failed: ${failure}`, prose, "  ")),
    wrap(NOTE, prose),
  ].join("\n");
}

export function microMarkdown(record: MicroRecord): string {
  const rows = record.results.map((result) => [result.subject, ...cells(result)]);
  return [
    "# Time of the client's work",
    "",
    headline(record),
    "",
    markdownLines(["subject", ...HEAD], rows),
    "",
    ...failures(record).map((failure) => `- failed: ${failure}`),
    NOTE,
    "",
  ].join("\n");
}

export function microCsv({ results, machine, startedAt }: MicroRecord): string {
  const columns = [
    "subject",
    "name",
    "unit",
    "units_per_call",
    "status",
    "reason",
    "samples",
    "median_ns",
    "mean_ns",
    "relative_margin",
    "machine",
    "cpu",
    "cores",
    "date",
  ];
  const rows = results.map((result) => [
    result.subject,
    result.name,
    result.unit,
    result.unitsPerCall,
    result.status,
    result.reason,
    result.samples,
    csvNumber(result.medianNs, 3),
    csvNumber(result.meanNs, 3),
    csvNumber(result.relativeMargin, 6),
    machine.name,
    machine.cpu,
    machine.cores,
    startedAt.slice(0, "2026-01-01".length),
  ]);
  return stringify(rows, { header: true, columns });
}
