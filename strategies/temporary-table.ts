/** The form that both techniques with a temporary table share. They differ in the way they fill the table. */
import { commonValues, joined, namesOf } from "./many-row-update.ts";
import type { ManyRowUpdate, UpdateForm, UpdateStep } from "./update-form.ts";

const statement = (sql: string): UpdateStep => ({ sql, params: [] });

/**
 * The primary key is for servers with sql_require_primary_key, and for the join. The engine is InnoDB, so that a rollback also
 * empties a table that a failed attempt leaves on its connection: IF NOT EXISTS finds that table without rows.
 * @param placeholdersPerRow of `fill`
 * @param fill the step that fills the table
 */
export const temporaryTableForm = (
  placeholdersPerRow: (columns: number) => number,
  fill: (table: string, columns: readonly string[], rows: ManyRowUpdate["rows"]) => UpdateStep,
): UpdateForm => ({
  placeholders: ({ keys, values }) => placeholdersPerRow(keys + values),
  steps(update) {
    const { table, key, values, rows } = update;
    const temporary = `new_${table}`;
    const columns = [
      ...key.map(({ name, type }) => `${name} ${type} NOT NULL`),
      ...values.map(({ name, type }) => `${name} ${type} NULL`),
      `PRIMARY KEY (${namesOf(key).join(", ")})`,
    ];
    return [
      statement(`CREATE TEMPORARY TABLE IF NOT EXISTS ${temporary} (${columns.join(", ")}) ENGINE=InnoDB`),
      fill(temporary, [...namesOf(key), ...namesOf(values)], rows),
      { sql: joined(update, `${temporary} AS new`), params: commonValues(update) },
      statement(`DROP TEMPORARY TABLE ${temporary}`),
    ];
  },
});
