/** Finds if the records separate two candidates, or if noise hides their difference. */
import { pairedRatio, pairsByRound } from "../statistics/pairs.ts";
import { ratioInterval } from "../statistics/signed-rank.ts";
import type { Interval } from "../statistics/quantiles.ts";
import type { Candidate } from "./candidate.ts";

/** One round of two equal cells on two shared cores differed by tens of percent (README.md, "What the results show"). */
const ONE_ROUND_NOISE = 0.3;
const CONFIDENCE = 0.95;

export interface Separation {
  /** time of the other candidate divided by that of the first one */
  readonly ratio: number;
  /** 95 %; null below 6 common rounds */
  readonly interval: Interval | null;
  readonly isTie: boolean;
}

export function separate(first: Candidate, other: Candidate): Separation {
  const pairs = first.run.folder === other.run.folder ? pairsByRound(first.timing.rounds, other.timing.rounds) : [];
  const ratio = pairedRatio(pairs) ?? other.timing.ms / first.timing.ms;
  const interval = pairs.length === 0 ? null : ratioInterval(pairs, CONFIDENCE);
  if (interval !== null) return { ratio, interval, isTie: interval.low <= 1 && interval.high >= 1 };
  const [a, b] = [first.timing.spread, other.timing.spread];
  if (a === null || b === null) return { ratio, interval, isTie: Math.abs(Math.log(ratio)) <= Math.log1p(ONE_ROUND_NOISE) };
  return { ratio, interval, isTie: a.low <= b.high && b.low <= a.high };
}
