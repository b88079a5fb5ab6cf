/** The power of the trials: a service with one deliberate fault violates an invariant under some fault. */
import { describe, expect, it } from "vitest";
import { FAULTS, type Fault as Mutant } from "../../api/faults.ts";
import { listFaults } from "../../harness/chaos/faults/registry.ts";
import { EXPECTED, ONLY_BY_LUCK } from "../../harness/chaos/power/expected.ts";
import { faultsWithoutFind, powerCsv, powerMarkdown, summarisePower } from "../../harness/chaos/power/report.ts";
import type { PowerRecord } from "../../harness/chaos/power/records.ts";
import { listInvariants } from "../../harness/chaos/invariants.ts";
import { MUTANTS } from "../../model/mutants/all.ts";
import { isFull } from "../support/full.ts";
import { openTestSession } from "./session.ts";

/** A trial in which the fault does not act proves nothing. */
const TRIALS = 5;
/** docs/chaos.md gives the reasons. */
const NOT_IN_THE_SERVICE = ["locks-out-of-order", "flags-left-by-failure"];

describe("the deliberate faults of the service", () => {
  const mutants = Object.keys(FAULTS).filter((id) => !id.startsWith("hints-")) as Mutant[];

  it("contain each mutant of the model, apart from those that a trial cannot see", () => {
    const missing = MUTANTS.map(({ id }) => id).filter((id) => !mutants.some((mutant) => mutant === id));
    expect(missing.toSorted()).toEqual(NOT_IN_THE_SERVICE.toSorted());
  });

  it("have each an expected find, by a fault and an invariant of the trials", async () => {
    const faults = (await listFaults()).map(({ id }) => id);
    const invariants = (await listInvariants()).map(({ id }) => id);
    const found = EXPECTED.map(({ mutant }) => mutant as string);
    expect([...found, ...ONLY_BY_LUCK].toSorted()).toEqual(mutants.toSorted());
    expect(EXPECTED.filter(({ fault }) => !faults.includes(fault))).toEqual([]);
    expect(EXPECTED.filter(({ invariant }) => !invariants.includes(invariant))).toEqual([]);
  });
});

describe("the trials", () => {
  it.each(EXPECTED.filter((_each, index) => isFull || index === 0))(
    "find the service with $mutant by the fault $fault",
    async ({ mutant, fault, invariant }) => {
      await using session = await openTestSession(`chaos ${mutant}`, [mutant]);
      const failure = await session.firstFailure(fault, TRIALS);
      expect(failure?.violations.map((violation) => violation.invariant)).toContain(invariant);
    },
  );
});

describe("the table of the deliberate faults", () => {
  const record = (
    mutant: string,
    fault: string,
    trial: number,
    violations: string[],
    failure: string | null = null,
  ): PowerRecord => ({
    mutant,
    fault,
    trial,
    isApplied: true,
    violations,
    failure,
  });
  const records = [
    record("no-fence", "abandoned", 1, ["effect-grade-all", "dates-in-order"]),
    record("no-fence", "abandoned", 2, ["effect-grade-all"]),
    record("no-fence", "none", 1, []),
    record("no-help", "none", 1, []),
    record("no-help", "none", 2, [], "the server failed"),
  ];

  it("counts the trials that found each of them, and leaves out those that could not run", () => {
    expect(summarisePower(records)).toEqual([
      {
        mutant: "no-fence",
        trials: 3,
        foundBy: [{ fault: "abandoned", found: 2, trials: 2 }],
        invariants: ["effect-grade-all", "dates-in-order"],
      },
      { mutant: "no-help", trials: 1, foundBy: [], invariants: [] },
    ]);
    expect(powerMarkdown(records)).toContain("1 of 2 deliberate faults found");
    expect(powerMarkdown(records)).toContain("1 trials could not run");
  });

  it("has a row per deliberate fault and a column per fault of the trials", () => {
    expect(powerCsv(records)).toBe("mutant,abandoned,none\nno-fence,2/2,0/1\nno-help,,0/1\n");
  });

  it("names the faults that found none", () => {
    expect(faultsWithoutFind(records)).toEqual(["none"]);
  });
});
