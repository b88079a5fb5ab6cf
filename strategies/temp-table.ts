import { marks } from "./many-row-update.ts";
import type { Strategy } from "./strategy.ts";
import { temporaryTableForm } from "./temporary-table.ts";
import { updateChunks } from "./update-chunks.ts";

export const form = temporaryTableForm(
  (columns) => columns,
  (table, columns, rows) => {
    const tuple = marks(columns);
    return {
      sql: `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${rows.map(() => tuple).join(", ")}`,
      params: rows.flat(),
    };
  },
);

export const strategy: Strategy = {
  id: "temp-table",
  summary: "updates by a temporary table, filled by multi-row INSERT, and UPDATE ... JOIN; otherwise like case-when",
  requires: ["raw-sql"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",
  server: { temporaryTables: true },

  run: (context) => updateChunks(context, form),
};
