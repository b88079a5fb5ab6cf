import { describe, expect, it } from "vitest";
import { searchLimit, type SearchSettings, type Tried } from "../../harness/limits/search.ts";

const SETTINGS: SearchSettings = { firstRows: 64, maxRows: 1_000_000, precision: 0, isOver: () => false };

/** A search over a rule, with the sizes that it tried. */
async function searchOver(
  outcomeOf: (rows: number, isFresh: boolean) => Tried["outcome"],
  settings: Partial<SearchSettings> = {},
) {
  const tried: number[] = [];
  const found = await searchLimit(
    async (rows, isFresh): Promise<Tried> => {
      tried.push(rows);
      return { rows, outcome: outcomeOf(rows, isFresh), isFresh };
    },
    { ...SETTINGS, ...settings },
  );
  return { ...found, tried };
}

const upTo =
  (limit: number) =>
  (rows: number): Tried["outcome"] =>
    rows <= limit ? "worked" : "failed";

describe("the search for a limit", () => {
  it.each([1, 2, 63, 64, 65, 21_844, 999_999])("finds a limit of %d rows exactly", async (limit) => {
    const { worked, notWorked, isComplete } = await searchOver(upTo(limit));
    expect([worked?.rows, notWorked?.rows, isComplete]).toEqual([limit, limit + 1, true]);
  });

  it("finds no failure up to the largest size, and tries nothing larger", async () => {
    const { worked, notWorked, isComplete, tried } = await searchOver(() => "worked", { maxRows: 1_000 });
    expect([worked?.rows, notWorked, isComplete]).toEqual([1_000, null, true]);
    expect(tried).toEqual([64, 128, 256, 512, 1_000]);
  });

  it("has no size that worked when one row fails", async () => {
    const { worked, notWorked, isComplete } = await searchOver(() => "failed");
    expect([worked, notWorked?.rows, isComplete]).toEqual([null, 1, true]);
  });

  it("ends when both sizes are as close as the precision", async () => {
    const { worked, notWorked, tried } = await searchOver(upTo(50_000), { precision: 0.1 });
    expect((notWorked?.rows ?? 0) - (worked?.rows ?? 0)).toBeLessThanOrEqual(5_000);
    expect(worked?.rows).toBeLessThanOrEqual(50_000);
    expect(notWorked?.rows).toBeGreaterThan(50_000);
    expect(tried.length).toBeLessThan(16);
  });

  it("ends at a size that is not done in time, because every larger one would take the whole time too", async () => {
    const { worked, notWorked, tried } = await searchOver((rows) => (rows <= 500 ? "worked" : "timed-out"));
    expect([worked?.rows, notWorked?.rows, notWorked?.outcome]).toEqual([256, 512, "timed-out"]);
    expect(tried).toEqual([64, 128, 256, 512]);
  });

  it("keeps a size that failed when a smaller one is not done in time", async () => {
    const { worked, notWorked, isComplete } = await searchOver((rows) =>
      rows >= 1_000 ? "failed" : rows > 700 ? "timed-out" : "worked",
    );
    expect([worked?.rows, notWorked?.rows, notWorked?.outcome, isComplete]).toEqual([512, 1_024, "failed", true]);
  });

  it.each([
    ["exact", 21_844, 2],
    ["a little too low", 21_840, 6],
    ["a little too high", 21_850, 6],
    ["wrong", 60, 30],
    ["larger than a size that failed", 999_999, 30],
  ])("needs few attempts after the doubling with a prediction that is %s", async (_, rows, most) => {
    const { worked, notWorked, tried } = await searchOver(upTo(21_844), { predict: () => ({ rows, step: 1 }) });
    expect([worked?.rows, notWorked?.rows]).toEqual([21_844, 21_845]);
    const doubled = tried.findIndex((size) => size > 21_844) + 1;
    // and one more for the failure in a new process
    expect(tried.length - doubled).toBeLessThanOrEqual(most + 1);
  });

  it("tries the smallest failure again in a new process, and continues above it if it works there", async () => {
    const { worked, notWorked } = await searchOver((rows, isFresh) => {
      if (rows > 5_000) return "failed";
      return rows > 1_000 && rows < 2_000 && !isFresh ? "failed" : "worked";
    });
    expect([worked?.rows, notWorked?.rows]).toEqual([5_000, 5_001]);
  });

  it("is not complete when the time is over, and keeps the sizes so far", async () => {
    let left = 6;
    const { worked, notWorked, isComplete } = await searchOver(upTo(700), { isOver: () => (left -= 1) < 0 });
    expect(isComplete).toBe(false);
    expect([worked?.rows, notWorked?.rows]).toEqual([512, 768]);
  });
});
