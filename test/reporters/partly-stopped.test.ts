import { describe, expect, it } from "vitest";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { summarise } from "../../harness/results/summary.ts";
import { recordedCell, recordedRun, recordedSample, timedOut } from "../support/records.ts";

const naive = recordedCell({ strategy: "naive", orm: "prisma" });
const reference = recordedCell({ strategy: "set-based", orm: "mysql2", ormClass: "raw" });

/** Complete rounds of 1.57 s with 1,656 statements, and stopped ones with three quarters of the work. */
function rounds(complete: number, stopped: number): RunResults {
  const all = Array.from({ length: complete + stopped }, (_, index) => index + 1);
  return recordedRun(
    [naive, reference],
    all.flatMap((round) => [
      recordedSample(
        naive,
        round,
        round <= complete
          ? { wallMs: 1_570, statements: 1_656 }
          : timedOut({ doneFraction: 0.75, estimatedWallMs: 2_000 + 1_000 * round, statements: 1_242 }),
      ),
      recordedSample(reference, round, { wallMs: 100 }),
    ]),
  );
}
const pageOf = async (results: RunResults): Promise<string> => (await markdown.files(results))[0]?.content ?? "";

describe("a cell of which a limit stopped some samples", () => {
  it("is described by its complete samples when these are more, and the note names the others", async () => {
    const results = rounds(4, 3);
    expect(summarise(results)[0]).toMatchObject({
      status: "ok",
      samples: 4,
      leftOut: 3,
      medianWallMs: 1_570,
      statements: 1_656,
      doneFraction: null,
      estimatedWallMs: null,
    });
    expect(await pageOf(results)).toContain("its values are those of 4 complete samples. A limit stopped 3 more");
  });
  it("is timed out without a measured time or ratio when the stopped ones are as many", async () => {
    const results = rounds(2, 2);
    expect(summarise(results)[0]).toMatchObject({
      status: "timed-out",
      samples: 2,
      leftOut: 2,
      medianWallMs: null,
      wallInterval: null,
      statements: 1_242,
      ratioToSetBased: null,
      estimatedWallMs: 5_500,
    });
    expect(await pageOf(results)).toContain("its values are estimates from 2 samples that a limit stopped. 2 more were complete");
  });
  it("shows the range of its estimates, which can spread from 20 to 105 minutes", async () => {
    expect(await pageOf(rounds(0, 3))).toMatch(/\| ~4\.00 s \| ~3\.00 s - ~5\.00 s, 75\.0 % done \|/);
  });
});

describe("the note on changing counts", () => {
  const counted = (counts: readonly number[], retries = 0): RunResults =>
    recordedRun(
      [naive],
      counts.map((statements, index) => recordedSample(naive, index + 1, { statements, retries })),
    );
  it("names a cell whose rounds sent different numbers of statements", async () => {
    expect(await pageOf(counted([1_656, 1_656, 900]))).toContain(`${naive.id} sent 900 to 1,656 statements without a retry`);
  });
  it("is absent when the rounds sent the same number, or when a retry explains the difference", async () => {
    expect(await pageOf(counted([1_656, 1_656]))).not.toContain("without a retry");
    expect(await pageOf(counted([1_656, 1_660], 1))).not.toContain("without a retry");
  });
});
