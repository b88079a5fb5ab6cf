import { commonValues, joined } from "./many-row-update.ts";
import type { UpdateForm, UpdateValue } from "./update-form.ts";
import type { Strategy } from "./strategy.ts";
import { updateChunks } from "./update-chunks.ts";

/** JSON.stringify writes a time with T and Z, which a DATETIME column refuses. */
const jsonValue = (value: UpdateValue): unknown =>
  value instanceof Date ? value.toISOString().slice(0, -1).replace("T", " ") : value;

/**
 * All rows in one parameter, `[[1, "VIP"], ...]`. It travels as hexadecimal digits: drivers escape the quotes of a text
 * with backslashes, which a server with NO_BACKSLASH_ESCAPES reads as a part of the JSON. ERROR ON ERROR, because a value that does not fit its
 * column would become NULL.
 */
export const form: UpdateForm = {
  placeholders: () => 0,
  steps(update) {
    const columns = [...update.key, ...update.values].map(
      ({ name, type }, index) => `${name} ${type} PATH '$[${index}]' ERROR ON ERROR`,
    );
    const json = JSON.stringify(update.rows.map((row) => row.map(jsonValue)));
    return [
      {
        sql: joined(update, `JSON_TABLE(CONVERT(UNHEX(?) USING utf8mb4), '$[*]' COLUMNS (${columns.join(", ")})) AS new`),
        params: [Buffer.from(json).toString("hex"), ...commonValues(update)],
      },
    ];
  },
};

export const strategy: Strategy = {
  id: "json-table",
  summary: "updates by UPDATE ... JOIN JSON_TABLE(one parameter), one per table and chunk; otherwise like case-when",
  requires: ["raw-sql"],
  api: "raw-sql",
  usesChunks: true,
  splitsByUsers: true,
  roundTrips: "per-chunk",
  server: { mysql: "8.0.4", mariadb: "10.6" },

  run: (context) => updateChunks(context, form),
};
