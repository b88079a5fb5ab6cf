/**
 * What a part of the client's work costs without a server: one file per subject in this folder, or `micro.ts` in an ORM's, each
 * exporting `micro`. Its cost told apart from the database's.
 */
import type { GradeLogRow } from "../workload/tables.ts";

export interface MicroCase {
  /** `uuidv7, 16 bytes` */
  readonly name: string;
  /** what is counted: a key, a row, a value */
  readonly unit: string;
  /** how many of it one call makes */
  readonly unitsPerCall: number;
  /** What is measured. What it returns is checked before it gets a time, and kept from being optimised away. */
  run(): unknown;
  /** @returns what is wrong with what `run` gave (awaited), or null */
  check(result: unknown): string | null;
  /** whether `run` returns a promise: said, not found out, because finding out would run it */
  readonly isAsync: boolean;
}

export interface Micro {
  readonly id: string;
  readonly summary: string;
  cases(): readonly MicroCase[] | Promise<readonly MicroCase[]>;
}

const CHANGED_AT = new Date(Date.UTC(2026, 9, 1));

/** Rows as the job writes them. */
export const gradeLogRows = (rows: number): GradeLogRow[] =>
  Array.from({ length: rows }, (_, index) => ({
    runId: 1,
    userId: index + 1,
    previousGrade: "SILVER",
    newGrade: index % 2 === 0 ? "GOLD" : "VIP",
    changedAt: CHANGED_AT,
  }));

/** A check that a text holds a pattern so many times. */
export const holds =
  (pattern: RegExp, times: number) =>
  (result: unknown): string | null => {
    const found = typeof result === "string" ? (result.match(pattern)?.length ?? 0) : -1;
    return found === times ? null : `${found} times ${String(pattern)} in it instead of ${times}`;
  };
