import type { Strategy } from "./strategy.ts";
import { temporaryTableForm } from "./temporary-table.ts";
import { updateChunks } from "./update-chunks.ts";

export const form = temporaryTableForm(
  () => 0,
  (loadInto, columns, rows) => ({ loadInto, columns, rows }),
);

export const strategy: Strategy = {
  id: "temp-table-load",
  summary: "updates by a temporary table, filled by LOAD DATA LOCAL, and UPDATE ... JOIN; otherwise like case-when",
  requires: ["raw-sql", "load-data"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",
  server: { localInfile: true, temporaryTables: true },

  run: (context) => updateChunks(context, form),
};
