import { describe, expect, it } from "vitest";
import { elapsed, left, remainingMs, SteadyEta, type CellHistory, type SampleUnderWay } from "../../harness/display/eta.ts";

const S = 1_000;
const MIN = 60 * S;
const AROUND_MS = 5 * S;

const cell = (parts: Partial<CellHistory> = {}): CellHistory => ({
  strategy: "chunked",
  limitMs: null,
  isRare: false,
  runsMs: [],
  samplesToCome: 1,
  ...parts,
});

const underWay = (of: CellHistory, parts: Partial<SampleUnderWay> = {}): SampleUnderWay => ({
  cell: of,
  elapsedMs: 0,
  runMs: null,
  isRunOver: false,
  reported: null,
  ...parts,
});

describe("the time that is left", () => {
  it("is unknown until a cell has run, has reported a pace or has a limit", () => {
    const first = cell();
    expect(remainingMs([first, cell()], underWay(first, { elapsedMs: 4 * S, runMs: S }), [])).toBeNull();
  });

  it("is the median of a cell's own runs, with the overhead around them", () => {
    const known = cell({ runsMs: [50 * S, 60 * S, 500 * S], samplesToCome: 2 });
    expect(remainingMs([known], null, [AROUND_MS])).toBe(2 * (60 * S + AROUND_MS));
  });

  it("is the technique's time for a cell without a run, and the time of all cells when the technique is new", () => {
    const naive = cell({ strategy: "naive", runsMs: [10 * MIN], samplesToCome: 0 });
    const chunked = cell({ runsMs: [10 * S], samplesToCome: 0 });
    expect(remainingMs([naive, chunked, cell({ strategy: "naive" })], null, [0])).toBe(10 * MIN);
    expect(remainingMs([naive, chunked, cell({ strategy: "new" })], null, [0])).toBe((10 * MIN + 10 * S) / 2);
  });

  it("is never more than a cell's limit, and equals the limit when there is no other data", () => {
    expect(remainingMs([cell({ limitMs: 8 * S })], null, [])).toBe(8 * S);
    const slow = cell({ runsMs: [10 * MIN], samplesToCome: 0 });
    expect(remainingMs([slow, cell({ limitMs: 8 * S })], null, [])).toBe(8 * S);
    const fast = cell({ runsMs: [2 * S], samplesToCome: 0 });
    expect(remainingMs([fast, cell({ limitMs: 8 * S })], null, [])).toBe(2 * S);
  });

  it("follows the pace of a cell in its first run, but not in its first moments", () => {
    const first = cell({ samplesToCome: 0 });
    const after = (runMs: number, fraction: number) =>
      remainingMs([first], underWay(first, { elapsedMs: runMs, runMs, reported: { fraction, runMs } }), []);
    expect(after(S, 0.001)).toBeNull();
    expect(after(60 * S, 0.1)).toBeCloseTo(9 * MIN);
    expect(after(5 * MIN, 0.5)).toBeCloseTo(5 * MIN);
  });

  it("does not change between two reports of progress, which may be minutes apart", () => {
    const first = cell({ samplesToCome: 0 });
    const reported = { fraction: 0.25, runMs: 60 * S };
    const at = (runMs: number): number =>
      runMs + (remainingMs([first], underWay(first, { elapsedMs: runMs, runMs, reported }), []) ?? Number.NaN);
    expect(at(60 * S)).toBeCloseTo(4 * MIN);
    expect(at(90 * S)).toBeCloseTo(4 * MIN);
  });

  it("weights earlier runs at the beginning of a sample and the sample's own pace at the end", () => {
    const known = cell({ runsMs: [10 * MIN], samplesToCome: 0 });
    const twiceAsSlow = (fraction: number): number => {
      const runMs = fraction * 20 * MIN;
      return remainingMs([known], underWay(known, { elapsedMs: runMs, runMs, reported: { fraction, runMs } }), [0]) ?? Number.NaN;
    };
    expect(twiceAsSlow(0.01)).toBeLessThan(11 * MIN);
    expect(twiceAsSlow(0.9)).toBeGreaterThan(0.9 * 2 * MIN * 0.5);
    expect(twiceAsSlow(0.9)).toBeLessThanOrEqual(2 * MIN);
  });

  it("is never negative when a sample takes longer than those before, and omits its run when the run has ended", () => {
    const known = cell({ runsMs: [10 * S], samplesToCome: 1 });
    expect(remainingMs([known], underWay(known, { elapsedMs: 90 * S, runMs: 80 * S }), [AROUND_MS])).toBe(10 * S + AROUND_MS);
    const over = underWay(known, { elapsedMs: 6 * S, runMs: 3 * S, isRunOver: true });
    expect(remainingMs([known], over, [AROUND_MS])).toBe(2 * S + 10 * S + AROUND_MS);
  });

  it("expects no row-by-row time of a technique whose cells run in every round", () => {
    const naive = cell({ strategy: "naive", runsMs: [600 * S], samplesToCome: 0, isRare: true });
    const chunked = cell({ strategy: "chunked", runsMs: [10 * S], samplesToCome: 0 });
    const other = cell({ strategy: "case-when" });
    expect(remainingMs([naive, chunked, other], null, [])).toBe(10 * S);
    // a guess is better than none
    expect(remainingMs([naive, other], null, [])).toBe(600 * S);
  });

  it("counts no cell that has no samples left", () => {
    expect(remainingMs([cell({ samplesToCome: 0 })], null, [])).toBe(0);
  });
});

/** Runs a plan of known times second by second. @returns the shown and the true times */
function simulate(cells: readonly { strategy: string; runS: number; reportsProgress: boolean }[], rounds: number) {
  const totalS = rounds * cells.reduce((sum, { runS }) => sum + runS + AROUND_MS / S, 0);
  const histories = cells.map(({ strategy }) => ({
    strategy,
    limitMs: null,
    isRare: false,
    runsMs: [] as number[],
    samplesToCome: rounds,
  }));
  const eta = new SteadyEta();
  const seen: { atS: number; shownMs: number | null; trueMs: number }[] = [];
  const aroundMs: number[] = [];
  let nowS = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { runS, reportsProgress }] of cells.entries()) {
      const history = histories[index];
      if (history === undefined) throw new Error("no history");
      history.samplesToCome -= 1;
      const beforeS = AROUND_MS / S - 1;
      for (let second = 0; second < runS + AROUND_MS / S; second += 1) {
        const ranS = Math.min(runS, Math.max(0, second - beforeS));
        const current = underWay(history, {
          elapsedMs: second * S,
          runMs: second < beforeS ? null : ranS * S,
          isRunOver: ranS === runS,
          reported: reportsProgress && ranS > 0 ? { fraction: ranS / runS, runMs: ranS * S } : null,
        });
        seen.push({
          atS: nowS,
          shownMs: eta.update(remainingMs(histories, current, aroundMs), nowS * S),
          trueMs: (totalS - nowS) * S,
        });
        nowS += 1;
      }
      history.runsMs.push(runS * S);
      aroundMs.push(AROUND_MS);
    }
  }
  return seen;
}

describe("the displayed time", () => {
  const cells = [
    { strategy: "naive", runS: 660, reportsProgress: true },
    { strategy: "set-based", runS: 8, reportsProgress: false },
    { strategy: "chunked", runS: 40, reportsProgress: true },
    { strategy: "naive", runS: 2_600, reportsProgress: true },
  ];
  const seen = simulate(cells, 3);

  it("stays within a tenth of the truth from the second round to the end when cells take minutes", () => {
    const firstRoundS = cells.reduce((sum, { runS }) => sum + runS + AROUND_MS / S, 0);
    for (const { atS, shownMs, trueMs } of seen.filter(({ atS }) => atS > firstRoundS + 60))
      expect(Math.abs((shownMs ?? Number.NaN) - trueMs), `at ${atS} s`).toBeLessThanOrEqual(0.1 * trueMs + 10 * S);
  });

  it("appears early, in the middle of the first cell, when cells take minutes", () => {
    expect(seen.find(({ shownMs }) => shownMs !== null)?.atS).toBeLessThan(15);
  });

  it("changes by only a few percent a second when a cell takes four times as long as estimated", () => {
    for (const [index, { atS, shownMs, trueMs }] of seen.entries()) {
      const before = seen[index - 1]?.shownMs ?? null;
      if (before !== null && shownMs !== null)
        expect(Math.abs(shownMs - before), `at ${atS} s`).toBeLessThanOrEqual(0.05 * Math.max(before, trueMs) + 2 * S);
    }
  });

  it("counts down while there is no new estimate", () => {
    const eta = new SteadyEta();
    expect(eta.update(null, 0)).toBeNull();
    expect(eta.update(60 * S, 0)).toBe(60 * S);
    expect(eta.update(null, 20 * S)).toBe(40 * S);
    expect(eta.update(null, 70 * S)).toBe(0);
  });
});

describe("the text of a duration", () => {
  it.each([
    [0, "a few seconds left"],
    [43 * S, "about 45 s left"],
    [99 * S, "about 100 s left"],
    [12.4 * MIN, "about 12 min left"],
    [99 * MIN, "about 99 min left"],
    [121 * MIN, "about 2 h left"],
    [188 * MIN, "about 3 h 10 min left"],
  ])("is as coarse as the estimate is uncertain: %i ms", (ms, words) => {
    expect(left(ms)).toBe(words);
  });
  it.each([
    [59_999, "59 s"],
    [130 * S, "2 min 10 s"],
    [80 * MIN, "1 h 20 min"],
  ])("is exact for elapsed time: %i ms", (ms, words) => {
    expect(elapsed(ms)).toBe(words);
  });
});
