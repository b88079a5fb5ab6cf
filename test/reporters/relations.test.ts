import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import { reporter as table } from "../../harness/reporters/table.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { summarise } from "../../harness/results/summary.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

type Parts = Parameters<typeof recordedCell>[0];

/** One cell per entry, measured in two rounds; the second round is twice as slow for all. */
function runOf(entries: readonly (readonly [Parts, wallMs: number])[]): RunResults {
  const cells = entries.map(([parts, wallMs], index) => {
    const cell = recordedCell(parts);
    return { cell: { ...cell, id: `${cell.id}/${index}` }, wallMs };
  });
  return recordedRun(
    cells.map(({ cell }) => cell),
    [1, 2].flatMap((round) => cells.map(({ cell, wallMs }) => recordedSample(cell, round, { wallMs: wallMs * round }))),
  );
}

const CHUNK = { strategy: "chunked", orm: "mysql2" } as const;
const chunkSweep = runOf([
  [{ ...CHUNK, chunkUsers: 100 }, 4_000],
  [{ ...CHUNK, chunkUsers: 500 }, 2_000],
  [{ ...CHUNK, chunkUsers: 2_000 }, 3_000],
]);

describe("the ratio to the first step of a sweep", () => {
  const stepsOf = (results: RunResults): unknown[] =>
    summarise(results).map(({ stepRatios }) =>
      stepRatios.map(({ axis, first, ratio }) => `${axis} ${first} ${ratio.toFixed(2)}`).join(),
    );

  it.each<[string, RunResults, string[]]>([
    ["chunk", chunkSweep, ["chunk chunk 100 1.00", "chunk chunk 100 0.50", "chunk chunk 100 0.75"]],
    [
      "key",
      runOf([
        [{ ...CHUNK, key: "identity" }, 100],
        [{ ...CHUNK, key: "uuidv4" }, 300],
      ]),
      ["key identity 1.00", "key identity 3.00"],
    ],
    [
      "workers",
      runOf([
        [{ ...CHUNK, workers: 1 }, 600],
        [{ ...CHUNK, workers: 6 }, 300],
      ]),
      ["workers 1 worker 1.00", "workers 1 worker 0.50"],
    ],
    [
      "rtt",
      runOf([
        [{ ...CHUNK, addedRttMs: null }, 10],
        [{ ...CHUNK, addedRttMs: 0 }, 100],
        [{ ...CHUNK, addedRttMs: 5 }, 700],
      ]),
      ["", "rtt +0 ms 1.00", "rtt +0 ms 7.00"],
    ],
  ])("is paired by round when the run sweeps %s", (_axis, results, expected) => {
    expect(stepsOf(results)).toEqual(expected);
  });

  it("compares a cell only with cells that are equal in all other axes", () => {
    const both = runOf([
      [{ ...CHUNK, chunkUsers: 100 }, 100],
      [{ ...CHUNK, orm: "prisma", chunkUsers: 500 }, 500],
    ]);
    expect(stepsOf(both)).toEqual(["", ""]);
  });

  it("has a column in each report, and the run without a set-based cell has no column of dashes", async () => {
    const [page] = await markdown.files(chunkSweep);
    expect(page?.content).toMatch(/\| peak memory \| times faster than the slowest \| to chunk 100 \|\n/);
    expect(page?.content).toMatch(/\| chunked \| 2,000 .*\| 1\.33x \| 0\.75x \|\n/);
    const shown = table.terminal?.(chunkSweep, { colour: false }) ?? "";
    expect(shown).toMatch(/^technique .* to chunk 100/m);
    expect(shown).toContain("to chunk 100: time divided by that of this step");
    expect(shown).not.toContain("set-based");
    const rows = parse<Record<string, string>>((await csv.files(chunkSweep))[1]?.content ?? "", { columns: true });
    expect(rows.map((row) => row.ratio_to_first_chunk)).toEqual(["1", "0.5", "0.75"]);
    expect(rows.map((row) => row.ratio_to_first_key)).toEqual(["", "", ""]);
  });

  it("names no single step in the head when sweeps start from different steps", async () => {
    const two = runOf([
      [{ ...CHUNK, chunkUsers: 100 }, 100],
      [{ ...CHUNK, chunkUsers: 200 }, 200],
      [{ ...CHUNK, orm: "prisma", chunkUsers: 300 }, 100],
      [{ ...CHUNK, orm: "prisma", chunkUsers: 600 }, 300],
    ]);
    expect((await markdown.files(two))[0]?.content).toContain("| to first chunk |");
  });
});

describe("how many times faster a cell is", () => {
  const naive = recordedCell({ strategy: "naive", orm: "prisma" });
  const chunked = recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 500 });
  const other = recordedCell({ strategy: "chunked", orm: "drizzle", chunkUsers: 500 });
  const measured = recordedRun(
    [naive, chunked, other],
    [
      recordedSample(naive, 1, { wallMs: 60_000 }),
      recordedSample(chunked, 1, { wallMs: 2_000 }),
      recordedSample(other, 1, { wallMs: 1_000 }),
    ],
  );
  const speedUps = (results: RunResults): unknown[] =>
    summarise(results).map(({ speedUpToNaive, speedUpToSlowest }) => [speedUpToNaive, speedUpToSlowest]);
  const exactly = (times: number) => ({ times: expect.closeTo(times, 9), isEstimate: false });

  it("relates to the naive cell of the same library, and to the slowest cell of all", () => {
    expect(speedUps(measured)).toEqual([
      [exactly(1), exactly(1)],
      [exactly(30), exactly(30)],
      [null, exactly(60)],
    ]);
  });
  it("is an estimate with its mark when a limit stopped the naive cell", async () => {
    const stopped = recordedRun(
      [naive, chunked],
      [recordedSample(naive, 1, timedOut({ estimatedWallMs: 400_000 })), recordedSample(chunked, 1, { wallMs: 2_000 })],
    );
    expect(speedUps(stopped)[1]).toEqual([
      { times: expect.closeTo(200, 9), isEstimate: true },
      { times: expect.closeTo(200, 9), isEstimate: true },
    ]);
    expect((await markdown.files(stopped))[0]?.content).toMatch(/\| chunked .*\| ~200\.0x \| ~200\.0x \|/);
    const rows = parse<Record<string, string>>((await csv.files(stopped))[1]?.content ?? "", { columns: true });
    expect(rows[1]).toMatchObject({ times_faster_than_naive: "200", times_faster_than_naive_is_estimate: "true" });
  });
  it("does not relate cells with another split of the users", () => {
    const split = runOf([
      [{ strategy: "chunked", orm: "prisma", driver: "mysql2", workers: 6, split: "modulo" }, 900],
      [{ strategy: "chunked", orm: "mysql2", ormClass: "raw", workers: 6 }, 300],
      [{ strategy: "chunked", orm: "mysql2", ormClass: "raw", workers: 6, split: "modulo" }, 450],
    ]);
    expect(summarise(split)[0]).toMatchObject({ ratioToBaseline: 2, ratioToOwnDriver: 2 });
  });

  it("does not use a cell with a wrong result, nor one under other conditions", () => {
    const failed = recordedRun(
      [naive, chunked],
      [recordedSample(naive, 1, wrong("wrong result: users")), recordedSample(chunked, 1, { wallMs: 2_000 })],
    );
    expect(speedUps(failed)).toEqual([
      [null, null],
      [null, exactly(1)],
    ]);
    const relaxed = { ...naive, id: "relaxed", durability: "relaxed" } as const;
    const mixed = recordedRun(
      [relaxed, chunked],
      [recordedSample(relaxed, 1, { wallMs: 9_000 }), recordedSample(chunked, 1, { wallMs: 2_000 })],
    );
    expect(speedUps(mixed)[1]).toEqual([null, exactly(1)]);
  });
});
