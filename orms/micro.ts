/**
 * Measures a part of the client's work without a server, separate from the cost of the database. Each file in the harness
 * folder `micro/`, or `micro.ts` in an ORM's folder, exports one subject as `micro`.
 */
import type { GradeLogRow } from "../workload/tables.ts";

export interface MicroCase {
  /** for example `uuidv7, 16 bytes` */
  readonly name: string;
  /** the counted unit: key, row or value */
  readonly unit: string;
  /** units that one call produces */
  readonly unitsPerCall: number;
  /**
   * The measured code. `check` verifies its result before the measurement, and the harness keeps the result, so that the
   * compiler cannot remove the code.
   */
  run(): unknown;
  /** @param result the awaited result of `run`. @returns its fault, or null */
  check(result: unknown): string | null;
  /** whether `run` returns a promise; declared, because a test would have to call `run` */
  readonly isAsync: boolean;
}

export interface Micro {
  readonly id: string;
  readonly summary: string;
  /** what `cases` imports lazily and this package does not bring along; the subject is skipped without these packages */
  readonly packages?: readonly string[];
  cases(): readonly MicroCase[] | Promise<readonly MicroCase[]>;
}

const CHANGED_AT = new Date(Date.UTC(2026, 9, 1));

/** Rows in the form in which the job writes them. */
export const gradeLogRows = (rows: number): GradeLogRow[] =>
  Array.from({ length: rows }, (_, index) => ({
    runId: 1,
    userId: index + 1,
    previousGrade: "SILVER",
    newGrade: index % 2 === 0 ? "GOLD" : "VIP",
    changedAt: CHANGED_AT,
  }));

/** A check that a text contains a pattern exactly `times` times. */
export const holds =
  (pattern: RegExp, times: number) =>
  (result: unknown): string | null => {
    const found = typeof result === "string" ? (result.match(pattern)?.length ?? 0) : -1;
    return found === times ? null : `the text contains ${String(pattern)} ${found} times instead of ${times}`;
  };
