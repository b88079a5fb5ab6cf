import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStep, remainingSteps, type Kind, type Search } from "../../harness/bisect/search.ts";

/** Searches with verdicts of a truth. @returns the result and the number of measurements */
function search(count: number, kindOf: (index: number) => Kind): { found: Extract<Search, { kind: "found" }>; measured: number } {
  const verdicts = new Map<number, Kind>();
  for (;;) {
    const next = nextStep(count, verdicts);
    if (next.kind === "found") return { found: next, measured: verdicts.size };
    expect(verdicts.has(next.index)).toBe(false);
    verdicts.set(next.index, kindOf(next.index));
  }
}

const steps = fc
  .integer({ min: 2, max: 200 })
  .chain((count) => fc.record({ count: fc.constant(count), culprit: fc.integer({ min: 1, max: count - 1 }) }));

describe("the search for the first bad step", () => {
  it("finds every culprit, with at most log2 measurements", () => {
    fc.assert(
      fc.property(steps, ({ count, culprit }) => {
        const { found, measured } = search(count, (index) => (index < culprit ? "good" : "bad"));
        expect(found).toEqual({ kind: "found", lastGood: culprit - 1, firstBad: culprit, unusable: [] });
        expect(measured).toBeLessThanOrEqual(Math.ceil(Math.log2(count - 1)));
      }),
    );
  });

  it("never blames a step outside of the range that unusable steps leave open", () => {
    fc.assert(
      fc.property(steps, fc.array(fc.integer({ min: 1, max: 199 })), ({ count, culprit }, unusable) => {
        const isUnusable = (index: number): boolean => unusable.includes(index) && index < count - 1;
        const { found } = search(count, (index) => (isUnusable(index) ? "unusable" : index < culprit ? "good" : "bad"));
        expect(found.lastGood).toBeLessThan(culprit);
        expect(found.firstBad).toBeGreaterThanOrEqual(culprit);
        expect(found.unusable.every(isUnusable)).toBe(true);
        expect(found.firstBad - found.lastGood - 1).toBe(found.unusable.length);
      }),
    );
  });

  it("ends at once for two neighbours", () => {
    expect(nextStep(2, new Map())).toEqual({ kind: "found", lastGood: 0, firstBad: 1, unusable: [] });
    expect(remainingSteps(2, new Map())).toBe(0);
  });

  it("continues from saved verdicts, and counts what remains", () => {
    const verdicts = new Map<number, Kind>([[8, "bad"]]);
    expect(nextStep(17, verdicts)).toEqual({ kind: "measure", index: 4 });
    expect(remainingSteps(17, new Map())).toBe(4);
    expect(remainingSteps(17, verdicts)).toBe(3);
  });
});
