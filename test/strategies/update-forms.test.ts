/** The SQL of each form of update, by its effect on a table that has more kinds of columns than the job. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import { execute, select } from "../../lib/connection.ts";
import type { OrmSession } from "../../orms/orm.ts";
import { runSteps, stepsOf } from "../../strategies/many-row-update.ts";
import type { ManyRowUpdate, UpdateForm } from "../../strategies/update-form.ts";
import { variants } from "../support/full.ts";
import { openTestJob, type TestJob } from "../support/job.ts";
import { messagesOf } from "../support/packets.ts";
import { formOf, listCodes } from "./cells.ts";

const AT = new Date("2026-01-01T12:34:56.789Z");
const LATER = new Date("2025-12-31T23:59:59.001Z");
const ROWS = 30;

/** `words` and `amount` have different values in each row, `at` and `moment` have times, and `kept` never changes. */
const TABLE = `CREATE TABLE kinds (
  first INT UNSIGNED NOT NULL, second SMALLINT UNSIGNED NOT NULL,
  words VARCHAR(12) CHARACTER SET utf8mb4 NULL, amount DECIMAL(12,2) NULL, moment DATETIME(6) NULL, at DATETIME(6) NULL,
  kept VARCHAR(8) CHARACTER SET utf8mb4 NOT NULL, PRIMARY KEY (first, second))`;

const update = (rows: ManyRowUpdate["rows"]): ManyRowUpdate => ({
  table: "kinds",
  key: [
    { name: "first", type: "INT UNSIGNED" },
    { name: "second", type: "SMALLINT UNSIGNED" },
  ],
  values: [
    { name: "words", type: "VARCHAR(12) CHARACTER SET utf8mb4" },
    { name: "amount", type: "DECIMAL(12,2)" },
    { name: "moment", type: "DATETIME(6)" },
  ],
  common: [["at", AT]],
  unchanged: [["kept", "filler"]],
  rows,
});

const codes = await listCodes();
const forms = (await Promise.all(codes.map(async (code) => ({ ...code, form: await formOf(code) })))).flatMap((code) =>
  code.form === null ? [] : [{ ...code, form: code.form }],
);
/** A driver that escapes values in the text, and a library that prepares each statement. Others send one of these protocols. */
const cases = variants(forms, ({ orm }) => orm.id === "mysql2" || orm.id === "prisma");
const orms = new Map(cases.map(({ orm }) => [orm.id, orm]));

describe("a form of update", () => {
  let job: TestJob;
  const sessions = new Map<string, OrmSession>();
  beforeAll(async () => {
    job = await openTestJob("update_forms", { users: 10, orders: 100, dormantUsers: 0, dataSeed: 3 });
    await execute(job.admin, TABLE);
    await execute(job.admin, `GRANT SELECT, INSERT, UPDATE ON ${job.target.schema}.kinds TO ?@'%'`, [job.target.user]);
    const uses = (await listPlugIns("strategy")).flatMap(({ value }) => value.requires);
    for (const orm of orms.values()) {
      await orm.prepare?.();
      sessions.set(orm.id, await job.connect(orm, "identity", { uses }));
    }
  });
  afterAll(async () => {
    for (const session of sessions.values()) await session[Symbol.asyncDispose]();
    await job[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await execute(job.admin, "DELETE FROM kinds");
    const rows = Array.from({ length: ROWS }, (_, index) => `(${index + 1}, ${index % 3}, 'old', 1, NULL, NULL, 'kept')`);
    await execute(job.admin, `INSERT INTO kinds VALUES ${rows.join(", ")}`);
  });

  async function apply(orm: string, form: UpdateForm, rows: ManyRowUpdate["rows"], maxRows?: number): Promise<void> {
    const session = sessions.get(orm);
    if (session === undefined) throw new Error(`no session of ${orm}`);
    const steps = stepsOf(form, update(rows), maxRows === undefined ? {} : { maxRows });
    await session.transaction((tx) => runSteps(tx, steps));
  }
  const stored = (): Promise<Record<string, unknown>[]> =>
    select(
      job.admin,
      "SELECT first, second, words, CAST(amount AS CHAR) AS amount, CAST(moment AS CHAR) AS moment, CAST(at AS CHAR) AS at, kept FROM kinds ORDER BY first",
    );

  it.each(cases)("writes text, decimals, times and NULL, and no other row: $name", async ({ orm, form }) => {
    const old = await stored();
    const time = (date: Date): string => `${date.toISOString().replace("T", " ").slice(0, -1)}000`;
    const rows: ManyRowUpdate["rows"] = [
      [1, 0, null, -12_345.67, LATER],
      [2, 1, "회 é😀 \"'", null, null],
      [30, 2, "", 0, AT],
      [6, 2, "it's 100 %?", 9_999_999_999.99, AT],
    ];
    await apply(orm.id, form, rows);
    expect(await stored()).toEqual(
      old.map((row) => {
        const changed = rows.find(([first]) => first === row["first"]);
        if (changed === undefined) return row;
        const [, , words, amount, moment] = changed;
        return {
          ...row,
          words,
          amount: typeof amount === "number" ? amount.toFixed(2) : null,
          moment: moment instanceof Date ? time(moment) : null,
          at: time(AT),
        };
      }),
    );
  });

  it.each(cases)("needs both columns of a key to find a row: $name", async ({ orm, form, strategy }) => {
    const old = await stored();
    // exists as (4, 0); an upsert inserts what it does not find
    await apply(orm.id, form, [[4, 1, "new", 2, AT]]);
    const found = await stored();
    expect(found.filter(({ kept }) => kept === "kept")).toEqual(old);
    expect(found).toHaveLength(strategy.id === "upsert" ? ROWS + 1 : ROWS);
  });

  it.each(cases)("writes the same rows with few rows in each statement, and twice: $name", async ({ orm, form }) => {
    const rows = Array.from({ length: ROWS }, (_, index) => [index + 1, index % 3, `w${index}`, index, AT] as const);
    await apply(orm.id, form, rows);
    const whole = await stored();
    expect(whole.map(({ words }) => words)).toEqual(rows.map(([, , words]) => words));
    await apply(orm.id, form, rows, 7);
    expect(await stored()).toEqual(whole);
    expect(stepsOf(form, update(rows), { maxRows: 7 }).length).toBe(5 * stepsOf(form, update(rows)).length);
    expect(stepsOf(form, update([]))).toEqual([]);
  });

  it.each(cases)("fails for a value that does not fit, and writes nothing: $name", async ({ orm, form }) => {
    const old = await stored();
    const error: unknown = await apply(orm.id, form, [
      [1, 0, "fits", 1, AT],
      [2, 1, "longer than twelve", 1, AT],
    ]).catch((thrown: unknown) => thrown);
    expect(messagesOf(error)).not.toBe("");
    expect(await stored()).toEqual(old);
  });
});
