/** The effect log sees every effect, and its checks find each kind of wrong one. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EFFECT_CHECKS, readEffects, type Effects, type Expected } from "../../harness/chaos/effects.ts";
import { createServiceAccount, prepareSchema, resetTrial } from "../../harness/chaos/schema.ts";
import { connect, execute } from "../../lib/connection.ts";
import { openTestService, type TestService } from "../api/service.ts";

const EXPECTED: Expected = { runId: 7, users: [1, 2], coupons: [{ userId: 1, couponId: 3, sequence: 1 }] };
const RIGHT: Effects = {
  grades: [
    { runId: 7, userId: 1 },
    { runId: 7, userId: 2 },
  ],
  coupons: [{ runId: 7, userId: 1, couponId: 3, sequence: 1 }],
};

const violated = (effects: Effects): string[] =>
  EFFECT_CHECKS.filter(({ violations }) => violations(effects, EXPECTED).length > 0).map(({ id }) => id);

describe("the checks of the effect log", () => {
  it("accept what the oracle lists", () => {
    expect(violated(RIGHT)).toEqual([]);
  });

  it.each([
    { what: "a user graded twice in a run", effects: { grades: [{ runId: 7, userId: 2 }] }, id: "effect-grade-once" },
    { what: "a user graded in another run", effects: { grades: [{ runId: 6, userId: 2 }] }, id: "effect-grade-all" },
    { what: "a user that is no target", effects: { grades: [{ runId: 7, userId: 9 }] }, id: "effect-grade-all" },
    {
      what: "a coupon issued again by another run",
      effects: { coupons: [{ runId: 6, userId: 1, couponId: 3, sequence: 1 }] },
      id: "effect-coupon-once",
    },
    {
      what: "a coupon that nobody earned",
      effects: { coupons: [{ runId: 7, userId: 2, couponId: 3, sequence: 1 }] },
      id: "effect-coupon-all",
    },
  ])("find $what", ({ effects, id }) => {
    const grades = "grades" in effects ? (effects.grades ?? []) : [];
    const coupons = "coupons" in effects ? (effects.coupons ?? []) : [];
    expect(violated({ grades: [...RIGHT.grades, ...grades], coupons: [...RIGHT.coupons, ...coupons] })).toEqual([id]);
  });

  it.each([
    { what: "a missing user", effects: { ...RIGHT, grades: RIGHT.grades.slice(1) }, id: "effect-grade-all" },
    { what: "a missing coupon", effects: { ...RIGHT, coupons: [] }, id: "effect-coupon-all" },
  ])("find $what", ({ effects, id }) => {
    expect(violated(effects)).toEqual([id]);
  });
});

describe("the effect log", () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openTestService("chaos_effects");
    await prepareSchema(service.admin);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const grade = (userId: number): Promise<unknown> =>
    execute(
      service.admin,
      "INSERT INTO grade_logs_identity (run_id, user_id, previous_grade, new_grade, changed_at) VALUES (7, ?, 'BASIC', 'VIP', '2026-01-01')",
      [userId],
    );
  const issue = (): Promise<unknown> =>
    execute(
      service.admin,
      "INSERT INTO coupon_issues_identity (run_id, user_id, coupon_id, sequence, grade, issued_at) VALUES (7, 1, 3, 1, 'VIP', '2026-01-01')",
    );

  it("contains both rows of a grade and of a coupon that are written twice", async () => {
    await resetTrial(service.admin);
    for (const userId of [1, 2, 2]) await grade(userId);
    await issue();
    await issue();
    expect(violated(await readEffects(service.admin))).toEqual(["effect-grade-once", "effect-coupon-once"]);
  });

  it("contains no row of a transaction that was rolled back", async () => {
    await resetTrial(service.admin);
    await execute(service.admin, "START TRANSACTION");
    await grade(1);
    await execute(service.admin, "ROLLBACK");
    expect(await readEffects(service.admin)).toEqual({ grades: [], coupons: [] });
  });

  it("keeps a row that the service deletes", async () => {
    await resetTrial(service.admin);
    await grade(1);
    await execute(service.admin, "DELETE FROM grade_logs_identity");
    expect((await readEffects(service.admin)).grades).toEqual([{ runId: 7, userId: 1 }]);
  });

  it("cannot be read or changed by the account of the service", async () => {
    await using account = await createServiceAccount((work) => work(service.admin), service.target.schema);
    const { user, password } = account;
    const connection = await connect({ ...service.target, user, password });
    try {
      await execute(connection, "DELETE FROM batch_flags");
      await expect(execute(connection, "SELECT * FROM _chaos_effects")).rejects.toThrow(/denied/);
      await expect(execute(connection, "DELETE FROM _chaos_effects")).rejects.toThrow(/denied/);
    } finally {
      connection.destroy();
    }
  });
});
