/** Renders limits.md, limits.csv, limits.json and the table for the terminal. */
import { stringify } from "csv-stringify/sync";
import { bytes, count, csvNumber, duration, serverName } from "../text/format.ts";
import { layOut, MAX_COLUMNS, proseColumns, wrap, type Align } from "../text/layout.ts";
import { markdownLines } from "../text/markdown.ts";
import { titleOf } from "./kinds.ts";
import { searchName, type LimitsResults, type SearchRecord, type SentRecord } from "./records.ts";

const MAX_MESSAGE_CHARS = 160;
const OPERATIONS = { statement: "one statement", chunk: "one chunk" } as const;

const shortened = (text: string): string => (text.length > MAX_MESSAGE_CHARS ? `${text.slice(0, MAX_MESSAGE_CHARS)}...` : text);

const sizeOf = (sent: Pick<SentRecord, "rows" | "bytes"> | null): string =>
  sent === null ? "-" : sent.bytes === null ? count(sent.rows) : `${count(sent.rows)} (${bytes(sent.bytes)})`;

function limitText({ status, failed, reason }: SearchRecord): string {
  if (status === "found") return failed === null ? "-" : titleOf(failed.kind);
  if (status === "none") return "none found";
  if (status === "slow") return failed === null ? "-" : `${count(failed.rows)} rows: ${failed.message}`;
  if (status === "unfinished") return "search not finished";
  return `${status}: ${shortened(reason ?? "")}`;
}

/** `case-when/prisma: 21,845 rows worked, 21,846 failed (65,535 placeholders)` */
export function describeSearch(search: SearchRecord): string {
  const { worked, failed } = search;
  const sizes = [
    ...(worked === null ? [] : [`${count(worked.rows)} rows worked`]),
    ...(failed === null || failed.kind === "time" ? [] : [`${count(failed.rows)} failed`]),
  ];
  return `${searchName(search)}: ${sizes.length === 0 ? limitText(search) : `${sizes.join(", ")} (${limitText(search)})`}`;
}

const HEAD = ["technique", "ORM", "rows of", "largest that worked", "smallest that failed", "limit"];
const ALIGNS: Align[] = ["left", "left", "left", "right", "right", "left"];

const cellsOf = (search: SearchRecord): string[] => [
  search.strategy,
  search.orm,
  search.operation === null ? "-" : OPERATIONS[search.operation],
  sizeOf(search.worked),
  search.status === "slow" ? "-" : sizeOf(search.failed),
  limitText(search),
];

/** The error of each limit, with the searches that met it: the same words except for numbers. */
function errorLines({ searches }: LimitsResults): string[] {
  const errors = searches.flatMap((search) => {
    const { status, failed } = search;
    if (status !== "found" || failed === null) return [];
    const code = failed.code === null ? "" : `${failed.code}: `;
    return [{ name: searchName(search), text: `${titleOf(failed.kind)}: ${code}${shortened(failed.message)}` }];
  });
  const alike = Map.groupBy(errors, ({ text }) => text.replaceAll(/\d+/g, "N"));
  return [...alike.values()].map((found) => `${found[0]?.text ?? ""} (${found.map(({ name }) => name).join(", ")})`);
}

/** A failed transaction that left rows is a fault of the library, which a time or a size does not show. */
const leftLines = ({ searches }: LimitsResults): string[] =>
  searches
    .filter(({ mostRowsLeft }) => mostRowsLeft !== null && mostRowsLeft > 0)
    .map((search) => `${searchName(search)}: a failed transaction left up to ${count(search.mostRowsLeft)} committed rows.`);

function headline({ limits: { environment, variables, settings, startedAt } }: LimitsResults): string {
  const packet = Number(variables["max_allowed_packet"]);
  const stack = Number(variables["thread_stack"]);
  const { server, versions } = environment;
  return [
    `${serverName(server.version)} (${server.provider})`,
    ...(packet > 0 ? [`max_allowed_packet ${bytes(packet)}`] : []),
    ...(stack > 0 ? [`thread_stack ${bytes(stack)}`] : []),
    `Node ${versions["node"] ?? "?"} with a heap of ${bytes(settings.heapBytes)}`,
    `${duration(settings.attemptLimitMs)} per attempt`,
    startedAt.slice(0, "2026-01-01".length),
  ].join(" · ");
}

const NOTES: readonly string[] = [
  "One statement: an update of the grades, without the split of bench at 65,535 placeholders. One chunk: all writes of the technique for that number of users; the library can split them.",
  "40 of the updated users exist. The others have no row, so that a search takes minutes: these limits are those of the statement. An upsert inserts them. Each attempt is rolled back.",
  "Sizes in brackets are the bytes that the client sent. A size without brackets was refused before bytes were sent, or its process ended.",
];

export function limitsTable(results: LimitsResults, colour: boolean, columns: number = MAX_COLUMNS): string {
  const prose = proseColumns(columns);
  const rows = results.searches.map((search) => ({ cells: cellsOf(search), below: null }));
  return [
    wrap(headline(results), prose),
    "",
    layOut(HEAD, ALIGNS, rows, colour),
    "",
    ...[...errorLines(results), ...leftLines(results)].map((line) => wrap(line, prose, "  ")),
    "",
    ...NOTES.map((note) => wrap(note, prose)),
  ].join("\n");
}

/** The table with the conditions of the searches, without a title. */
export function limitsDigest(results: LimitsResults): string {
  return [
    markdownLines(HEAD, results.searches.filter(({ status }) => status !== "skipped").map(cellsOf)),
    "",
    ...[...NOTES, ...leftLines(results)].map((note) => `- ${note}`),
    "",
    `<sub>${headline(results)}</sub>`,
  ].join("\n");
}

export function limitsMarkdown(results: LimitsResults): string {
  const skipped = results.searches.filter(({ status }) => status === "skipped");
  return [
    "# Point of failure of each many-row technique",
    "",
    limitsDigest(results),
    "",
    "## Errors",
    "",
    ...errorLines(results).map((line) => `- ${line}`),
    ...(skipped.length === 0
      ? []
      : ["", "## Not searched", "", ...skipped.map((search) => `- ${searchName(search)}: ${search.reason ?? ""}`)]),
    "",
  ].join("\n");
}

type Value = string | number | null;

const COLUMNS: Readonly<Record<string, (search: SearchRecord, results: LimitsResults) => Value>> = {
  strategy: ({ strategy }) => strategy,
  orm: ({ orm }) => orm,
  orm_version: ({ ormVersion }) => ormVersion,
  driver: ({ driver }) => driver,
  driver_version: ({ driverVersion }) => driverVersion,
  api: ({ api }) => api,
  code: ({ code }) => code,
  rows_of: ({ operation }) => operation,
  status: ({ status }) => status,
  worked_rows: ({ worked }) => csvNumber(worked?.rows),
  worked_bytes: ({ worked }) => csvNumber(worked?.bytes),
  worked_placeholders: ({ worked }) => csvNumber(worked?.placeholders),
  worked_ms: ({ worked }) => csvNumber(worked?.ms),
  failed_rows: ({ failed }) => csvNumber(failed?.rows),
  failed_bytes: ({ failed }) => csvNumber(failed?.bytes),
  failed_placeholders: ({ failed }) => csvNumber(failed?.placeholders),
  limit: ({ failed }) => failed?.kind ?? null,
  error_code: ({ failed }) => failed?.code ?? null,
  error_message: ({ failed }) => failed?.message ?? null,
  most_rows_left: ({ mostRowsLeft }) => csvNumber(mostRowsLeft),
  reason: ({ reason }) => reason,
  attempts: ({ attempts }) => attempts,
  max_allowed_packet: (_, { limits }) => limits.variables["max_allowed_packet"] ?? null,
  thread_stack: (_, { limits }) => limits.variables["thread_stack"] ?? null,
  heap_bytes: (_, { limits }) => limits.settings.heapBytes,
  attempt_limit_ms: (_, { limits }) => limits.settings.attemptLimitMs,
  max_rows: (_, { limits }) => limits.settings.maxRows,
  server: (_, { limits }) => serverName(limits.environment.server.version),
  machine: (_, { limits }) => limits.environment.machine.name,
  date: ({ startedAt }) => startedAt.slice(0, "2026-01-01".length),
};

export function limitsCsv(results: LimitsResults): string {
  const lines = results.searches.map((search) => Object.values(COLUMNS).map((of) => of(search, results)));
  return stringify(lines, { header: true, columns: Object.keys(COLUMNS) });
}

export const limitsJson = (results: LimitsResults): string => JSON.stringify(results, null, 2);
