/**
 * The costs of a kind of key: time, page splits, bytes and fill of the tables, and the reads of the new rows. Only for runs about key
 * locality, whose samples have these values.
 */
import { otherAxes } from "../../plan/cell.ts";
import { prefillText } from "../../plan/prefill.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";
import { timedSamples } from "../../results/timed-samples.ts";
import type { RunResults, SampleRecord } from "../../results/records.ts";
import { pairedRatio, pairsByRound } from "../../statistics/pairs.ts";
import type { Interval } from "../../statistics/quantiles.ts";
import { ratioInterval } from "../../statistics/signed-rank.ts";
import { count, csvNumber, decimal, duration, percent, times, UNKNOWN } from "../../text/format.ts";
import { KEY_WORDS, type KeyWords } from "./key-words.ts";
import { displayRow } from "./rows.ts";

interface Ratio {
  readonly ratio: number | null;
  /** 95 %; null below 6 rounds */
  readonly interval: Interval | null;
}

export interface KeyPoint {
  readonly summary: CellSummary;
  /** of the other cells with this technique, library, workers and earlier rows: the name that all share */
  readonly group: string;
  /** time divided by that of the first key of the group, paired by round; null for the first key */
  readonly toFirst: Ratio | null;
  /** the same to the key before it: a random kind follows the time-ordered kind of its storage */
  readonly toPrevious: Ratio | null;
  readonly bytesPerRow: number | null;
}

/** All axes but the key. */
const groupOf = ({ cell }: CellSummary): string => otherAxes(cell, ["key"]);

/** `chunked x6 / chunk 500 / mysql2` */
function nameOf(summary: CellSummary): string {
  const { technique, chunk, orm } = displayRow({ ...summary, cell: { ...summary.cell, prefill: null } });
  return [technique, ...(chunk === UNKNOWN ? [] : [`chunk ${chunk}`]), orm].join(" / ");
}

function bytesPerRow({ costs }: CellSummary): number | null {
  const { tableBytes = null, indexBytes = null, growingRows = null } = costs ?? {};
  return tableBytes === null || indexBytes === null || growingRows === null || growingRows === 0
    ? null
    : (tableBytes + indexBytes) / growingRows;
}

/** @returns the keys of each group in the order of the run; empty for a run without values of key locality */
export function keyPoints(results: RunResults): KeyPoint[] {
  const summaries = summarise(results);
  if (summaries.every(({ costs }) => (costs?.growingRows ?? null) === null)) return [];
  const timesOf = ({ cell }: CellSummary): readonly SampleRecord[] =>
    timedSamples(results.samples.filter((sample) => sample.cell.id === cell.id));
  const ratio = (base: CellSummary | undefined, summary: CellSummary): Ratio | null => {
    if (base === undefined || base === summary) return null;
    const pairs = pairsByRound(timesOf(base), timesOf(summary));
    return { ratio: pairedRatio(pairs), interval: ratioInterval(pairs, 0.95) };
  };
  const shown = summaries.filter(({ status }) => status === "ok");
  return [...Map.groupBy(shown, groupOf).values()].flatMap((group) =>
    group.map((summary, index): KeyPoint => {
      return {
        summary,
        group: nameOf(summary),
        toFirst: ratio(group[0], summary),
        toPrevious: ratio(group[index - 1], summary),
        bytesPerRow: bytesPerRow(summary),
      };
    }),
  );
}

const ratioText = (found: Ratio | null): string =>
  found === null
    ? UNKNOWN
    : [
        times(found.ratio),
        ...(found.interval === null ? [] : [`(${times(found.interval.low)} - ${times(found.interval.high)})`]),
      ].join(" ");

export interface KeysTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

/** @returns null for a run without values of key locality */
export function keysTable(results: RunResults, words: KeyWords = KEY_WORDS): KeysTable | null {
  const points = keyPoints(results);
  if (points.length === 0) return null;
  const pool = results.run.environment.server.variables["innodb_buffer_pool_size"];
  return {
    head: words.head,
    rows: points.map(({ summary, group, toFirst, toPrevious, bytesPerRow: perRow }) => {
      const { cell, costs, medianWallMs } = summary;
      const lookupUs = costs?.lookupUs ?? null;
      return [
        group,
        cell.prefill === null ? words.noRows : prefillText(cell.prefill),
        cell.key,
        duration(medianWallMs),
        ratioText(toFirst),
        ratioText(toPrevious),
        count(costs?.pageSplits ?? null),
        count(perRow),
        percent(costs?.leafFill ?? null),
        count(costs?.pagesRead ?? null),
        lookupUs === null ? UNKNOWN : `${count(lookupUs)} µs`,
        decimal(costs?.lookupPagesRead, 2),
        count(costs?.rangeRowsPerSecond ?? null),
      ];
    }),
    notes: [
      words.pool(
        pool === undefined || pool === null ? words.unknownPool : `${(Number(pool) / 2 ** 20).toLocaleString("en")} MiB`,
      ),
      words.fill,
      words.reads,
    ],
  };
}

export const KEY_COLUMNS: Readonly<Record<string, (point: KeyPoint) => string | number | null>> = {
  strategy: ({ summary }) => summary.cell.strategy,
  orm: ({ summary }) => summary.cell.orm,
  key: ({ summary }) => summary.cell.key,
  workers: ({ summary }) => summary.cell.workers,
  chunk_users: ({ summary }) => summary.cell.chunkUsers,
  prefill: ({ summary }) => summary.cell.prefill ?? "0",
  samples: ({ summary }) => summary.samples,
  median_wall_ms: ({ summary }) => csvNumber(summary.medianWallMs),
  ratio_to_first_key: ({ toFirst }) => csvNumber(toFirst?.ratio),
  ratio_to_first_key_low: ({ toFirst }) => csvNumber(toFirst?.interval?.low),
  ratio_to_first_key_high: ({ toFirst }) => csvNumber(toFirst?.interval?.high),
  ratio_to_previous_key: ({ toPrevious }) => csvNumber(toPrevious?.ratio),
  ratio_to_previous_key_low: ({ toPrevious }) => csvNumber(toPrevious?.interval?.low),
  ratio_to_previous_key_high: ({ toPrevious }) => csvNumber(toPrevious?.interval?.high),
  page_splits: ({ summary }) => csvNumber(summary.costs?.pageSplits),
  bytes_per_row: ({ bytesPerRow: perRow }) => csvNumber(perRow),
  leaf_fill: ({ summary }) => csvNumber(summary.costs?.leafFill, 6),
  pages_read: ({ summary }) => csvNumber(summary.costs?.pagesRead),
  lookup_us: ({ summary }) => csvNumber(summary.costs?.lookupUs),
  lookup_pages_read: ({ summary }) => csvNumber(summary.costs?.lookupPagesRead, 6),
  range_rows_per_second: ({ summary }) => csvNumber(summary.costs?.rangeRowsPerSecond),
};
