/** Fits a line through the times of each cell over the round-trip time, and reads off times at other round-trip times. */
import type { RunResults } from "../../results/records.ts";
import { fastestByRtt, fitRtt, isCarried, MAX_MISS, timeAt, type RttFit } from "../../rtt/fit.ts";
import { summarise, type CellSummary } from "../../results/summary.ts";
import { count, duration, percent, UNKNOWN } from "../../text/format.ts";
import { displayRow } from "./rows.ts";

/** Total round-trip times to read off: same host, same zone, other zone, near region, far region. */
export const READ_OFF_MS = [0.5, 1, 2, 5, 20] as const;

export interface Fitted {
  readonly name: string;
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
  const totalOf = new Map(results.run.rtt.map(({ askedMs, roundTripMs }) => [askedMs, roundTripMs]));
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
      : [{ name, fit, roundTrips: first.roundTrips, roundTripChain: chainOf(cells) }];
  });
}

/** The longest counted chain: the chain of one cell differs between round-trip times only by the overlap of its workers. */
function chainOf(cells: readonly CellSummary[]): number | null {
  const counted = cells.flatMap(({ roundTripChain }) => (roundTripChain === null ? [] : [roundTripChain]));
  return counted.length === 0 ? null : Math.max(...counted);
}

function refusal({ name, fit: { worstMiss } }: Fitted): string[] {
  if (worstMiss === null)
    return [`${name}: two round-trip times without counted round trips fit every line. Measure a third one with --add-rtt.`];
  if (worstMiss <= MAX_MISS) return [];
  return [
    `${name}: no line, because base + chain x RTT misses a measured point by ${percent(worstMiss)}. Measure more rounds, or more round-trip times.`,
  ];
}

function crossings(fitted: readonly Fitted[]): string[] {
  // a cell whose times fit no line can be fastest at any round-trip time
  if (fitted.length < 2 || !fitted.every(({ fit }) => isCarried(fit))) return [];
  const stretches = fastestByRtt(fitted);
  const parts = stretches.map(({ fromMs, toMs, name }) => {
    if (fromMs === 0) return toMs === null ? `${name} at any round-trip time` : `${name} up to ${duration(toMs)}`;
    return toMs === null ? `${name} beyond` : `${name} up to ${duration(toMs)}`;
  });
  return [`Fastest by these lines: ${parts.join("; ")}.`];
}

/** @returns null for a run without a cell at two or more round-trip times */
export function rttTable(results: RunResults): RttTable | null {
  const fitted = fittedCells(results);
  if (fitted.length === 0) return null;
  return {
    head: [
      "cell",
      "round trips",
      "longest chain",
      "time = base + chain x RTT",
      "worst miss",
      ...READ_OFF_MS.map((ms) => `at ${ms} ms`),
    ],
    rows: fitted.map(({ name, fit, roundTrips, roundTripChain }) => [
      name,
      count(roundTrips),
      count(roundTripChain),
      isCarried(fit) ? `${duration(Math.max(0, fit.baseMs))} + ${count(fit.chain)} x RTT` : UNKNOWN,
      fit.worstMiss === null ? UNKNOWN : percent(fit.worstMiss),
      ...READ_OFF_MS.map((ms) => (isCarried(fit) ? duration(Math.max(0, timeAt(fit, ms))) : UNKNOWN)),
    ]),
    notes: [
      `RTT is the total round-trip time, measured through the proxies: ${results.run.rtt
        .map(({ askedMs, roundTripMs }) => `${roundTripMs.toFixed(2)} ms with ${askedMs} ms added`)
        .join(", ")}.`,
      ...crossings(fitted),
      ...fitted.flatMap(refusal),
    ],
  };
}
