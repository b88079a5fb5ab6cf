import { marks, namesOf } from "./many-row-update.ts";
import type { UpdateForm } from "./update-form.ts";
import type { Strategy } from "./strategy.ts";
import { updateChunks } from "./update-chunks.ts";

/**
 * An upsert inserts a row that does not exist. So the statement must fill every NOT NULL column without a default, although it
 * changes only some. MariaDB has no alias for the new row, and MySQL deprecates VALUES(column). Each server reads only its
 * comments: MySQL from 8.0.19 on the first form, MariaDB the second.
 */
const newValue = (column: string): string => `/*!80019 new.${column} */ /*M! VALUES(${column}) */`;

export const form: UpdateForm = {
  placeholders: ({ all }) => all,
  steps({ table, key, values, common, unchanged, rows }) {
    const fixed = [...common, ...unchanged];
    const columns = [...namesOf(key), ...namesOf(values), ...fixed.map(([column]) => column)];
    const changed = [...namesOf(values), ...common.map(([column]) => column)];
    const tuple = marks(columns);
    const fillers = fixed.map(([, value]) => value);
    return [
      {
        sql:
          `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${rows.map(() => tuple).join(", ")} /*!80019 AS new */ ` +
          `ON DUPLICATE KEY UPDATE ${changed.map((column) => `${column} = ${newValue(column)}`).join(", ")}`,
        params: rows.flatMap((row) => [...row, ...fillers]),
      },
    ];
  },
};

export const strategy: Strategy = {
  id: "upsert",
  summary: "updates by INSERT ... ON DUPLICATE KEY UPDATE, one per table and chunk; otherwise like case-when",
  requires: ["raw-sql"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",
  server: { mysql: "8.0.19" },

  run: (context) => updateChunks(context, form),
};
