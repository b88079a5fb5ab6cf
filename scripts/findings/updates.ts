/** The speed of many-row updates through mysql2, for findings. */
import { count } from "../../harness/text/format.ts";
import { known, type Evidence } from "./evidence.ts";

export interface UpdateRate {
  readonly strategy: string;
  readonly users: number;
  readonly usersText: string;
  /** updated rows per second */
  readonly rate: number;
  readonly readsPerRow: number;
}

/** The points with a rate, by size. */
export const pointsOf = (evidence: Evidence): UpdateRate[] =>
  evidence
    .updates("updates")
    .filter(({ orm, rowsPerSecond }) => orm === "mysql2" && rowsPerSecond !== null)
    .map(({ strategy, chunkUsers, rowsPerSecond, rowsReadPerRow }) => ({
      strategy,
      users: chunkUsers,
      usersText: `${count(chunkUsers)} users`,
      rate: known(rowsPerSecond, `rate of ${strategy}`),
      readsPerRow: known(rowsReadPerRow, `rows read by ${strategy}`),
    }))
    .toSorted((a, b) => a.users - b.users);

const lineOf = (evidence: Evidence, strategy: string): UpdateRate[] =>
  pointsOf(evidence).filter((point) => point.strategy === strategy);

export const bestOf = (evidence: Evidence, strategy: string): UpdateRate =>
  known(lineOf(evidence, strategy).toSorted((a, b) => b.rate - a.rate)[0], `rate of ${strategy}`);

export const largestOf = (evidence: Evidence, strategy: string): UpdateRate =>
  known(lineOf(evidence, strategy).at(-1), `rate of ${strategy}`);

/** `54,400 rows per second`, as coarse as in the table of the updates */
export const rateText = ({ rate }: UpdateRate): string => `${count(Math.round(rate / 100) * 100)} rows/s`;
