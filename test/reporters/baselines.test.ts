import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import { reporter as table } from "../../harness/reporters/table.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { summarise } from "../../harness/results/summary.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";
import { full, raw } from "./mixed-run.ts";

/** A library whose driver is not the fastest one. */
const slowDriver = recordedCell({ strategy: "chunked", orm: "mariadb", ormClass: "raw", driver: "mariadb", chunkUsers: 1000 });
const onSlowDriver = { ...full, driver: "mariadb" };
const baselinesOf = (...cells: (typeof raw)[]): RunResults => {
  const wallMs = new Map([
    [raw, 10_000],
    [slowDriver, 20_000],
    [onSlowDriver, 80_000],
  ]);
  return recordedRun(
    cells,
    cells.map((cell) => recordedSample(cell, 1, { wallMs: wallMs.get(cell) ?? null })),
  );
};

describe("the two baselines of a library", () => {
  const bothBaselines = baselinesOf(raw, slowDriver, onSlowDriver);
  const ratiosOf = (results: RunResults, orm: string): unknown[] => {
    const summary = summarise(results).find(({ cell }) => cell.orm === orm);
    return [summary?.ratioToBaseline, summary?.ratioToOwnDriver].map((ratio) => ratio && Number(ratio.toFixed(6)));
  };
  it("are the fastest raw driver for the total cost, and its own driver for the cost of the library", () => {
    expect(ratiosOf(bothBaselines, "prisma")).toEqual([8, 4]);
    expect(ratiosOf(bothBaselines, "mariadb")).toEqual([2, 1]);
    expect(ratiosOf(bothBaselines, "mysql2")).toEqual([1, 1]);
  });
  it("are chosen by the paired rounds, because the medians of a noisy machine can rank two drivers the other way round", () => {
    const times = [
      { mysql2: 30_000, mariadb: 24_000, prisma: 60_000 },
      { mysql2: 20_000, mariadb: 21_000, prisma: 42_000 },
      { mysql2: 10_000, mariadb: 9_000, prisma: 18_000 },
    ];
    const samples = times.flatMap((round, index) =>
      [raw, slowDriver, onSlowDriver].map((cell) =>
        recordedSample(cell, index + 1, { wallMs: round[cell.orm as keyof typeof round] }),
      ),
    );
    const results = recordedRun([raw, slowDriver, onSlowDriver], samples);
    expect(ratiosOf(results, "mariadb")[0]).toBe(1);
    expect(ratiosOf(results, "mysql2")[0]).toBeGreaterThan(1);
    expect(ratiosOf(results, "prisma")[0]).toBeGreaterThanOrEqual(2);
  });
  it("are unknown with a note: one without the library's driver in the run, both without any raw driver", async () => {
    expect(ratiosOf(baselinesOf(raw, onSlowDriver), "prisma")).toEqual([8, null]);
    expect(ratiosOf(baselinesOf(onSlowDriver), "prisma")).toEqual([null, null]);
    const notesOf = async (results: RunResults) => (await markdown.files(results))[0]?.content;
    expect(await notesOf(baselinesOf(raw, onSlowDriver))).toMatch(/- No ratio to its own driver for prisma \(mariadb\)/);
    expect(await notesOf(baselinesOf(onSlowDriver))).toMatch(/- No ratio to a raw driver for chunked/);
    expect(await notesOf(bothBaselines)).not.toMatch(/No ratio to/);
  });
  it("do not change when a user's own raw ORM is faster, unless the run names that ORM", () => {
    const own = { ...slowDriver, id: "chunked/mine/identity", orm: "mine", driver: "mysql2", isOwnOrm: true };
    const withOwn = (baseline: string | null): RunResults => {
      const { run, samples } = bothBaselines;
      const cells = [...run.cells, own];
      return {
        ...bothBaselines,
        run: { ...run, baseline, cells },
        samples: [...samples, recordedSample(own, 1, { wallMs: 1_000 })],
      };
    };
    expect(ratiosOf(withOwn(null), "prisma")).toEqual([8, 4]);
    expect(ratiosOf(withOwn(null), "mine")).toEqual([0.1, 0.1]);
    expect(ratiosOf(withOwn("mine"), "prisma")).toEqual([80, 4]);
  });
  it("appear in the Markdown, on the terminal and in the CSV, each under its own name", async () => {
    const [file] = await markdown.files(bothBaselines);
    expect(file?.content).toMatch(/\| to best raw driver \| to own driver \|\n/);
    expect(file?.content).toMatch(/\| prisma .* \| 8\.00x \| 4\.00x \|\n/);
    const shown = table.terminal?.(bothBaselines, { colour: false }) ?? "";
    expect(shown).toMatch(/ than slowest +baseline +driver\n/);
    expect(shown).toMatch(/^chunked .* prisma .* 8\.00x +4\.00x\n/m);
    const rows = parse<Record<string, string>>((await csv.files(bothBaselines))[1]?.content ?? "", { columns: true });
    expect(rows.find(({ orm }) => orm === "prisma")).toMatchObject({ ratio_to_baseline: "8", ratio_to_own_driver: "4" });
  });
});
