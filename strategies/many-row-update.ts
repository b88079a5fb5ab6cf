/**
 * An update of many rows with different values in each, and the forms of SQL for it. A form is a pure function: it returns the
 * statements and sends none. Each technique that updates rows has one form in its file, so that the techniques differ in
 * nothing else.
 */
import type { OrmSession } from "../orms/orm.ts";
import type { ManyRowUpdate, UpdateColumn, UpdateForm, UpdateStep, UpdateValue } from "./update-form.ts";

/** MySQL's limit for one prepared statement. Libraries that prepare raw SQL fail beyond it (error 1390). */
export const MAX_PLACEHOLDERS = 65_535;

export interface UpdateLimits {
  readonly maxPlaceholders?: number;
  /** rows of one statement; absent: as many as the placeholders allow */
  readonly maxRows?: number;
}

/** Splits rows so that no statement exceeds its placeholders. Yields nothing without rows. */
export function* batches<Row>(
  rows: readonly Row[],
  placeholdersPerRow: number,
  { maxPlaceholders = MAX_PLACEHOLDERS, maxRows = Infinity }: UpdateLimits,
): Generator<readonly Row[]> {
  const size = Math.min(maxRows, Math.max(1, Math.floor(maxPlaceholders / placeholdersPerRow)));
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}

/** The steps of an update of any size; none without rows. */
export function stepsOf(form: UpdateForm, update: ManyRowUpdate, limits: UpdateLimits = {}): UpdateStep[] {
  const { key, values, common, unchanged } = update;
  const all = key.length + values.length + common.length + unchanged.length;
  const perRow = form.placeholders({ keys: key.length, values: values.length, all });
  const { maxPlaceholders = MAX_PLACEHOLDERS } = limits;
  const room = { ...limits, maxPlaceholders: maxPlaceholders - common.length };
  return [...batches(update.rows, perRow, room)].flatMap((rows) => form.steps({ ...update, rows }));
}

export async function runSteps(session: OrmSession, steps: readonly UpdateStep[]): Promise<void> {
  for (const step of steps) {
    if ("sql" in step) await session.execute(step.sql, step.params);
    else await session.loadData?.(step.loadInto, step.columns, step.rows);
  }
}

/** `(?, ?)` */
export const marks = (columns: readonly unknown[]): string => `(${columns.map(() => "?").join(", ")})`;

export const namesOf = (columns: readonly UpdateColumn[]): string[] => columns.map(({ name }) => name);

/** The values of the update's common columns, in the order of {@link assignments}. */
export const commonValues = ({ common }: ManyRowUpdate): UpdateValue[] => common.map(([, value]) => value);

/** `SET` of all columns. @param valueOf SQL for the value of a value column */
export const assignments = ({ values, common }: ManyRowUpdate, valueOf: (column: string) => string): string =>
  [...values.map(({ name }) => `${name} = ${valueOf(name)}`), ...common.map(([column]) => `${column} = ?`)].join(", ");

/** The condition that selects the rows of the update, with its values. */
export function whereKeys({ key, rows }: ManyRowUpdate): { readonly sql: string; readonly params: UpdateValue[] } {
  const [only = "", ...others] = namesOf(key);
  const isSingle = others.length === 0;
  const columns = isSingle ? only : `(${namesOf(key).join(", ")})`;
  const list = isSingle ? "?" : marks(key);
  const lists = rows.map(() => list).join(", ");
  return { sql: `${columns} IN (${lists})`, params: rows.flatMap((row) => row.slice(0, key.length)) };
}

/**
 * The update by a join with a table `new` that has the key and the values. The keys are compared as numbers, so that the
 * collations of server and connection do not matter.
 * @param source SQL of the table, with its alias
 */
export function joined(update: ManyRowUpdate, source: string): string {
  const { table, key, values, common } = update;
  const on = namesOf(key).map((name) => `${table}.${name} = new.${name}`);
  const set = [
    ...namesOf(values).map((name) => `${table}.${name} = new.${name}`),
    ...common.map(([column]) => `${table}.${column} = ?`),
  ];
  return `UPDATE ${table} JOIN ${source} ON ${on.join(" AND ")} SET ${set.join(", ")}`;
}
