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
const ONLY_BY_LUCK: readonly Mutant[] = ["no-row-lock", "overtakes-inbox", "inbox-unordered"];
/** Without hints, writes wait for a row. Nothing breaks. */
const HARMLESS: readonly Mutant[] = ["hints-not-raised"];

/** Of these, no trial has to find one. */
export const NOT_EXPECTED: readonly string[] = [...ONLY_BY_LUCK, ...HARMLESS];

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
  expected("hints-not-lowered", "none", "nothing-left"),
];

export const EXPECTED_MUTANTS: readonly Mutant[] = EXPECTED.map(({ mutant }) => mutant);

export const isExpected = (mutant: Mutant, fault: string): boolean =>
  EXPECTED.some((each) => each.mutant === mutant && each.fault === fault);

const KILLED = "`kill-before-round` and `kill-after-commit` are the points at which a kill finds something.";
const STOPPED = "`stop-in-transaction` is the point at which a stop finds something.";
const CUT = "The service repeats a round that lost its connection. Markers decide, so the repetition does nothing twice.";
const COMBINED =
  "Each part finds the same as without the others. A combination looks for further damage, and no deliberate fault has such damage.";
const CHANGED =
  "A change of members must not stop or repeat work. Rows decide, so a deliberate fault of the partitions does no harm.";
const TRIGGERED = "The unique date in `batches` refuses a second run, also in the schema of the trials.";
const CLIENTS = "The subject is the promise to the clients, and not the batch.";
const SERVER = "The subject is the server: MySQL keeps what it acknowledged, and members come back.";
const CLOCK =
  "The service reads no wall clock. With `member-clock`, five minutes do not reach a closed window, but `clock-in-window` does.";
const SLOW = "A statement that outlasts the lease must not count as a lost member. The mistake would be a near miss.";

/** Faults without an expected find, with the reason why they are in the list. docs/chaos.md has the same reasons. */
export const UNPROVED: Readonly<Record<string, string>> = {
  "clock-ahead": CLOCK,
  "clock-behind": CLOCK,
  "slow-query": SLOW,
  "slow-selection": SLOW,
  "kill-in-transaction": KILLED,
  "kill-anytime": KILLED,
  "stop-between-rounds": STOPPED,
  "stop-anytime": STOPPED,
  "stop-in-live-transaction": STOPPED,
  "commit-answer-lost": CUT,
  "commit-lost": CUT,
  "connections-cut": CUT,
  pair: COMBINED,
  trio: COMBINED,
  "scale-out": CHANGED,
  "scale-in": CHANGED,
  "scale-twice": CHANGED,
  "triggered-everywhere": TRIGGERED,
  "triggered-every-second": TRIGGERED,
  "pool-full": CLIENTS,
  "connections-exhausted": CLIENTS,
  "upstream-killed": CLIENTS,
  "upstream-stopped": CLIENTS,
  "database-killed": SERVER,
  "database-stopped": SERVER,
  "disk-full": SERVER,
};
