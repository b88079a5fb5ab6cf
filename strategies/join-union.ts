import { commonValues, joined, namesOf } from "./many-row-update.ts";
import type { UpdateForm } from "./update-form.ts";
import type { Strategy } from "./strategy.ts";
import { updateChunks } from "./update-chunks.ts";

/**
 * The first SELECT names the columns. The server parses and resolves each SELECT as a query block, so a row costs more than in
 * VALUES. MySQL 9.7 took 20,000 rows in one statement; older servers with a smaller thread_stack end it with error 1436.
 */
export const form: UpdateForm = {
  placeholders: ({ keys, values }) => keys + values,
  steps(update) {
    const columns = [...namesOf(update.key), ...namesOf(update.values)];
    const first = `SELECT ${columns.map((column) => `? AS ${column}`).join(", ")}`;
    const other = `SELECT ${columns.map(() => "?").join(", ")}`;
    const selects = update.rows.map((_, index) => (index === 0 ? first : other)).join(" UNION ALL ");
    return [{ sql: joined(update, `(${selects}) AS new`), params: [...update.rows.flat(), ...commonValues(update)] }];
  },
};

export const strategy: Strategy = {
  id: "join-union",
  summary: "updates by UPDATE ... JOIN (SELECT ... UNION ALL ...), one per table and chunk; otherwise like case-when",
  requires: ["raw-sql"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",

  run: (context) => updateChunks(context, form),
};
