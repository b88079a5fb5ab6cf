/**
 * Writes beyond the limits of a statement: a library splits them, sends them whole, or fails with an error that names the
 * limit.
 */
import { expect, it } from "vitest";
import { selectOne } from "../../lib/connection.ts";
import type { OrmSession } from "../../orms/orm.ts";
import type { TestJob } from "../support/job.ts";
import { connectWithSmallPackets, messagesOf } from "../support/packets.ts";
import { isFull } from "../support/full.ts";
import { changedAt, CHANGED_AT, contract, failureOf, issue, issues, USERS } from "./contract.ts";

/** More than the 65,535 placeholders that MySQL accepts in a prepared statement. */
const KEYS = 70_000;
const MAX_PACKET_BYTES = 2 ** 16;

const insertedIn = async (job: TestJob): Promise<number> =>
  (await selectOne<{ n: number }>(job.admin, "SELECT COUNT(*) AS n FROM coupon_issues_identity")).n;
const changedIn = async (job: TestJob): Promise<number> =>
  (await selectOne<{ n: number }>(job.admin, `SELECT COUNT(*) AS n FROM users WHERE grade_changed_at = '${CHANGED_AT}'`)).n;

/** The existing users, and many nonexistent ones with long ids. */
const manyIds = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => (index < USERS ? index + 1 : 2_000_000_000 + index));

const marks = (values: readonly unknown[]): string => values.map(() => "?").join(", ");
const CHANGE_ALL = "UPDATE users SET grade_changed_at = ? WHERE id IN";

/** So much text that a driver is still writing when the server closes the connection. */
const longTexts = Array.from({ length: 60 }, (_, index) => String(index).repeat(50_000));

/** Each is far larger than the small packet limit, with fewer placeholders than the maximum. */
const LARGE_WRITES: Record<string, { write: (tx: OrmSession) => Promise<void>; countIn: typeof changedIn; rows: number }> = {
  "a bulk insert": { write: (tx) => tx.insertMany("couponIssues", issues(2_000)), countIn: insertedIn, rows: 2_000 },
  "an update of many keys": {
    write: (tx) => tx.updateWhere("users", { id: manyIds(15_000) }, { grade: "GOLD", gradeChangedAt: changedAt }),
    countIn: changedIn,
    rows: USERS,
  },
  "hand-written SQL": {
    write: (tx) =>
      tx.execute(`${CHANGE_ALL} (SELECT user_id FROM orders) OR name IN (${marks(longTexts)})`, [changedAt, ...longTexts]),
    countIn: changedIn,
    rows: USERS,
  },
};

contract("limits", ["identity"], (orm, opened) => {
  it.runIf(isFull)("allow a bulk insert of more values than placeholders of a statement and arguments of a call", async () => {
    const { job, session } = opened();
    await session.insertMany("couponIssues", issues(24_000));
    expect(await insertedIn(job)).toBe(24_000);
  });

  it("allow an update of more keys than placeholders of a statement", async () => {
    const { job, session } = opened();
    await session.updateWhere("users", { id: manyIds(KEYS) }, { grade: "GOLD", gradeChangedAt: changedAt });
    expect(await changedIn(job)).toBe(USERS);
  });

  it("allow hand-written SQL with more values than placeholders, or cause an error that names placeholders", async () => {
    const { job, session } = opened();
    const ids = manyIds(KEYS);
    const error = await failureOf(session.execute(`${CHANGE_ALL} (${marks(ids)})`, [changedAt, ...ids]));
    if (error !== undefined) expect(messagesOf(error)).toMatch(/placeholders/i);
    expect(await changedIn(job)).toBe(error === undefined ? USERS : 0);
  });

  it.runIf(orm.capabilities.has("statement-batch")).each(["library", "text"] as const)(
    "allow a batch of more sets than the pipeline holds: statements as %s",
    async (statements) => {
      const { job } = opened();
      await using session = await job.connect(orm, "identity", { statements });
      const insert =
        "INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES (?, ?, 101, ?, ?, ?)";
      const sets = issues(2_500).map((row) => [row.runId, row.userId, row.sequence, row.grade, row.issuedAt]);
      await session.transaction(async (tx) => tx.executeBatch?.(insert, sets));
      expect(await insertedIn(job)).toBe(2_500);
    },
  );

  it.each(Object.entries(LARGE_WRITES))(
    "allow writes beyond the packet limit, or cause an error that names the packet and write nothing: %s",
    async (_, { write, countIn, rows }) => {
      const { job } = opened();
      const small = await connectWithSmallPackets(job, orm, "identity", MAX_PACKET_BYTES);
      try {
        const error = await failureOf(small.transaction(write));
        if (error !== undefined) {
          expect(error).toBeInstanceOf(Error);
          expect(messagesOf(error)).toMatch(/packet/i);
        }
        expect(await countIn(job)).toBe(error === undefined ? rows : 0);
      } finally {
        await small[Symbol.asyncDispose]();
      }
      await using next = await job.connect(orm, "identity");
      await next.insertOne("couponIssues", issue(1000, 1));
    },
  );
});
