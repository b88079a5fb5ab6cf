/** A library's writes reach the server unchanged, and its reads return what was written. */
import { expect, it } from "vitest";
import { execute, select } from "../../lib/connection.ts";
import { tableName, type Grade } from "../../workload/tables.ts";
import { changedAt, CHANGED_AT, contract, hexOf, issue, keyed, log, newKey, newKeyOf, STORAGES } from "./contract.ts";

/** Characters of one to four bytes in UTF-8, with the length of the column. */
const LETTERS = "회é😀'\\\"x\n" as Grade;

/** The server's text for a time is in UTC. */
const timeOf = (value: unknown): string =>
  (value instanceof Date ? value : new Date(`${String(value).replace(" ", "T")}Z`)).toISOString();

/** A normal time, a time that does not exist as local time in St. John's, where the tests run, and the last moment of a year. */
const TIMES = {
  "2026-01-01 12:34:56.789000": changedAt,
  "2026-03-08 02:30:00.001000": new Date("2026-03-08T02:30:00.001Z"),
  "2025-12-31 23:59:59.999000": new Date("2025-12-31T23:59:59.999Z"),
};

interface Kinds {
  readonly id: number;
  readonly amount: number;
  readonly words: string;
  readonly moment: Date;
  readonly state: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly nothing: string | null;
}

it("the tests run in a time zone other than UTC, so that a library that writes local time fails", () => {
  expect(new Date("2026-01-01T00:00:00Z").getTimezoneOffset()).toBe(210);
  expect(new Date("2026-07-01T00:00:00Z").getTimezoneOffset()).toBe(150);
});

contract("round trips", STORAGES, (_orm, opened) => {
  it.each(STORAGES)("preserve rows, one or many: %s", async (storage) => {
    const { job, sessionOf } = opened();
    const session = sessionOf(storage);
    const id = newKeyOf(storage);
    const first = keyed(storage, { ...log(1), previousGrade: LETTERS }, id);
    await session.insertOne("gradeLogs", first);
    await session.insertMany("gradeLogs", [
      keyed(storage, { ...log(2), newGrade: LETTERS, changedAt: TIMES["2026-03-08 02:30:00.001000"] }),
      keyed(storage, { ...log(3), changedAt: TIMES["2025-12-31 23:59:59.999000"] }),
    ]);
    const columns = "run_id, user_id, previous_grade, new_grade";
    const from = `FROM ${tableName("gradeLogs", storage)} ORDER BY user_id`;
    const expected = [
      { run_id: 9, user_id: 1, previous_grade: LETTERS, new_grade: "VIP" },
      { run_id: 9, user_id: 2, previous_grade: "SILVER", new_grade: LETTERS },
      { run_id: 9, user_id: 3, previous_grade: "SILVER", new_grade: "VIP" },
    ];
    const there = await select<Record<string, unknown>>(job.admin, `SELECT ${columns}, CAST(changed_at AS CHAR) AS at ${from}`);
    expect(there).toEqual(Object.keys(TIMES).map((at, index) => ({ ...expected[index], at })));

    const read = await session.query(`SELECT id, ${columns}, changed_at ${from}`, []);
    const numbers = ({ run_id, user_id }: Record<string, unknown>) => ({ run_id: Number(run_id), user_id: Number(user_id) });
    expect(read.map(({ id: _id, changed_at, ...row }) => ({ ...row, ...numbers(row), at: timeOf(changed_at) }))).toEqual(
      Object.values(TIMES).map((at, index) => ({ ...expected[index], at: at.toISOString() })),
    );
    if (typeof id === "string") expect(read[0]?.id).toBe(id);
    else if (id !== undefined) expect(hexOf(read[0]?.id)).toBe(hexOf(id));
  });

  it("preserve every kind of value in hand-written SQL: decimals, text, times, booleans, bytes, NULL", async () => {
    const { session } = opened();
    const bytes = newKey();
    const rows: Kinds[] = [
      { id: 1, amount: 12_345.67, words: "회원 é 😀 'quoted' \\ \r\n%_?", moment: changedAt, state: true, bytes, nothing: null },
      { id: 2, amount: -0.01, words: "", moment: TIMES["2026-03-08 02:30:00.001000"], state: false, bytes, nothing: "no" },
      {
        id: 3,
        amount: 9_999_999_999.99,
        words: " ",
        moment: TIMES["2025-12-31 23:59:59.999000"],
        state: true,
        bytes,
        nothing: null,
      },
    ];
    const [there, back] = await session.transaction(async (tx) => {
      await tx.execute(
        `CREATE TEMPORARY TABLE kinds (id INT UNSIGNED NOT NULL PRIMARY KEY, amount DECIMAL(12,2) NOT NULL,
           words VARCHAR(64) CHARACTER SET utf8mb4 NOT NULL, moment DATETIME(6) NOT NULL, state TINYINT(1) NOT NULL,
           bytes BINARY(16) NOT NULL, nothing VARCHAR(8) NULL)`,
        [],
      );
      await tx.execute(
        `INSERT INTO kinds VALUES ${rows.map(() => "(?, ?, ?, ?, ?, ?, ?)").join(", ")}`,
        rows.flatMap(({ id, amount, words, moment, state, bytes, nothing }) => [
          id,
          amount,
          words,
          moment,
          state,
          bytes,
          nothing,
        ]),
      );
      const asText = await tx.query(
        `SELECT CAST(amount AS CHAR) AS amount, HEX(words) AS words, CAST(moment AS CHAR) AS moment, CAST(state AS CHAR) AS state,
           HEX(bytes) AS bytes, nothing FROM kinds WHERE amount IN (?, ?, ?) ORDER BY id`,
        rows.map(({ amount }) => amount),
      );
      return [asText, await tx.query("SELECT * FROM kinds ORDER BY id", [])] as const;
    });
    expect(there).toEqual(
      rows.map(({ amount, words, moment, state, nothing }) => ({
        amount: amount.toFixed(2),
        words: hexOf(Buffer.from(words)),
        moment: `${moment.toISOString().replace("T", " ").slice(0, -1)}000`,
        state: state ? "1" : "0",
        bytes: hexOf(bytes),
        nothing,
      })),
    );
    expect(
      back.map(({ id, amount, moment, state, bytes, ...row }) => ({
        ...row,
        id: Number(id),
        amount: Number(amount),
        moment: timeOf(moment),
        state: Boolean(state),
        bytes: hexOf(bytes),
      })),
    ).toEqual(rows.map((row) => ({ ...row, moment: row.moment.toISOString(), bytes: hexOf(bytes) })));
  });

  it("update one row by its key, and many rows with the same values by a filter", async () => {
    const { job, session } = opened();
    await session.updateOne("badges", { userId: 3, categoryId: 2 }, { active: true, changedAt });
    await session.updateWhere("users", { id: [4, 6] }, { grade: LETTERS, gradeChangedAt: changedAt });
    await session.updateOne("users", { id: 5 }, { grade: LETTERS, gradeChangedAt: changedAt });
    await session.updateWhere("badges", { categoryId: 1, userId: [7, 8] }, { active: false, changedAt });
    const badges = await select<Record<string, unknown>>(
      job.admin,
      `SELECT user_id, category_id, active FROM badges WHERE changed_at = '${CHANGED_AT}' ORDER BY user_id`,
    );
    expect(badges).toEqual([
      { user_id: 3, category_id: 2, active: 1 },
      { user_id: 7, category_id: 1, active: 0 },
      { user_id: 8, category_id: 1, active: 0 },
    ]);
    const users = await select<{ id: number; grade: string }>(
      job.admin,
      `SELECT id, grade FROM users WHERE grade_changed_at = '${CHANGED_AT}' ORDER BY id`,
    );
    expect(users).toEqual([4, 5, 6].map((id) => ({ id, grade: LETTERS })));
  });

  it("overwrite NULL, and write NULL", async () => {
    const { job, session } = opened();
    const changes = () =>
      select<{ id: number; grade_changed_at: Date | null }>(
        job.admin,
        "SELECT id, grade_changed_at FROM users WHERE id BETWEEN 11 AND 13 ORDER BY id",
      );
    await execute(job.admin, "UPDATE users SET grade_changed_at = NULL WHERE id BETWEEN 11 AND 13");
    expect(await session.usersAfter(10, 13, 10)).toHaveLength(3);
    await session.updateOne("users", { id: 11 }, { grade: "GOLD", gradeChangedAt: changedAt });
    await session.updateWhere("users", { id: [12] }, { grade: "VIP", gradeChangedAt: changedAt });
    expect(await changes()).toEqual([
      { id: 11, grade_changed_at: changedAt },
      { id: 12, grade_changed_at: changedAt },
      { id: 13, grade_changed_at: null },
    ]);
    await session.execute("UPDATE users SET grade_changed_at = ? WHERE id = ?", [null, 12]);
    expect((await changes())[1]).toEqual({ id: 12, grade_changed_at: null });
    const [read] = await session.query("SELECT grade, grade_changed_at FROM users WHERE id = ?", [12]);
    expect(read).toMatchObject({ grade: "VIP", grade_changed_at: null });
  });

  it.each(STORAGES)("update inserted rows, one or many, by their unique keys: %s", async (storage) => {
    const { job, sessionOf } = opened();
    const session = sessionOf(storage);
    const later = new Date("2026-02-03T04:05:06.007Z");
    await session.insertMany(
      "gradeLogs",
      [1, 2, 3, 4].map((userId) => keyed(storage, log(userId))),
    );
    await session.insertMany(
      "couponIssues",
      [1, 2, 3, 4].map((sequence) => keyed(storage, issue(1, sequence))),
    );

    await session.updateOne(
      "gradeLogs",
      { runId: 9, userId: 2 },
      { previousGrade: "GOLD", newGrade: "SILVER", changedAt: later },
    );
    await session.updateWhere(
      "gradeLogs",
      { runId: 9, userId: [3, 4] },
      { previousGrade: "VIP", newGrade: "GOLD", changedAt: later },
    );
    await session.updateOne(
      "couponIssues",
      { runId: 9, userId: 1, couponId: 101, sequence: 2 },
      { grade: "SILVER", issuedAt: later },
    );
    await session.updateWhere(
      "couponIssues",
      { runId: 9, userId: [1], couponId: 101, sequence: [3, 4] },
      { grade: "GOLD", issuedAt: later },
    );

    expect(
      await select(
        job.admin,
        `SELECT user_id, previous_grade, new_grade, changed_at FROM ${tableName("gradeLogs", storage)} ORDER BY user_id`,
      ),
    ).toEqual([
      { user_id: 1, previous_grade: "SILVER", new_grade: "VIP", changed_at: changedAt },
      { user_id: 2, previous_grade: "GOLD", new_grade: "SILVER", changed_at: later },
      { user_id: 3, previous_grade: "VIP", new_grade: "GOLD", changed_at: later },
      { user_id: 4, previous_grade: "VIP", new_grade: "GOLD", changed_at: later },
    ]);
    expect(
      await select(
        job.admin,
        `SELECT sequence, grade, issued_at FROM ${tableName("couponIssues", storage)} WHERE run_id = 9 ORDER BY sequence`,
      ),
    ).toEqual([
      { sequence: 1, grade: "VIP", issued_at: changedAt },
      { sequence: 2, grade: "SILVER", issued_at: later },
      { sequence: 3, grade: "GOLD", issued_at: later },
      { sequence: 4, grade: "GOLD", issued_at: later },
    ]);
  });

  it("insert nothing for an empty list", async () => {
    const { job, session } = opened();
    await session.insertMany("gradeLogs", []);
    expect(await select(job.admin, "SELECT 1 FROM grade_logs_identity")).toEqual([]);
  });
});
