/** An update of many rows with different values in each, and a form of SQL for it. */
import type { SqlValue } from "../orms/orm.ts";

/** Without bytes, which JSON and ELT do not preserve. */
export type UpdateValue = Exclude<SqlValue, Uint8Array>;

export interface UpdateColumn {
  readonly name: string;
  /** for forms that declare a table. Text names its character set, because the server's default may be another. */
  readonly type: string;
}

export interface ManyRowUpdate {
  readonly table: string;
  /** the primary key: integers, and below 65,536 in all columns but the first */
  readonly key: readonly UpdateColumn[];
  /** columns with a different value in each row */
  readonly values: readonly UpdateColumn[];
  /** columns with the same value in all rows */
  readonly common: readonly (readonly [column: string, value: UpdateValue])[];
  /** NOT NULL columns without a default that stay unchanged. A form that inserts must fill them. */
  readonly unchanged: readonly (readonly [column: string, filler: UpdateValue])[];
  /** the values of the key columns, then those of the value columns; each key once */
  readonly rows: readonly (readonly UpdateValue[])[];
}

/** A statement, or rows for a temporary table by LOAD DATA LOCAL. */
export type UpdateStep =
  | { readonly sql: string; readonly params: readonly SqlValue[] }
  | { readonly loadInto: string; readonly columns: readonly string[]; readonly rows: readonly (readonly SqlValue[])[] };

export interface UpdateForm {
  /** placeholders for each row, by the number of columns */
  placeholders(columns: { readonly keys: number; readonly values: number; readonly all: number }): number;
  /** the steps for all rows of the update, in order, in one transaction */
  steps(update: ManyRowUpdate): readonly UpdateStep[];
}
