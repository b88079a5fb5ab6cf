import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { claimedTimes, type Claim, type Figure } from "../../scripts/claims/claim.ts";
import { claimSources, evaluate } from "../../scripts/claims/evaluate.ts";
import { cellOf, compareCells, variantOf, type Measured } from "../../scripts/claims/measured.ts";
import { figureText, ratioText } from "../../scripts/claims/text.ts";
import { EQUAL as EQUAL_WITHIN, NOISE, rangeOf, SAME_SIZE, verdictOn } from "../../scripts/claims/verdict.ts";
import { RUN_NAMES, runFolder } from "../../scripts/readme/runs.ts";
import { publishedRun } from "../../scripts/readme/records/run.ts";
import { publishedScenario } from "../../scripts/readme/records/scenario.ts";
import { lintMarkdown } from "../../scripts/text/lint.ts";

const side = (value: number): Measured["worse"] => ({ name: "cell", value, isEstimate: false });
/** A measured ratio with an interval of seven rounds. */
const measured = (times: number, low: number, high: number): Measured => ({
  worse: side(times),
  better: side(1),
  times,
  interval: { low, high },
  isExact: false,
  rounds: 7,
});
const once = (times: number): Measured => ({ ...measured(times, 0, 0), interval: null, rounds: 1 });
const counted = (times: number): Measured => ({ ...once(times), isExact: true });
const rates = (worse: number, better: number): Measured => ({
  ...once(worse / better),
  worse: side(worse),
  better: side(better),
});

const FOUR: Figure = { kind: "factor", times: 4 };
const DIRECTION: Figure = { kind: "direction", quote: "faster" };
const EQUAL: Figure = { kind: "equal", quote: "no overhead" };
const HALF_TO_ZERO: Figure = { kind: "vanishes", from: 0.5 };

describe("the verdict on a claim", () => {
  it.each([
    ["confirmed", "the interval is on its side and the size is within a factor of 2", FOUR, measured(3, 2, 4)],
    ["confirmed", "the ratio is exactly half of the claim", FOUR, measured(2, 1.5, 2.5)],
    ["mechanism only", "the ratio is less than half of the claim", FOUR, measured(1.9, 1.5, 2.5)],
    ["mechanism only", "the ratio is more than twice the claim", FOUR, measured(9, 8, 10)],
    ["mechanism only", "the source gives no size", DIRECTION, measured(3, 2, 4)],
    ["refuted", "the interval contains 1", FOUR, measured(1.2, 0.9, 1.5)],
    ["refuted", "the interval touches 1", FOUR, measured(1.2, 1, 1.5)],
    ["refuted", "the interval lies on the other side", FOUR, measured(0.5, 0.4, 0.6)],
    ["refuted", "a direction has an interval that contains 1", DIRECTION, measured(1.2, 0.9, 1.5)],
    ["not comparable", "the interval contains 1 and the claim", FOUR, measured(2, 0.5, 8)],
    ["confirmed", "one round is far from 1 and near the claim", FOUR, once(3)],
    ["refuted", "one round is on the other side by more than noise", FOUR, once(0.5)],
    ["not comparable", "one round cannot show a direction", DIRECTION, once(1.3)],
    ["refuted", "exact counts are equal", DIRECTION, counted(1)],
    ["mechanism only", "exact counts differ a little", DIRECTION, counted(1.01)],
    ["confirmed", "two sides that should be equal are", EQUAL, measured(1.02, 0.95, 1.08)],
    ["refuted", "two sides that should be equal differ", EQUAL, measured(1.7, 1.4, 1.8)],
    ["refuted", "the other side is better than an equal one", EQUAL, measured(0.7, 0.6, 0.8)],
    ["not comparable", "the interval is too wide for equality", EQUAL, measured(1.05, 0.9, 1.3)],
    ["confirmed", "errors fall to zero from a similar fraction", HALF_TO_ZERO, rates(0.8, 0)],
    ["mechanism only", "errors fall to zero from another fraction", HALF_TO_ZERO, rates(0.1, 0)],
    ["mechanism only", "errors fall, but not to zero", HALF_TO_ZERO, rates(0.5, 0.1)],
    ["refuted", "errors do not fall", HALF_TO_ZERO, rates(0.5, 0.5)],
    ["not comparable", "there were no errors at all", HALF_TO_ZERO, rates(0, 0)],
  ] as const)("is %s when %s", (name, _, figure, values) => {
    expect(verdictOn(figure, values).name).toBe(name);
  });

  it("has a reason if it is not comparable, and none otherwise", () => {
    expect(verdictOn(FOUR, measured(2, 0.5, 8)).reason).toMatch(/contains both/);
    expect(verdictOn(DIRECTION, once(1.3)).reason).toMatch(/Too few rounds/);
    expect(verdictOn(FOUR, measured(3, 2, 4)).reason).toBeNull();
  });

  it("uses the measured interval, and a range around the ratio only without one", () => {
    expect(rangeOf(measured(3, 2, 4))).toEqual({ low: 2, high: 4 });
    expect(rangeOf(once(3))).toEqual({ low: 2, high: 4.5 });
    expect(rangeOf(counted(3))).toEqual({ low: 3, high: 3 });
  });

  it("follows the rule in docs/claims.md", async () => {
    const page = await readFile(new URL("../../docs/claims.md", import.meta.url), "utf8");
    expect(page).toContain(`the ratio is within a factor of ${SAME_SIZE} of the claimed ratio`);
    expect(page).toContain(`divided and multiplied by ${NOISE} takes the place of the interval`);
    expect(page).toContain(`within a factor of ${EQUAL_WITHIN} of 1`);
  });

  it("states that one round has no interval", () => {
    expect(ratioText(once(3))).toBe("3.00x, 1 round: no interval");
    expect(ratioText(measured(3, 2, 4))).toBe("3.00x (2.00x to 4.00x), 7 rounds");
    expect(ratioText(counted(1))).toBe("1.00x, exact");
    expect(ratioText(rates(0.5, 0))).toBe("to 0, 1 round: no interval");
  });
});

describe("a figure", () => {
  it("is a ratio of times, or the inverse ratio of rates", () => {
    expect(claimedTimes({ kind: "pair", worse: 10, better: 2, unit: "s" })).toBe(5);
    expect(claimedTimes({ kind: "pair", worse: 2, better: 10, unit: "rows/s" })).toBe(5);
    expect(claimedTimes(DIRECTION)).toBeNull();
    expect(claimedTimes(EQUAL)).toBe(1);
  });
});

describe("a measured ratio", () => {
  it("has the interval of its rounds around it", async () => {
    const results = await publishedRun("quick");
    const found = compareCells(results, {
      value: "time",
      worse: { strategy: "chunked", orm: "mysql2" },
      better: { strategy: "set-based", orm: "mysql2" },
    });
    expect(found.rounds).toBe(results.run.rounds);
    expect(found.interval).not.toBeNull();
    expect(found.times).toBeGreaterThan(found.interval?.low ?? Infinity);
    expect(found.times).toBeLessThan(found.interval?.high ?? 0);
  });

  it("marks the estimate of a stopped cell", async () => {
    const found = compareCells(await publishedRun("quick"), {
      value: "time",
      worse: { strategy: "naive", orm: "prisma" },
      better: { strategy: "chunked", orm: "prisma" },
    });
    expect([found.worse.isEstimate, found.better.isEstimate]).toEqual([true, false]);
  });

  it("is an error for a cell that the run lacks, or that several cells match", async () => {
    const updates = await publishedRun("updates");
    expect(() => cellOf(updates, { strategy: "case-when", orm: "prisma" })).toThrow(/has 0 cells case-when\/prisma/);
    expect(() => cellOf(updates, { strategy: "case-when", orm: "mysql2" })).toThrow(/has 8 cells case-when\/mysql2/);
    const scenario = await publishedScenario("api-long");
    expect(() => variantOf(scenario, { guard: "none", batch: "short" })).toThrow(/no variant none, short/);
  });

  it("is an error for a value that no sample has", async () => {
    const stopped = { strategy: "naive", orm: "mysql2" };
    const cells = { value: "inserts", worse: stopped, better: { strategy: "chunked", orm: "mysql2" } } as const;
    const results = await publishedRun("quick");
    expect(() => compareCells(results, cells)).toThrow(/no round in common/);
  });
});

const unpublished = RUN_NAMES.find((name) => runFolder(name) === null);

describe.runIf(unpublished !== undefined)("a claim without a published run", () => {
  it("is not comparable, and still has its command", async () => {
    const claim: Claim = {
      says: "Workers help.",
      figure: FOUR,
      measure: {
        kind: "cells",
        run: unpublished ?? "quick",
        value: "time",
        worse: { strategy: "chunked", orm: "mysql2" },
        better: { strategy: "chunked", orm: "mysql2", workers: 4 },
      },
    };
    expect(await evaluate(claim)).toMatchObject({
      verdict: { name: "not comparable", reason: "No published run measures it yet." },
      measured: null,
      command: "npx bench run chunked --orm mysql2 --workers 1,4 --rounds 7",
    });
  });
});

describe("a claim about rows", () => {
  const file = "test/scripts/claims.test.ts";
  const claimOf = (title: string): Claim => ({ says: "Rows stay.", figure: DIRECTION, measure: { kind: "test", file, title } });

  it("is confirmed by a test that exists", async () => {
    expect(await evaluate(claimOf("is confirmed by a test that exists"))).toMatchObject({
      verdict: { name: "confirmed", reason: null },
      measured: null,
      command: `npx vitest run ${file}`,
    });
  });

  it("is an error without that test", async () => {
    await expect(evaluate(claimOf("is a title of no test".toUpperCase()))).rejects.toThrow(/claims.test.ts has no test/);
  });
});

const sources = await claimSources();

describe("the sources of claims", () => {
  it("are those of the origin and of others", () => {
    expect(new Set(sources.map(({ group }) => group))).toEqual(new Set(["origin", "published"]));
    expect(sources.length).toBeGreaterThanOrEqual(18);
    expect(new Set(sources.map(({ name }) => name)).size).toBe(sources.length);
  });

  it.each(sources)("$name has an address, an environment and claims with a figure", ({ url, year, environment, claims }) => {
    expect(new URL(url).protocol).toBe("https:");
    expect(environment).not.toBe("");
    if (year !== null) expect(year).toBeGreaterThan(2_000);
    expect(claims.length).toBeGreaterThan(0);
    for (const { figure } of claims) {
      expect(figureText(figure)).toMatch(/\d|".{3,}"/);
      if (figure.kind === "pair") expect(claimedTimes(figure)).toBeGreaterThan(1);
    }
  });

  it.each(sources)("$name has plain sentences, and a reason for each claim that is not comparable", ({ environment, claims }) => {
    for (const { says, note = "", measure } of claims) {
      const reason = measure.kind === "not comparable" ? measure.reason : "";
      expect(lintMarkdown([says, note, reason, environment].join("\n\n"))).toEqual([]);
      expect(says).toMatch(/^[A-Z].*\.$/);
      if (measure.kind === "not comparable") expect(reason).toMatch(/^[A-Z].*\.$/);
    }
  });
});
