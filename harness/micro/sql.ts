import mysql from "mysql2";
import type { SqlValue } from "../../orms/orm.ts";
import { insertColumns, tableName } from "../../workload/tables.ts";
import { gradeLogRows, holds, type Micro, type MicroCase } from "../../orms/micro.ts";

const SIZES = [50, 500, 5_000];

/** Builds statements like the techniques: placeholders in the text, values in a separate array. */
function valuesText(rows: number): MicroCase {
  const { names, values } = insertColumns("gradeLogs", "identity");
  const all = gradeLogRows(rows);
  return {
    name: `INSERT ... VALUES with placeholders, ${rows} rows`,
    unit: "row",
    unitsPerCall: rows,
    isAsync: false,
    run() {
      const marks = `(${names.map(() => "?").join(", ")})`;
      const text = `INSERT INTO ${tableName("gradeLogs", "identity")} (${names.join(", ")}) VALUES ${all.map(() => marks).join(", ")}`;
      return [text, all.flatMap(values)];
    },
    check(result) {
      const [text, params] = result as [string, unknown[]];
      if (params.length !== rows * names.length) return `${params.length} values instead of ${rows * names.length}`;
      return holds(/\?/g, params.length)(text);
    },
  };
}

function caseWhenText(rows: number): MicroCase {
  const all = gradeLogRows(rows);
  return {
    name: `UPDATE ... CASE WHEN with placeholders, ${rows} rows`,
    unit: "row",
    unitsPerCall: rows,
    isAsync: false,
    run() {
      const cases = all.map(() => "WHEN ? THEN ?").join(" ");
      const keys = all.map(() => "?").join(", ");
      const text = `UPDATE users SET grade = CASE id ${cases} END WHERE id IN (${keys})`;
      return [text, [...all.flatMap(({ userId, newGrade }) => [userId, newGrade]), ...all.map(({ userId }) => userId)]];
    },
    check(result) {
      const [text, params] = result as [string, unknown[]];
      return params.length === rows * 3 ? holds(/\?/g, params.length)(text) : `${params.length} values instead of ${rows * 3}`;
    },
  };
}

/** Without prepared statements, a driver escapes the values into the statement's text. */
function escaped(rows: number): MicroCase {
  const { values } = insertColumns("gradeLogs", "identity");
  const tuples = gradeLogRows(rows).map(values) as SqlValue[][];
  return {
    name: `escape the values of ${rows} rows`,
    unit: "row",
    unitsPerCall: rows,
    isAsync: false,
    run: () => mysql.format("INSERT INTO grade_logs_identity VALUES ?", [tuples]),
    check: holds(/\(1, \d+, 'SILVER', '(?:GOLD|VIP)', '2026-/g, rows),
  };
}

const NASTY = 'O\'Neill \\ "quoted" \0 ünï'.repeat(4);

export const micro: Micro = {
  id: "sql",
  summary: "building VALUES and CASE WHEN with several chunk sizes, and escaping",
  cases: () => [
    ...SIZES.map(valuesText),
    ...SIZES.map(caseWhenText),
    ...SIZES.map(escaped),
    {
      name: "escape a text of 100 characters with quotes",
      unit: "value",
      unitsPerCall: 1,
      isAsync: false,
      run: () => mysql.escape(NASTY),
      check: (result) =>
        typeof result === "string" && result.includes("\\'Neill") && result.includes("\\0")
          ? null
          : "the quote or the NUL is not escaped",
    },
  ],
};
