/** An answer as sections of sentences and one table, which the formats render. */
import { count, duration, factor, mebibytes, times } from "../text/format.ts";
import type { Answer, Ranked } from "./answer.ts";
import { differences } from "../results/differences.ts";
import { chosenPoolBytes } from "./pool.ts";
import { ORDERS } from "./preferences.ts";
import { reasonsOf } from "./reasons.ts";
import { measuredSize, sizeOf } from "./size.ts";
import { distanceOf } from "./timing.ts";
import { nameText, techniqueText, timingText } from "./wording.ts";

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

/** More rows of evidence hide the answer; `--format json` has all of them. */
const MOST_ROWS = 8;
const MOST_NAMES = 3;
const ENOUGH_ROUNDS = 6;

const questionText = ({ question, pick, run }: Answer): string => {
  const size = sizeOf(question);
  const measured = size === null ? null : measuredSize(pick, size);
  const data =
    size === null || measured === null
      ? `${count(run.results.run.dataset.orders)} orders`
      : `${count(pick.isScaled ? size.wanted : measured)} ${size.unit}`;
  const rtt = question.rttMs ?? distanceOf(run.results, pick.summary);
  const limit = question.memoryBytes === null ? "" : `, at most ${mebibytes(question.memoryBytes)}`;
  return `${question.orm}${rtt === null ? "" : ` at a round trip of ${duration(rtt)}`} and ${data}${limit}, ${question.prefer} (${ORDERS[question.prefer].goal})`;
};

const slower = ({ candidate, separation }: Ranked): string =>
  separation === null ? "" : `${techniqueText(candidate)} (${times(separation.ratio)})`;

function tieLine({ ranked, pick }: Answer): string[] {
  const ties = ranked.filter(({ separation }) => separation?.isTie === true);
  const named = ties.slice(0, MOST_NAMES).map(slower);
  const more = ties.length > named.length ? `, and ${ties.length - named.length} more` : "";
  const simpler = ties.find(({ candidate }) => pick.summary.cell.api === "raw-sql" && candidate.summary.cell.api !== "raw-sql");
  if (ties.length > 0)
    return [
      `Within noise of it: ${named.join("; ")}${more}.${simpler === undefined ? "" : ` ${techniqueText(simpler.candidate)} needs no hand-written SQL.`}`,
    ];
  const next = ranked.filter(({ separation }) => separation !== null).slice(0, 2);
  return next.length === 0 ? [] : [`No other technique of the run is within noise: ${next.map(slower).join("; ")}.`];
}

/** The best candidate without hand-written SQL, if the pick needs it and no tie already avoids it. */
function withoutSql({ ranked, pick }: Answer): Ranked | null {
  if (pick.summary.cell.api !== "raw-sql") return null;
  const found = ranked.find(({ candidate }) => candidate.summary.cell.api !== "raw-sql");
  return found === undefined || found.separation?.isTie === true ? null : found;
}

function withoutSqlLine(answer: Answer): string[] {
  const found = withoutSql(answer);
  if (found === null) return [];
  const { candidate, separation } = found;
  return [
    `Without hand-written SQL: ${techniqueText(candidate)}: ${timingText(candidate.timing)}, ${factor(separation?.ratio ?? 1)} times as long.`,
  ];
}

function rowByRowLine({ rowByRow, pick, question }: Answer): string[] {
  if (rowByRow === null) return [`The run has no row-by-row cell of ${question.orm} for comparison.`];
  const { ms, low, high, isEstimate, summary } = rowByRow;
  const range = low === null || high === null ? "" : ` [range ${duration(low)} to ${duration(high)}]`;
  return [
    `Row-by-row code (\`${summary.cell.strategy}\`) takes ${isEstimate ? "about " : ""}${duration(ms)}${range}${isEstimate ? " (estimate)" : ""}: ${factor(ms / pick.timing.ms)} times as long.`,
  ];
}

const LIKENESS = {
  "row by row": "Your job has the pace of row-by-row code: it probably sends one or more statements per row.",
  between: "Your job is faster than row-by-row code and slower than batched code: it probably batches only a part of its writes.",
  batched: "Your job already has about the pace of batched code: another technique gains little.",
} as const;

function presentLines({ present, rowByRow, pick }: Answer): string[] {
  if (present === null) return [];
  const { takesMs, ratio, rowsPerSecond, pickRowsPerSecond, likeness } = present;
  const paces =
    rowsPerSecond === null || pickRowsPerSecond === null
      ? []
      : [
          `Your job writes ${count(rowsPerSecond)} rows/s. Here ${techniqueText(pick)} writes ${count(pickRowsPerSecond)} rows/s${rowByRow?.rowsPerSecond == null ? "" : `, and row-by-row code ${rowByRow.isEstimate ? "about " : ""}${count(rowByRow.rowsPerSecond)} rows/s`}.`,
        ];
  return [
    `Your present ${duration(takesMs)} are ${factor(ratio)} times the time of ${techniqueText(pick)}.`,
    ...paces,
    ...(likeness === null ? [] : [LIKENESS[likeness]]),
    "Your tables, rows and server differ from these: take the ratios as orders of magnitude.",
  ];
}

function headline(answer: Answer): Section {
  const { pick } = answer;
  const { basis } = pick.timing;
  return {
    title: "Answer",
    lines: [
      `${questionText(answer)}: ${techniqueText(pick)}: ${timingText(pick.timing)}.`,
      ...tieLine(answer),
      ...withoutSqlLine(answer),
      ...rowByRowLine(answer),
      ...(basis === "measured" && pick.timing.notes.length === 0 ? [] : pick.timing.notes.map((note) => `This time is ${note}.`)),
      ...presentLines(answer),
    ],
  };
}

/** A bulk update gives all its rows the same values; a job with other values in each row cannot use it. */
function bulkUpdateCaution(answer: Answer, { setsEqualValues }: Described): string[] {
  const named = [
    answer.pick,
    ...answer.ranked.filter(({ separation }) => separation?.isTie === true).map(({ candidate }) => candidate),
  ];
  const alternative = withoutSql(answer)?.candidate;
  const strategies = [...named, ...(alternative === undefined ? [] : [alternative])].map(({ summary }) => summary.cell.strategy);
  const equal = [...new Set(strategies)].filter(setsEqualValues);
  return equal.length === 0
    ? []
    : [
        `${equal.map((strategy) => `\`${strategy}\``).join(", ")}: the library's bulk update writes equal values into all rows of a statement, and this job has few different values. Where each row gets another value, it does not apply.`,
      ];
}

function cautions(answer: Answer, described: Described): string[] {
  const { run, pick, question } = answer;
  const { notes } = run.results.run;
  const rounds = pick.summary.samples;
  const distance = distanceOf(run.results, pick.summary);
  const pool = chosenPoolBytes(run.results);
  return [
    ...bulkUpdateCaution(answer, described),
    ...(pool === null
      ? []
      : [
          `The run set the buffer pool of the server to ${mebibytes(pool)}. A server with another size reads more or fewer pages from the disk.`,
        ]),
    ...(rounds < ENOUGH_ROUNDS
      ? [
          `The cell has ${rounds} ${rounds === 1 ? "round" : "rounds"}: too few for a 95 % interval. Small differences may be noise.`,
        ]
      : []),
    ...(question.memoryBytes !== null && question.orders !== null && question.orders !== run.results.run.dataset.orders
      ? [
          `--memory compares the peak with ${count(run.results.run.dataset.orders)} orders. No run shows how the memory grows to ${count(question.orders)}.`,
        ]
      : []),
    ...(question.rttMs === null && distance !== null
      ? [
          `The round trip to the server was ${duration(distance)}. Pass yours with --rtt: distance multiplies with the statements.`,
        ]
      : []),
    ...(pick.timing.basis === "estimated"
      ? ["An estimate from statements misses round trips that the server does not count, such as PREPARE."]
      : []),
    ...notes.map((note) => `Of the run: ${note}`),
  ];
}

function evidence({ pick, ranked, excluded, rowByRow, run, whyRun, elsewhere, furtherRuns }: Answer): Section {
  const rows = ranked
    .slice(0, MOST_ROWS)
    .map(({ candidate: { summary, timing } }) => [
      summary.cell.id,
      timingText(timing),
      count(summary.statements),
      mebibytes(summary.peakRssBytes),
      duration(summary.costs?.longestTransactionMs ?? null),
    ]);
  const slow =
    rowByRow === null
      ? []
      : [
          [
            rowByRow.summary.cell.id,
            `${rowByRow.isEstimate ? "~" : ""}${duration(rowByRow.ms)}`,
            `${rowByRow.summary.status === "ok" ? "" : "~"}${count(rowByRow.statements)}`,
            mebibytes(rowByRow.summary.peakRssBytes),
            duration(rowByRow.summary.costs?.longestTransactionMs ?? null),
          ],
        ];
  const { machine, server } = run.results.run.environment;
  const { startedAt, rounds: planned } = run.results.run;
  const rounds = pick.summary.samples;
  return {
    title: "Evidence",
    table: { head: ["cell", "time", "statements", "peak memory", "longest transaction"], rows: [...rows, ...slow] },
    lines: [
      `Run ${run.folder}: ${startedAt.slice(0, 10)}, ${rounds === planned ? "" : `${rounds} of `}${planned} ${planned === 1 ? "round" : "rounds"}, ${machine.cpu}, ${machine.cores} cores, ${server.provider} ${server.version}, durability ${server.durability}. ${pickVersion(ranked)}`,
      ...(whyRun === null ? [] : [`Reason for this run: ${whyRun}.`]),
      ...(ranked.length > MOST_ROWS ? [`${ranked.length - MOST_ROWS} slower cells are left out; --format json has them.`] : []),
      ...excluded.map(({ candidate, reason }) => `Excluded ${candidate.summary.cell.id}: ${reason}.`),
      ...furtherRuns.map(
        ({ folder, techniques }) =>
          `${folder} has ${count(techniques)} more variants of this library. Times of two runs do not compare; pass that folder for an answer from it.`,
      ),
      ...elsewhere.map(({ summary, timing, run: other }) => {
        const differing = differences(other.results.run, run.results.run).map(({ what }) => what);
        const names = differing.slice(0, MOST_NAMES).join(", ");
        return `${summary.cell.id} took ${timingText(timing)} in ${other.folder}${differing.length === 0 ? "" : `, which differs in: ${names}${differing.length > MOST_NAMES ? ", ..." : ""}`}.`;
      }),
    ],
  };
}

const pickVersion = ([first]: readonly Ranked[]): string => {
  const summary = first?.candidate.summary;
  return summary?.ormVersion == null ? "" : `${summary.cell.orm} ${summary.ormVersion}.`;
};

const promising = ({ promising: found, pick, question }: Answer): Section[] =>
  found.length === 0
    ? []
    : [
        {
          title: `Not measured through ${question.orm}`,
          lines: [
            ...found.map(
              (each) =>
                `${nameText(each)} through ${each.throughOrm} took ${times(each.ratio)} the time of ${techniqueText(pick)} through ${each.throughOrm} (${each.rounds} ${each.rounds === 1 ? "round" : "rounds"}, ${each.cell} in ${each.run.folder}).`,
            ),
            "Another library is only a hint. --fit measures the first of them.",
          ],
        },
      ];

/** The declarations of the plug-ins about a technique. */
export interface Described {
  readonly summaryOf: (strategy: string) => string | null;
  /** true if the technique needs the bulk update of the library */
  readonly setsEqualValues: (strategy: string) => boolean;
}

/** @param next commands that continue, with their purpose */
export function sectionsOf(answer: Answer, next: readonly string[], described: Described): Section[] {
  const because = reasonsOf(answer);
  const summary = described.summaryOf(answer.pick.summary.cell.strategy);
  const cautious = cautions(answer, described);
  return [
    headline(answer),
    ...(because.length === 0 && summary === null
      ? []
      : [
          {
            title: "Because",
            lines: [...(summary === null ? [] : [`\`${answer.pick.summary.cell.strategy}\`: ${summary}.`]), ...because],
          },
        ]),
    ...promising(answer),
    ...(cautious.length === 0 ? [] : [{ title: "Caution", lines: cautious }]),
    evidence(answer),
    { title: "Next", lines: next },
  ];
}
