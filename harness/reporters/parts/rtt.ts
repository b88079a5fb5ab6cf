/** Fits a line through the times of each cell over the round-trip time, and reads off times at other round-trip times. */
import type { RunResults } from "../../results/records.ts";
import { fastestByRtt, fitRtt, isCarried, MAX_MISS, timeAt, type RttFit } from "../../rtt/fit.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";
import { count, decimal, duration, percent, UNKNOWN } from "../../text/format.ts";
import { displayRow } from "./rows.ts";
import { RTT_WORDS, type RttWords } from "./rtt-words.ts";

/** Total round-trip times to read off: same host, same zone, other zone, near region, far region. */
export const READ_OFF_MS = [0.5, 1, 2, 5, 20] as const;

export interface Fitted {
  readonly name: string;
  /** id of the library, without its version */
  readonly orm: string;
  readonly fit: RttFit;
  readonly roundTrips: number | null;
  readonly roundTripChain: number | null;
}

export interface RttTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** accuracy of the lines, and the round-trip times at which another cell becomes fastest */
  readonly notes: readonly string[];
}

/** The name of a cell without its round-trip time, to group all its times. */
const nameWithoutRtt = (summary: CellSummary): string => {
  const cell = { ...summary.cell, addedRttMs: null };
  const { technique, chunk, orm, key } = displayRow({ ...summary, cell });
  return [technique, ...(chunk === UNKNOWN ? [] : [`chunk ${chunk}`]), orm, key].join(" / ");
};

/** Cells with times at two or more round-trip times. */
export function fittedCells(results: RunResults): Fitted[] {
  const totalOf = new Map(results.run.rtt.map(({ requestedMs, roundTripMs }) => [requestedMs, roundTripMs]));
  const proxied = summarise(results).filter(({ cell, medianWallMs }) => cell.addedRttMs !== null && medianWallMs !== null);
  return [...Map.groupBy(proxied, nameWithoutRtt)].flatMap(([name, cells]) => {
    const fit = fitRtt(
      cells.flatMap(({ cell, medianWallMs }) => {
        const roundTripMs = totalOf.get(cell.addedRttMs ?? Number.NaN);
        return roundTripMs === undefined || medianWallMs === null ? [] : [{ roundTripMs, wallMs: medianWallMs }];
      }),
      chainOf(cells),
    );
    const [first] = cells;
    return fit === null || first === undefined
      ? []
      : [{ name, orm: first.cell.orm, fit, roundTrips: first.roundTrips, roundTripChain: chainOf(cells) }];
  });
}

/** The longest counted chain: the chain of one cell differs between round-trip times only by the overlap of its workers. */
function chainOf(cells: readonly CellSummary[]): number | null {
  const counted = cells.flatMap(({ roundTripChain }) => (roundTripChain === null ? [] : [roundTripChain]));
  return counted.length === 0 ? null : Math.max(...counted);
}

function refusal({ name, fit: { worstMiss } }: Fitted, words: RttWords): string[] {
  if (worstMiss === null) return [words.uncheckedLine(name)];
  return worstMiss <= MAX_MISS ? [] : [words.noLine(name, percent(worstMiss))];
}

function crossings(fitted: readonly Fitted[], words: RttWords): string[] {
  // a cell whose times fit no line can be fastest at any round-trip time
  if (fitted.length < 2 || !fitted.every(({ fit }) => isCarried(fit))) return [];
  const stretches = fastestByRtt(fitted);
  const parts = stretches.map(({ fromMs, toMs, name }) => {
    if (toMs !== null) return words.upTo(name, duration(toMs));
    return fromMs === 0 ? words.anywhere(name) : words.beyond(name);
  });
  return [words.fastest(parts.join("; "))];
}

/** @returns null for a run without a cell at two or more round-trip times */
export function rttTable(results: RunResults, words: RttWords = RTT_WORDS): RttTable | null {
  const fitted = fittedCells(results);
  if (fitted.length === 0) return null;
  return {
    head: [...words.head, ...READ_OFF_MS.map(words.at)],
    rows: fitted.map(({ name, fit, roundTrips, roundTripChain }) => [
      name,
      count(roundTrips),
      count(roundTripChain),
      isCarried(fit) ? `${duration(Math.max(0, fit.baseMs))} + ${count(fit.chain)} x RTT` : UNKNOWN,
      fit.worstMiss === null ? UNKNOWN : percent(fit.worstMiss),
      ...READ_OFF_MS.map((ms) => (isCarried(fit) ? duration(Math.max(0, timeAt(fit, ms))) : UNKNOWN)),
    ]),
    notes: [
      words.total(
        results.run.rtt.map(({ requestedMs, roundTripMs }) => words.added(decimal(roundTripMs, 2), requestedMs)).join(", "),
      ),
      ...crossings(fitted, words),
      ...fitted.flatMap((each) => refusal(each, words)),
    ],
  };
}
