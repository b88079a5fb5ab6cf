/** Off-by-one mistakes in the rules, at the smallest size that `--users` and `--orders` accept. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SMALLEST } from "../../fixtures/index.ts";
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import { key as identity } from "../../strategies/keys/identity.ts";
import { strategy as setBased } from "../../strategies/set-based.ts";
import { onStatements } from "../plugins/lying.ts";
import { openTestJob, type TestJob } from "../support/job.ts";

/** A rule of set-based, and the mistake in its place. */
const MISTAKES: readonly (readonly [rule: string, mistake: string])[] = [
  ["COUNT(*) >= 5", "COUNT(*) > 5"],
  ["COUNT(*) >= 5", "COUNT(*) >= 4"],
  ["SUM(amount) >= 400000", "SUM(amount) > 400000"],
  ["SUM(amount) >= 400000", "SUM(amount) >= 399999"],
  ["COUNT(*) >= 5 AND SUM(amount) >= 400000", "COUNT(*) >= 5 OR SUM(amount) >= 400000"],
  ["ordered_at >= ?", "ordered_at > ?"],
  ["ordered_at >= ?", "ordered_at >= ? - INTERVAL 1 MICROSECOND"],
  ["ordered_at < ?", "ordered_at <= ?"],
  ["ordered_at < ?", "ordered_at < ? - INTERVAL 1 MICROSECOND"],
  ["status = 'paid'", "status <> 'cancelled'"],
  ["status = 'paid'", "status <> 'refunded'"],
  ["SUM(earned) >= 3 THEN 'VIP'", "SUM(earned) > 3 THEN 'VIP'"],
  ["SUM(earned) >= 3 THEN 'VIP'", "SUM(earned) = 3 THEN 'VIP'"],
  ["SUM(earned) = 2 THEN 'GOLD'", "SUM(earned) > 2 THEN 'GOLD'"],
  ["SUM(earned) = 2 THEN 'GOLD'", "SUM(earned) >= 1 THEN 'GOLD'"],
  ["SUM(earned) >= 3 THEN 3", "SUM(earned) > 3 THEN 3"],
  ["copies.sequence <= renewed_grade.coupons", "copies.sequence < renewed_grade.coupons"],
  // a target has at least one order
  ["GROUP BY user_id, category_id", "GROUP BY user_id, category_id HAVING COUNT(*) > 1"],
];

describe.each([1, 2])("the smallest data with seed %i", (dataSeed) => {
  let job: TestJob;
  beforeAll(async () => {
    job = await openTestJob("edges", { ...SMALLEST, dormantUsers: 0, dataSeed });
  });
  afterAll(() => job[Symbol.asyncDispose]());

  const verdictOf = async (strategy: typeof setBased) => {
    await job.reset();
    await using session = await job.connect(mysql2, "identity");
    await strategy.run(job.context(session, identity));
    return job.verify(identity, { steps: [job.users] });
  };

  it("verifies the rules", async () => {
    expect(await verdictOf(setBased)).toEqual({ verified: true });
  });

  it.each(MISTAKES)("finds a mistake in `%s`: `%s`", async (rule, mistake) => {
    let isUsed = false;
    const mistaken = onStatements(setBased, "mistaken", (sql) => {
      isUsed ||= sql.includes(rule);
      return sql.replace(rule, mistake);
    });
    expect(await verdictOf(mistaken)).toMatchObject({ verified: false });
    expect(isUsed).toBe(true);
  });
});
