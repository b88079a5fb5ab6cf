/** One point of the matrix: what is measured, by which code. */
import type { ApiLevel, Orm } from "../orms/orm.ts";
import type { KeyScheme } from "../strategies/keys/key.ts";

export interface Cell {
  /** unique within a run and readable: `chunked/prisma/uuidv7/1000` */
  readonly id: string;
  readonly strategy: string;
  readonly orm: string;
  readonly key: string;
  readonly workers: number;
  /** users per chunk; null where the strategy has no chunks */
  readonly chunkUsers: number | null;
  readonly api: ApiLevel;
}

/** What a child process needs to run a cell: where its code is. */
export interface CellModules {
  readonly strategyUrl: string;
  readonly ormUrl: string;
  readonly keyUrl: string;
}

export interface PlannedCell {
  readonly cell: Cell;
  readonly modules: CellModules;
  readonly orm: Orm;
  readonly key: KeyScheme;
  /** stops a sample after this long; null: runs to its end */
  readonly limitMs: number | null;
  /** why it can't be run; it is a row of the results all the same */
  readonly skipReason: string | null;
}

export function cellId(parts: Omit<Cell, "id" | "api">): string {
  const { strategy, orm, key, workers, chunkUsers } = parts;
  return [
    strategy,
    orm,
    key,
    ...(chunkUsers === null ? [] : [`chunk=${chunkUsers}`]),
    ...(workers === 1 ? [] : [`workers=${workers}`]),
  ].join("/");
}
