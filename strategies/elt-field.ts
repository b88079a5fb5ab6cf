import { assignments, commonValues, whereKeys } from "./many-row-update.ts";
import type { ManyRowUpdate, UpdateForm, UpdateValue } from "./update-form.ts";
import type { Strategy } from "./strategy.ts";
import { updateChunks } from "./update-chunks.ts";

/** FIELD compares one number. Key columns after the first are below this number. */
const FACTOR = 65_536;

/** `id`, or `user_id * 65536 + category_id` for a key of two columns. */
const keyNumber = ({ key: [first, ...others] }: ManyRowUpdate): string =>
  others.reduce((sql, { name }) => `${sql} * ${FACTOR} + ${name}`, first?.name ?? "");
const numberOf = (key: readonly UpdateValue[]): number => key.reduce<number>((sum, part) => sum * FACTOR + Number(part), 0);

/** FIELD searches its list for every row, so the server's work grows with the square of the rows in one statement. */
export const form: UpdateForm = {
  placeholders: ({ keys, values }) => 2 * values + keys,
  steps(update) {
    const { table, key, values, rows } = update;
    const where = whereKeys(update);
    const list = rows.map(() => "?").join(", ");
    const value = `ELT(FIELD(${keyNumber(update)}, ${list}), ${list})`;
    const numbers = rows.map((row) => numberOf(row.slice(0, key.length)));
    const params = values.flatMap((_, index) => [...numbers, ...rows.map((row) => row[key.length + index] ?? null)]);
    return [
      {
        sql: `UPDATE ${table} SET ${assignments(update, () => value)} WHERE ${where.sql}`,
        params: [...params, ...commonValues(update), ...where.params],
      },
    ];
  },
};

export const strategy: Strategy = {
  id: "elt-field",
  summary: "updates by ELT(FIELD(key, ...), ...), one per table and chunk; otherwise like case-when",
  requires: ["raw-sql"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run: (context) => updateChunks(context, form),
};
