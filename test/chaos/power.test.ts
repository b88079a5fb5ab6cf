/** The power of the trials: a service with one deliberate fault violates an invariant under some fault. */
import { describe, expect, it } from "vitest";
import type { Fault as Mutant } from "../../api/faults.ts";
import { isFull } from "../support/full.ts";
import { openTestSession } from "./session.ts";

interface Found {
  readonly mutant: Mutant;
  readonly fault: string;
  /** one of the violated invariants */
  readonly invariant: string;
}

/** A trial in which the fault does not act proves nothing. */
const TRIALS = 5;

const ALL: readonly Found[] = [
  { mutant: "no-rollback", fault: "statement-refused", invariant: "effect-coupon-all" },
  { mutant: "no-marker-check", fault: "held-before-lock", invariant: "effect-grade-once" },
  { mutant: "markers-before-lock", fault: "held-before-lock", invariant: "effect-grade-once" },
  { mutant: "markers-later", fault: "kill-after-commit", invariant: "effect-coupon-once" },
  { mutant: "finishes-unchecked", fault: "kill-before-round", invariant: "effect-grade-all" },
  { mutant: "accepted-and-forgotten", fault: "none", invariant: "accepted-once" },
  { mutant: "no-fence", fault: "abandoned", invariant: "effect-grade-all" },
];

describe("the trials", () => {
  it.each(ALL.filter((_each, index) => isFull || index === 0))(
    "find the service with $mutant by the fault $fault",
    async ({ mutant, fault, invariant }) => {
      await using session = await openTestSession(`chaos ${mutant}`, [mutant]);
      const failure = await session.firstFailure(fault, TRIALS);
      expect(failure?.violations.map((violation) => violation.invariant)).toContain(invariant);
    },
  );
});
