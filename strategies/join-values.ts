import { commonValues, joined, marks, namesOf } from "./many-row-update.ts";
import type { UpdateForm } from "./update-form.ts";
import type { Strategy } from "./strategy.ts";
import { updateChunks } from "./update-chunks.ts";

export const form: UpdateForm = {
  placeholders: ({ keys, values }) => keys + values,
  steps(update) {
    const columns = [...namesOf(update.key), ...namesOf(update.values)];
    const row = `ROW${marks(columns)}`;
    const rows = update.rows.map(() => row).join(", ");
    return [
      {
        sql: joined(update, `(VALUES ${rows}) AS new (${columns.join(", ")})`),
        params: [...update.rows.flat(), ...commonValues(update)],
      },
    ];
  },
};

/** MariaDB has neither ROW in VALUES nor names for the columns of a derived table. */
export const strategy: Strategy = {
  id: "join-values",
  summary: "updates by UPDATE ... JOIN (VALUES ROW(...), ...), one per table and chunk; otherwise like case-when",
  requires: ["raw-sql"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",
  server: { mysql: "8.0.19", mariadb: null },

  run: (context) => updateChunks(context, form),
};
