/** What must hold for the effect log of a trial. The checks are pure functions. */
import { TARGET_DATE } from "../../workload/calendar.ts";
import { select, type Connection } from "../../lib/connection.ts";
import type { Effect } from "./effect-log.ts";

interface Coupon {
  readonly userId: number;
  readonly couponId: number;
  readonly sequence: number;
}

/** What the run must do, by the oracle: a SQL program that shares no code with the service. */
export interface Expected {
  readonly runId: number;
  readonly users: readonly number[];
  readonly coupons: readonly Coupon[];
}

export async function readExpected(connection: Connection, runId: number): Promise<Expected> {
  const users = await select<{ userId: number }>(connection, "SELECT user_id AS userId FROM _expected_grade_logs");
  const coupons = await select<Coupon>(
    connection,
    "SELECT user_id AS userId, coupon_id AS couponId, sequence FROM _expected_coupon_issues",
  );
  return { runId, users: users.map(({ userId }) => userId), coupons };
}

export interface EffectCheck {
  readonly id: string;
  readonly says: string;
  /** @returns one line per violation */
  readonly violations: (effects: readonly Effect[], expected: Expected) => string[];
}

/** The keys that occur more than once, with their number. */
function repeated(keys: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].filter(([, times]) => times > 1);
}

const of = (effects: readonly Effect[], ...sources: readonly string[]): Effect[] =>
  effects.filter(({ source }) => sources.includes(source));
const gradeKey = ({ runId, userId }: Pick<Effect, "runId" | "userId">): string => `user ${userId} in run ${runId}`;
const couponKey = ({ userId, item }: Pick<Effect, "userId" | "item">): string => `coupon ${item} of user ${userId}`;

function differing(found: ReadonlySet<string>, wanted: ReadonlySet<string>): string[] {
  return [
    ...[...wanted].filter((key) => !found.has(key)).map((key) => `${key} is missing`),
    ...[...found].filter((key) => !wanted.has(key)).map((key) => `${key} is unexpected`),
  ];
}

/** The time in the rows that the run changes. */
const CHANGED_AT = TARGET_DATE.toISOString().slice(0, 19).replace("T", " ");
const ENDED = /^(finished|abandoned) /;

export const EFFECT_CHECKS: readonly EffectCheck[] = [
  {
    id: "effect-grade-once",
    says: "each user is graded at most once per run",
    violations: (effects) =>
      repeated(of(effects, "grade").map(gradeKey)).map(([key, times]) => `${key} was graded ${times} times`),
  },
  {
    id: "effect-grade-all",
    says: "a run grades the users of the generator's list, and no other user",
    violations(effects, { runId, users }) {
      return differing(new Set(of(effects, "grade").map(gradeKey)), new Set(users.map((userId) => gradeKey({ runId, userId }))));
    },
  },
  {
    id: "effect-user-once",
    says: "a run changes each row of a user and of a badge at most once",
    violations(effects) {
      // A manual change can have the same time, and comes on another connection.
      const ofRounds = new Set(of(effects, "grade").map(({ connectionId }) => connectionId));
      return repeated(
        of(effects, "user", "badge")
          .filter(({ item, connectionId }) => ofRounds.has(connectionId) && item?.includes(CHANGED_AT) === true)
          .map(({ source, userId, item }) => `the ${source} of user ${userId} (${item})`),
      ).map(([key, times]) => `${key} was written ${times} times`);
    },
  },
  {
    id: "effect-coupon-once",
    says: "no coupon is issued twice, whatever the run",
    violations: (effects) =>
      repeated(of(effects, "coupon").map(couponKey)).map(([key, times]) => `${key} was issued ${times} times`),
  },
  {
    id: "effect-coupon-all",
    says: "a run issues the coupons of the oracle, and no other coupon",
    violations: (effects, { coupons }) =>
      differing(
        new Set(of(effects, "coupon").map(couponKey)),
        new Set(coupons.map(({ userId, couponId, sequence }) => couponKey({ userId, item: `${couponId} ${sequence}` }))),
      ),
  },
  {
    id: "effect-write-once",
    says: "each key of a write takes effect at most once, and a stored write leaves the inbox at most once",
    violations: (effects) =>
      repeated(of(effects, "write", "drained").map(({ source, item }) => `${source} ${item}`)).map(
        ([key, times]) => `${key} happened ${times} times`,
      ),
  },
  {
    id: "effect-cut-off",
    says: "no write that claims to come before a cut-off takes effect after it",
    violations(effects) {
      const cutOffs = of(effects, "cut-off");
      return of(effects, "write").flatMap(({ runId, userId, item, happenedAt }) =>
        cutOffs.some((cutOff) => (runId ?? 0) < (cutOff.runId ?? 0) && happenedAt > cutOff.happenedAt)
          ? [`write ${item} of user ${userId} took effect at ${happenedAt}, after a later cut-off`]
          : [],
      );
    },
  },
  {
    id: "effect-end",
    says: "a run that has finished or was abandoned keeps this status",
    violations: (effects) =>
      of(effects, "status").flatMap(({ runId, item, happenedAt }) =>
        ENDED.test(item ?? "") ? [`run ${runId} changed at ${happenedAt}: ${item?.replace(" ", " to ")}`] : [],
      ),
  },
];
