/**
 * A rule on one trial. Each file in rules/ exports one as `rule`. They are not in consistency/rules/, because they need what only the
 * trials have: the effect log, the times of the fault, and what is left on the server. Beside another run they could not fail.
 */
import type { CheckedBatch } from "../../consistency/index.ts";
import { select, type Connection } from "../../lib/connection.ts";
import { exportsIn } from "../../lib/plug-in-folder.ts";
import type { SentRequest } from "../scenario/load-messages.ts";
import type { Effect } from "./effect-log.ts";

const RULES = new URL("./rules/", import.meta.url);

interface Coupon {
  readonly userId: number;
  readonly couponId: number;
  readonly sequence: number;
}

/** The result that the run must have, by the oracle: a SQL program over the loaded rows that shares no code with the service. */
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

/** The observations of the harness in a trial, without the rows. */
export interface Observed {
  readonly batch: CheckedBatch & { readonly status: string };
  /** from the last act of the fault to the end of the run; null without one of them */
  readonly recoveryMs: number | null;
  readonly sent: readonly SentRequest[];
  readonly left: readonly string[];
}

interface TrialContext extends Observed {
  readonly effects: readonly Effect[];
  readonly expected: Expected;
}

export interface TrialRule {
  readonly id: string;
  /** the rule in one sentence */
  readonly says: string;
  /** @returns one line per violation, with the values seen */
  readonly violations: (context: TrialContext) => readonly string[];
}

/** Sorted by file. */
export const listTrialRules = (): Promise<TrialRule[]> => exportsIn<TrialRule>(RULES, "rule");
