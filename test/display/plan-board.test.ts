import { describe, expect, it } from "vitest";
import { PlanBoard, shorten } from "../../harness/display/plan-board.ts";
import { progressLine } from "../../harness/display/plain.ts";
import { RunState, type RunPlan } from "../../harness/display/run-state.ts";
import type { SampleResult } from "../../harness/results/records.ts";
import { recordedCell, recordedSample, timedOut, wrong } from "../support/records.ts";

const NO_COLOUR = (_style: unknown, text: string): string => text;
const MANY = Array.from({ length: 40 }, (_, index) => recordedCell({ strategy: `way-${index}`, orm: "mysql2" }));
const LONG = recordedCell({
  id: "preinsert-update/mikro-orm/uuidv7/chunk=500/workers=6/isolation=read-committed/track=matched",
  strategy: "preinsert-update",
  orm: "mikro-orm",
  chunkUsers: 500,
});
const CHUNKED = recordedCell({ id: "chunked/prisma/identity/chunk=500", strategy: "chunked", orm: "prisma", chunkUsers: 500 });
const NAIVE = recordedCell({ strategy: "naive", orm: "mysql2" });
const LIAR = recordedCell({ strategy: "case-when", orm: "drizzle" });
const SKIPPED = recordedCell({ strategy: "set-based", orm: "drizzle" });

/** A run whose clock advances only when the test advances it. */
function runOf(cells: readonly ReturnType<typeof recordedCell>[], parts: Partial<RunPlan> = {}) {
  let nowMs = 0;
  const run = new RunState(
    {
      cells: cells.map((cell) => ({
        cell,
        limitMs: cell.strategy === "naive" ? 8_000 : null,
        maxRounds: null,
        skipReason: cell === SKIPPED ? "drizzle offers no server-side" : null,
      })),
      rounds: 2,
      activeUsers: 30_000,
      expectedRows: 240_000,
      earlier: [],
      endsAtMs: null,
      ...parts,
    },
    () => nowMs,
  );
  const board = new PlanBoard(run);
  return {
    run,
    lines: (columns = 80, rows = 23) => board.render({ columns, rows, paint: NO_COLOUR }),
    pass: (ms: number) => void (nowMs += ms),
    /** one sample from start to end */
    take: (cell: ReturnType<typeof recordedCell>, runMs: number, result: Partial<SampleResult>): void => {
      run.begin(cell.id);
      run.phase("warm-up");
      nowMs += 1_000;
      run.phase("run");
      nowMs += runMs;
      run.phase("verify");
      nowMs += 1_000;
      run.end(recordedSample(cell, 1, result));
    },
  };
}

describe("the plan on a terminal", () => {
  it("shows a cell that the server cannot run as skipped, and expects no further sample of it", () => {
    const { run, lines, take } = runOf([NAIVE, CHUNKED]);
    take(NAIVE, 100, { status: "skipped", wallMs: null, reason: "the server has no LOCAL INFILE" });
    take(CHUNKED, 60_000, { wallMs: 60_000 });
    expect(lines(120).join("\n")).toMatch(/skipped: the server has no LOCAL INFILE/);
    // one sample of CHUNKED, and none of NAIVE, which would have its limit of 8 s
    expect(run.leftMs()).toBeLessThan(65_000);
  });

  it("has a row for each cell, and states the common settings once", () => {
    const { lines } = runOf([CHUNKED, NAIVE, SKIPPED]);
    expect(lines(100).map((line) => line.replaceAll(/ {2,}/g, "  "))).toEqual([
      "  cell (identity, chunk=500)  done  median",
      "  chunked/prisma  0/2  waiting",
      "  naive/mysql2  0/2  waiting",
      "  set-based/drizzle  skipped: drizzle offers no server-side",
      "  ░░░░░░░░░░░░░░░░░░░░ 0 of 6 samples, 0 s so far",
    ]);
  });

  it("fills in samples, median or estimate, failures, and a mark for warnings", () => {
    const { lines, take } = runOf([CHUNKED, NAIVE, LIAR, SKIPPED]);
    take(CHUNKED, 10_000, { wallMs: 10_000, warnings: ["noisy"] });
    take(CHUNKED, 12_000, { wallMs: 12_000 });
    take(NAIVE, 8_000, timedOut());
    take(NAIVE, 8_000, timedOut());
    take(LIAR, 3_000, wrong("wrong result: badges"));
    const shown = lines().join("\n");
    expect(shown).toMatch(/^! chunked\/prisma +2\/2 +11\.0 s {2}done$/m);
    expect(shown).toMatch(/^ {2}naive\/mysql2 +2\/2 +~6\.7 min {2}stopped by its limit, 8 s$/m);
    expect(shown).toMatch(/^ {2}case-when\/drizzle +1\/2 +failed: wrong result: badges$/m);
    expect(shown).toMatch(/█{13}░{7} 5 of 8 samples/);
  });

  it("shows the phase of the current cell and its duration, and while the cell runs its progress and rate", () => {
    const { lines, run, pass } = runOf([CHUNKED, NAIVE]);
    run.begin(CHUNKED.id);
    run.phase("quiesce");
    expect(lines()[1]).toMatch(/^> chunked\/prisma +0\/2 +quiesce$/);
    pass(4_000);
    expect(lines()[1]).toMatch(/quiesce 4 s$/);
    run.phase("run");
    pass(10_000);
    expect(lines()[1]).toMatch(/run 10 s$/);
    run.progress(7_500);
    expect(lines()[1]).toMatch(/run 25 % {2}~6,000 rows\/s$/);
    run.phase("verify");
    expect(lines()[1]).toMatch(/verify$/);
  });

  it("shows users per second when the number of rows is unknown", () => {
    const { lines, run, pass } = runOf([CHUNKED, NAIVE], { expectedRows: null });
    run.begin(CHUNKED.id);
    run.phase("run");
    pass(10_000);
    run.progress(7_500);
    expect(lines()[1]).toMatch(/run 25 % {2}750 users\/s$/);
  });

  it("shows the time that is left as soon as it has data for an estimate", () => {
    const { lines, take } = runOf([CHUNKED, recordedCell({ strategy: "case-when", orm: "prisma" })]);
    expect(lines().at(-1)).not.toContain("left");
    take(CHUNKED, 298_000, { wallMs: 298_000 });
    expect(lines().at(-1)).toMatch(/1 of 4 samples, about 15 min left, 5 min 0 s so far/);
  });

  it("shows at most the time until the limit of the run", () => {
    const { lines, take } = runOf([CHUNKED, NAIVE], { endsAtMs: 600_000 });
    take(CHUNKED, 298_000, { wallMs: 298_000 });
    expect(lines().at(-1)).toMatch(/1 of 4 samples, about 5 min left/);
  });

  it("counts the samples from before an interruption, and estimates the time from them", () => {
    const { lines } = runOf([CHUNKED, NAIVE], { earlier: [recordedSample(CHUNKED, 1, { wallMs: 600_000 })] });
    expect(lines()[1]).toMatch(/1\/2 +10\.0 min {2}waiting/);
    expect(lines().at(-1)).toMatch(/1 of 4 samples, about 10 min left/);
  });

  it.each([
    [80, 23],
    [60, 9],
    [40, 5],
    [20, 2],
    [200, 60],
  ])("is never wider or higher than the terminal: %i x %i", (columns, rows) => {
    const { lines, run, pass } = runOf([LONG, ...MANY]);
    run.begin(LONG.id);
    run.phase("run");
    pass(60_000);
    run.progress(29_000);
    const shown = lines(columns, rows);
    expect(shown.length).toBeLessThanOrEqual(rows);
    for (const line of shown) expect(line.length, line).toBeLessThanOrEqual(columns);
  });

  it("keeps the current cell visible when the cells do not fit, and scrolls no further than necessary", () => {
    const { lines, run } = runOf(MANY);
    const inSight = (): string[] => lines(80, 12).filter((line) => /way-/.test(line));
    run.begin(MANY[30]?.id ?? "");
    expect(inSight().some((line) => line.startsWith("> way-30/"))).toBe(true);
    const before = inSight().map((line) => line.slice(2));
    run.begin(MANY[29]?.id ?? "");
    expect(inSight().map((line) => line.slice(2).replace(/ +$/, "").split(" ")[0])).toEqual(
      before.map((line) => line.split(" ")[0]),
    );
    expect(lines(80, 12)[0]).toMatch(/26 to 35 of 40$/);
    run.begin(MANY[0]?.id ?? "");
    expect(inSight()[0]).toMatch(/^> way-0\//);
  });

  it("shortens a long name in its middle, because its end matters as much as its beginning", () => {
    expect(shorten(LONG.id, 40)).toBe("preinsert-update/mik…itted/track=matched");
    expect(shorten("short", 40)).toBe("short");
  });
});

describe("plain lines", () => {
  it("are added only for long phases, with fraction, users, rate and the time that is left", () => {
    const { run, pass, take } = runOf([CHUNKED, NAIVE]);
    take(NAIVE, 8_000, timedOut());
    run.begin(CHUNKED.id);
    run.phase("run");
    pass(4_000);
    run.progress(400);
    expect(progressLine(run)).toBeNull();
    pass(56_000);
    run.progress(6_000);
    expect(progressLine(run)).toMatch(
      /^\[2\/4\] chunked\/prisma\/identity\/chunk=500 {2}20 % {2}6,000 of 30,000 users {2}~800 rows\/s {2}\(about \d+ min left\)$/,
    );
  });

  it("show the phase and its duration when the code reports no progress", () => {
    const { run, pass } = runOf([CHUNKED, NAIVE]);
    run.begin(CHUNKED.id);
    run.phase("quiesce");
    pass(6_000);
    expect(progressLine(run)).toMatch(/quiesce, 6 s/);
  });
});
