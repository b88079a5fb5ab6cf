/** The effect log of a trial, and what must hold for it. The checks are pure functions. */
import { select, type Connection } from "../../lib/connection.ts";
import { EFFECTS } from "./schema.ts";

interface GradeEffect {
  readonly runId: number;
  readonly userId: number;
}

interface CouponEffect extends GradeEffect {
  readonly couponId: number;
  readonly sequence: number;
}

export interface Effects {
  readonly grades: readonly GradeEffect[];
  readonly coupons: readonly CouponEffect[];
}

/** What the run must do, by the oracle: a SQL program that shares no code with the service. */
export interface Expected {
  readonly runId: number;
  readonly users: readonly number[];
  readonly coupons: readonly Omit<CouponEffect, "runId">[];
}

export async function readEffects(connection: Connection): Promise<Effects> {
  const grades = await select<GradeEffect>(
    connection,
    `SELECT run_id AS runId, user_id AS userId FROM ${EFFECTS} WHERE source = 'grade'`,
  );
  const coupons = await select<CouponEffect>(
    connection,
    `SELECT run_id AS runId, user_id AS userId, coupon_id AS couponId, sequence FROM ${EFFECTS} WHERE source = 'coupon'`,
  );
  return { grades, coupons };
}

export async function readExpected(connection: Connection, runId: number): Promise<Expected> {
  const users = await select<{ userId: number }>(connection, "SELECT user_id AS userId FROM _expected_grade_logs");
  const coupons = await select<Expected["coupons"][number]>(
    connection,
    "SELECT user_id AS userId, coupon_id AS couponId, sequence FROM _expected_coupon_issues",
  );
  return { runId, users: users.map(({ userId }) => userId), coupons };
}

export interface EffectCheck {
  readonly id: string;
  readonly says: string;
  /** @returns one line per violation */
  readonly violations: (effects: Effects, expected: Expected) => string[];
}

/** The keys that occur more than once, with their number. */
function repeated(keys: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].filter(([, times]) => times > 1);
}

const gradeKey = ({ runId, userId }: GradeEffect): string => `user ${userId} in run ${runId}`;
const couponKey = ({ userId, couponId, sequence }: Omit<CouponEffect, "runId">): string =>
  `coupon ${couponId} number ${sequence} of user ${userId}`;

function differing(found: ReadonlySet<string>, wanted: ReadonlySet<string>): string[] {
  return [
    ...[...wanted].filter((key) => !found.has(key)).map((key) => `${key} is missing`),
    ...[...found].filter((key) => !wanted.has(key)).map((key) => `${key} is unexpected`),
  ];
}

export const EFFECT_CHECKS: readonly EffectCheck[] = [
  {
    id: "effect-grade-once",
    says: "each user is graded at most once per run",
    violations: ({ grades }) => repeated(grades.map(gradeKey)).map(([key, times]) => `${key} was graded ${times} times`),
  },
  {
    id: "effect-grade-all",
    says: "a run grades the users of the generator's list, and no other user",
    violations({ grades }, { runId, users }) {
      return differing(new Set(grades.map(gradeKey)), new Set(users.map((userId) => gradeKey({ runId, userId }))));
    },
  },
  {
    id: "effect-coupon-once",
    says: "no coupon is issued twice, whatever the run",
    violations: ({ coupons }) => repeated(coupons.map(couponKey)).map(([key, times]) => `${key} was issued ${times} times`),
  },
  {
    id: "effect-coupon-all",
    says: "a run issues the coupons of the oracle, and no other coupon",
    violations: ({ coupons }, expected) => differing(new Set(coupons.map(couponKey)), new Set(expected.coupons.map(couponKey))),
  },
];
