/** Plans the few cells that an answer needs, with data and rounds that fit into a time limit. */
import { AROUND_SAMPLE_MS } from "../plan/estimate.ts";
import type { Answer } from "./answer.ts";
import { techniqueOf, type Technique } from "./candidate.ts";

/** A technique to measure through the library of the question. */
export interface FitCell extends Technique {
  /** expected time of a sample at `orders`; null: unknown */
  readonly expected: { readonly ms: number; readonly orders: number } | null;
  /** true: the limit of row-by-row cells applies */
  readonly isRowByRow: boolean;
}

export interface FitPlan {
  readonly cells: readonly FitCell[];
  readonly rounds: number;
  readonly users: number;
  readonly orders: number;
  readonly expectedMs: number;
}

/** Techniques beside the recommended one, of other kinds: more would leave too few rounds. */
const MOST_RIVALS = 2;
const MOST_CELLS = 3;
/** A row-by-row sample takes minutes. Its pace is known after seconds. */
export const ROW_BY_ROW_LIMIT_MS = 5_000;
/** Six rounds give a 95 % interval, three a range. */
const ROUNDS = [6, 5, 4, 3] as const;
/** Start of a server, accounts, oracle, warm cache. */
const START_MS = 15_000;
/** Loading a million orders takes about half a minute on two cores; a distant server takes longer. */
const LOAD_MS_PER_ORDER = 0.04;
/** The estimates are orders of magnitude: the rest of the limit is their margin. */
const USED_OF_LIMIT = 0.75;
/** Fewer rounds are better than data below this fraction of the wanted size. */
const LEAST_FRACTION = 0.25;
/** For a cell that no run measured, like the slowest batched cell of the published runs. */
const UNKNOWN_MS_PER_ORDER = 0.025;

/** The recommended technique, its rivals of other kinds, and the most promising unmeasured one. */
export function fitCellsOf({ pick, ranked, promising, rowByRow }: Answer): FitCell[] {
  const kinds = new Set<string>();
  const firsts = ranked.filter(({ candidate: { summary } }) => {
    const isFirst = !kinds.has(summary.cell.strategy);
    kinds.add(summary.cell.strategy);
    return isFirst;
  });
  const measured = firsts.slice(0, 1 + MOST_RIVALS).map(({ candidate: { summary, timing, orders } }): FitCell => ({
    ...techniqueOf(summary.cell),
    expected: { ms: timing.ms, orders },
    isRowByRow: false,
  }));
  const [best] = promising;
  const hoped: FitCell[] =
    best === undefined
      ? []
      : [{ ...techniqueOf(best), expected: { ms: pick.timing.ms, orders: pick.orders }, isRowByRow: false }];
  const slow: FitCell[] = rowByRow === null ? [] : [{ ...techniqueOf(rowByRow.summary.cell), expected: null, isRowByRow: true }];
  return [...measured.slice(0, MOST_CELLS - hoped.length), ...hoped, ...slow];
}

const sampleMs = ({ expected, isRowByRow }: FitCell, orders: number): number => {
  if (isRowByRow) return ROW_BY_ROW_LIMIT_MS;
  return expected === null ? orders * UNKNOWN_MS_PER_ORDER : (expected.ms / expected.orders) * orders;
};

const totalMs = (cells: readonly FitCell[], rounds: number, orders: number): number =>
  START_MS +
  orders * LOAD_MS_PER_ORDER +
  rounds * cells.reduce((sum, cell) => sum + AROUND_SAMPLE_MS + sampleMs(cell, orders), 0);

export interface FitLimits {
  readonly orders: number;
  readonly users: number;
  readonly smallest: { readonly orders: number; readonly users: number };
  readonly limitMs: number;
}

/** @returns null if the limit is too short for the smallest data and three rounds */
export function planFit(cells: readonly FitCell[], { orders, users, smallest, limitMs }: FitLimits): FitPlan | null {
  const budget = limitMs * USED_OF_LIMIT;
  const plans = ROUNDS.flatMap((rounds): FitPlan[] => {
    const fixed = totalMs(cells, rounds, 0);
    const perOrder = (totalMs(cells, rounds, orders) - fixed) / orders;
    const fitting = Math.min(orders, (budget - fixed) / perOrder);
    const planned = Math.floor(fitting);
    if (planned < smallest.orders || (planned / orders) * users < smallest.users) return [];
    return [
      {
        cells,
        rounds,
        orders: planned,
        users: Math.max(smallest.users, Math.round((planned / orders) * users)),
        expectedMs: totalMs(cells, rounds, planned),
      },
    ];
  });
  return plans.find((plan) => plan.orders >= LEAST_FRACTION * orders) ?? plans.toSorted((a, b) => b.orders - a.orders)[0] ?? null;
}
