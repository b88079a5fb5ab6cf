import { describe, expect, it } from "vitest";
import { fastestByRtt, fitRtt, isCarried, MAX_MISS, timeAt } from "../../harness/rtt/fit.ts";

const onLine = (baseMs: number, chain: number) => (roundTripMs: number) => ({
  roundTripMs,
  wallMs: baseMs + chain * roundTripMs,
});

describe("the line of a cell over the round-trip time", () => {
  it("returns base and chain without a residual when all points are on one line", () => {
    const fit = fitRtt([0.2, 0.7, 1.2, 5.2].map(onLine(5_000, 1_200)), 1_200);
    expect(fit?.baseMs).toBeCloseTo(5_000, 6);
    expect(fit?.chain).toBeCloseTo(1_200, 6);
    expect(fit?.worstMiss).toBeLessThan(1e-9);
    expect(fit === null ? null : timeAt(fit, 20)).toBeCloseTo(29_000, 4);
  });

  it("reports its residual at the worst point", () => {
    // calculated manually with weights 1/y^2: three points, and the middle one is 50 % slow
    const fit = fitRtt(
      [
        { roundTripMs: 0, wallMs: 100 },
        { roundTripMs: 1, wallMs: 300 },
        { roundTripMs: 2, wallMs: 300 },
      ],
      null,
    );
    // the line through the other two points is at 200 there
    expect(fit?.worstMiss).toBeCloseTo(1 / 3, 9);
    for (const { wallMs, fittedMs } of fit?.points ?? [])
      expect(Math.abs(wallMs - fittedMs) / wallMs).toBeLessThanOrEqual(fit?.worstMiss ?? 0);
  });

  it("is checked at points outside the fit, because it bends towards the points inside the fit", () => {
    const cell = onLine(1_000, 100);
    const bent = [cell(0.2), { ...cell(0.7), wallMs: cell(0.7).wallMs * 1.15 }, cell(1.2), cell(5.2)];
    const fit = fitRtt(bent, null);
    const own = (fit?.points ?? []).map(({ wallMs, fittedMs }) => Math.abs(wallMs - fittedMs) / wallMs);
    expect(Math.max(...own)).toBeLessThan(0.1);
    expect(fit?.worstMiss).toBeCloseTo(0.15 / 1.15, 9);
  });

  it("takes the counted chain as its slope for two points, and both points check it", () => {
    // the printed line was 494 ms + 216 x RTT, for a cell of 44 round trips
    const noisy = [
      { roundTripMs: 0.3, wallMs: 559 },
      { roundTripMs: 2.3, wallMs: 991 },
    ];
    const fit = fitRtt(noisy, 44);
    expect(fit?.chain).toBe(44);
    expect(fit?.worstMiss).toBeGreaterThan(MAX_MISS);
    const quiet = fitRtt([0.3, 2.3].map(onLine(494, 44)), 44);
    expect(quiet).toMatchObject({ chain: 44, baseMs: expect.closeTo(494, 6), worstMiss: expect.closeTo(0, 9) });
  });

  it("is never steeper than the counted round trips, and never falls", () => {
    expect(fitRtt([0.2, 1.2, 5.2].map(onLine(500, 90)), 44)?.chain).toBe(44);
    const falling = fitRtt([0.2, 1.2, 5.2].map(onLine(500, -20)), 44);
    expect(falling?.chain).toBe(0);
    expect(falling === null ? null : isCarried(falling)).toBe(false);
  });

  it("does not exist for two points without counted round trips, or for one point", () => {
    const unchecked = fitRtt([1, 2].map(onLine(10, 3)), null);
    expect(unchecked).toMatchObject({ worstMiss: null });
    expect(unchecked === null ? null : isCarried(unchecked)).toBe(false);
    expect(fitRtt([onLine(10, 3)(1), onLine(10, 3)(1)], 3)).toBeNull();
    expect(fitRtt([], 3)).toBeNull();
  });

  it("gives the round-trip time at which another technique becomes the fastest", () => {
    const line = (name: string, baseMs: number, chain: number) => ({ name, fit: { baseMs, chain } });
    const stretches = fastestByRtt([
      line("many", 100, 1_000),
      line("few", 300, 100),
      line("one", 1_000, 1),
      line("never", 2_000, 500),
    ]);
    expect(stretches.map(({ name }) => name)).toEqual(["many", "few", "one"]);
    expect(stretches[0]).toEqual({ fromMs: 0, toMs: 200 / 900, name: "many" });
    expect(stretches[1]?.toMs).toBeCloseTo(700 / 99, 9);
    expect(stretches[2]?.toMs).toBeNull();
  });

  it("names one technique when no other overtakes it", () => {
    const lines = [
      { name: "best", fit: { baseMs: 10, chain: 1 } },
      { name: "worse", fit: { baseMs: 20, chain: 2 } },
    ];
    expect(fastestByRtt(lines)).toEqual([{ fromMs: 0, toMs: null, name: "best" }]);
    expect(fastestByRtt([])).toEqual([]);
  });
});
