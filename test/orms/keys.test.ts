import { expect, it } from "vitest";
import { execute, select } from "../../lib/connection.ts";
import { changedAt, contract, hexOf, log } from "./contract.ts";

/** Larger than 32 bits. */
const LARGE_ID = 2 ** 40;

contract("keys", ["identity", "bin16"], (_orm, opened) => {
  it("come from the server for identity storage: ids ascend in the order of the rows", async () => {
    const { job, session } = opened();
    await execute(job.admin, "ALTER TABLE grade_logs_identity AUTO_INCREMENT = 1");
    await session.insertOne("gradeLogs", log(3));
    await session.insertMany("gradeLogs", [log(2), log(5), log(4)]);
    await session.insertOne("gradeLogs", log(1));
    await execute(job.admin, `ALTER TABLE grade_logs_identity AUTO_INCREMENT = ${LARGE_ID}`);
    await session.insertOne("gradeLogs", log(6));
    await session.insertMany("gradeLogs", [log(8), log(7)]);
    const sql = "SELECT id, user_id FROM grade_logs_identity ORDER BY id";
    const rows = await select<{ id: number; user_id: number }>(job.admin, sql);
    expect(rows.map((row) => row.user_id)).toEqual([3, 2, 5, 4, 1, 6, 8, 7]);
    expect(rows.map((row) => row.id)).toEqual(rows.map((row) => row.id).toSorted((a, b) => a - b));
    expect([rows[0]?.id, rows[5]?.id]).toEqual([1, LARGE_ID]);

    const read = await session.query(sql, []);
    expect(read.map((row) => ({ id: Number(row.id), user_id: Number(row.user_id) }))).toEqual(rows);
    const [found] = await session.query("SELECT user_id FROM grade_logs_identity WHERE id = ?", [LARGE_ID]);
    expect(Number(found?.user_id)).toBe(6);
  });

  it("reach the server and return byte for byte, also with bytes that are special in SQL", async () => {
    const { job, sessionOf } = opened();
    const session = sessionOf("bin16");
    const special = [0x00, 0xff, 0x27, 0x5c, 0x22, 0x0a, 0x0d, 0x1a, 0x25, 0x5f, 0x80, 0xc3, 0x28, 0x3f, 0x60];
    const keyOf = (last: number) => Uint8Array.from([...special, last]);
    // A part of a larger buffer, as a pool of keys would return it.
    const pooled = new Uint8Array(64).fill(0xee);
    pooled.set(keyOf(0x00), 24);
    const keys = [pooled.subarray(24, 40), keyOf(0x5c), keyOf(0x27), keyOf(0xff)] as const;
    await session.insertOne("gradeLogs", { id: keys[0], ...log(1) });
    await session.insertMany("gradeLogs", [
      { id: keys[1], ...log(2) },
      { id: keys[2], ...log(3) },
    ]);
    await session.execute(
      "INSERT INTO grade_logs_bin16 (id, run_id, user_id, previous_grade, new_grade, changed_at) VALUES (?, 9, 4, ?, ?, ?)",
      [keys[3], "SILVER", "VIP", changedAt],
    );
    const hex = keys.map(hexOf);
    const found = await select<{ id: string }>(job.admin, "SELECT HEX(id) AS id FROM grade_logs_bin16 ORDER BY user_id");
    expect(found.map(({ id }) => id)).toEqual(hex);
    const read = await session.query("SELECT id FROM grade_logs_bin16 ORDER BY user_id", []);
    expect(read.map(({ id }) => hexOf(id))).toEqual(hex);
    const one = await session.query("SELECT id FROM grade_logs_bin16 WHERE id = ?", [keys[0]]);
    expect(one.map(({ id }) => hexOf(id))).toEqual([hex[0]]);
  });
});
