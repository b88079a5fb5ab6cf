/** Which fault finds which deliberate fault of the service. The trials have no power without each of these finds. */
import type { Fault as Mutant } from "../../../api/faults.ts";

export interface Expected {
  readonly mutant: Mutant;
  /** the fault that is made for it, or any other one that finds it in most trials */
  readonly fault: string;
  /** one of the violated invariants */
  readonly invariant: string;
}

/** A trial finds them only by luck. test/consistency/faults.test.ts holds the service at the right moment for each of them. */
export const ONLY_BY_LUCK: readonly string[] = ["no-row-lock", "overtakes-inbox", "inbox-unordered"] satisfies readonly Mutant[];

const expected = (mutant: Mutant, fault: string, invariant: string): Expected => ({ mutant, fault, invariant });

export const EXPECTED: readonly Expected[] = [
  expected("no-rollback", "statement-refused", "effect-coupon-all"),
  expected("origin", "heartbeat-cut", "run-ends"),
  expected("no-marker-check", "held-before-lock", "effect-grade-once"),
  expected("markers-before-lock", "held-before-lock", "effect-grade-once"),
  expected("markers-later", "kill-after-commit", "effect-coupon-once"),
  expected("no-fence", "abandoned", "effect-grade-all"),
  expected("attempt-read-apart", "late-poll", "effect-grade-all"),
  expected("no-help", "rounds-cut", "run-ends"),
  expected("selects-twice", "held-before-select", "effect-end"),
  expected("selects-without-join", "deleted-user", "run-ends"),
  expected("finishes-unchecked", "kill-before-round", "effect-grade-all"),
  expected("finishes-from-cursor", "stop-in-transaction", "effect-grade-all"),
  expected("undone-before-status", "none", "effect-grade-all"),
  expected("fails-any-status", "late-failure", "effect-end"),
  expected("fails-any-attempt", "late-failure-resumed", "run-ends"),
  expected("no-timeouts", "stop-in-transaction", "run-ends"),
  expected("older-date", "older-date", "dates-in-order"),
  expected("ignores-selecting", "next-date", "run-ends"),
  expected("resumes-as-running", "selection-fails", "effect-grade-all"),
  expected("ignores-cut-off", "write-held", "effect-cut-off"),
  expected("no-not-before", "server-clock-back", "window-closed"),
  expected("not-before-read-early", "server-clock-back", "window-closed"),
  expected("member-clock", "clock-in-window", "window-closed"),
  expected("accepted-and-forgotten", "none", "accepted-once"),
  expected("no-key-in-accept", "heartbeat-cut", "effect-write-once"),
  expected("no-key-in-direct", "none", "effect-write-once"),
  expected("drains-unlocked", "drain-held", "effect-write-once"),
  expected("progress-despite-rollback", "statement-refused", "effect-coupon-all"),
  expected("completes-despite-failure", "rounds-cut", "effect-grade-all"),
  expected("rescues-any-run", "late-failure-resumed", "run-ends"),
  expected("retries-statement", "deadlock-victim", "effect-coupon-once"),
  expected("stale-stamp", "none", "effect-cut-off"),
];
