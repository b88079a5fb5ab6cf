import { assignments, commonValues, whereKeys } from "./many-row-update.ts";
import type { ManyRowUpdate, UpdateForm } from "./update-form.ts";
import type { Strategy } from "./strategy.ts";
import { updateChunks } from "./update-chunks.ts";

/** `CASE id WHEN ? THEN ? END`, or `CASE WHEN user_id = ? AND category_id = ? THEN ? END` for a key of several columns. */
function caseOf({ key, rows }: ManyRowUpdate): string {
  const [only = { name: "" }, ...others] = key;
  if (others.length === 0) return `CASE ${only.name} ${rows.map(() => "WHEN ? THEN ?").join(" ")} END`;
  const condition = key.map(({ name }) => `${name} = ?`).join(" AND ");
  return `CASE ${rows.map(() => `WHEN ${condition} THEN ?`).join(" ")} END`;
}

/** The server evaluates the CASE for every row, so its work grows with the square of the rows in one statement. */
export const form: UpdateForm = {
  placeholders: ({ keys, values }) => (keys + 1) * values + keys,
  steps(update) {
    const { table, key, values, rows } = update;
    const where = whereKeys(update);
    const params = values.flatMap((_, index) =>
      rows.flatMap((row) => [...row.slice(0, key.length), row[key.length + index] ?? null]),
    );
    return [
      {
        sql: `UPDATE ${table} SET ${assignments(update, () => caseOf(update))} WHERE ${where.sql}`,
        params: [...params, ...commonValues(update), ...where.params],
      },
    ];
  },
};

export const strategy: Strategy = {
  id: "case-when",
  summary: "one UPDATE ... CASE WHEN per table and chunk, multi-row INSERT, hand-written SQL",
  requires: ["raw-sql"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run: (context) => updateChunks(context, form),
};
