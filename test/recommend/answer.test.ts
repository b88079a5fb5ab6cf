import { describe, expect, it } from "vitest";
import { answerOf, type Answer } from "../../harness/recommend/answer.ts";
import { costsSchema } from "../../harness/results/costs-schema.ts";
import { fitCellsOf } from "../../harness/recommend/fit-plan.ts";
import { sectionsOf } from "../../harness/recommend/sections.ts";
import { techniqueText } from "../../harness/recommend/wording.ts";
import { timedOut } from "../support/records.ts";
import { around, evidence, known, question, type Given } from "./evidence.ts";

const MIB = 2 ** 20;
const costs = (longestTransactionMs: number, rowLockWaits = 0) => costsSchema.parse({ longestTransactionMs, rowLockWaits });

const sql: Given = {
  cell: { strategy: "by-sql", orm: "lib", chunkUsers: 500, api: "raw-sql" },
  wallMs: around(10_000),
  sample: { statements: 500, peakRssBytes: 400 * MIB, rowsWritten: 270_000, costs: costs(900) },
};
const bulk: Given = {
  cell: { strategy: "in-bulk", orm: "lib", chunkUsers: 500 },
  wallMs: around(20_000),
  sample: { statements: 1_200, peakRssBytes: 200 * MIB, rowsWritten: 270_000, costs: costs(100) },
};
const twin: Given = {
  cell: { strategy: "by-values", orm: "lib", chunkUsers: 1_000, api: "raw-sql" },
  wallMs: around(10_000).map((ms, round) => ms * (1 + (round % 2 === 0 ? 0.004 : -0.004))),
  sample: { statements: 250, peakRssBytes: 400 * MIB, rowsWritten: 270_000, costs: costs(100, 9) },
};
const naive: Given = {
  cell: { strategy: "naive", orm: "lib" },
  wallMs: Array.from({ length: 7 }, () => 0),
  sample: { ...timedOut({ doneFraction: 0.01, estimatedWallMs: 1_000_000 }), statements: 10_000, rowsWritten: null },
};
const main = evidence("main", [sql, bulk, naive]);

const textOf = (answer: Answer): string =>
  sectionsOf(answer, [], { summaryOf: () => null, setsEqualValues: (strategy) => strategy === "in-bulk" })
    .flatMap(({ lines }) => lines)
    .join("\n");
const pickOf = (...args: Parameters<typeof answerOf>): string => answerOf(...args).pick.id;

describe("a recommendation", () => {
  it("names the fastest cell with its interval, its run, and the distance to the next one", () => {
    const answer = answerOf([main], question(), known());
    expect(answer.pick).toMatchObject({ id: "by-sql/chunk=500", timing: { basis: "measured", spread: { kind: "interval" } } });
    expect(answer.ranked.map(({ candidate }) => candidate.id)).toEqual(["by-sql/chunk=500", "in-bulk/chunk=500"]);
    expect(answer.ranked[1]?.separation).toMatchObject({ isTie: false });
    expect(textOf(answer)).toMatch(/`by-sql`, chunk 500: 10\.0 s \[9\.9\d s to 10\.1 s\]/);
    expect(textOf(answer)).toMatch(/Run main: 2026-11-01, 7 rounds/);
  });

  it("names a technique within noise, and does not prefer it", () => {
    const answer = answerOf([evidence("tie", [sql, twin, bulk])], question(), known());
    expect(answer.ranked.filter(({ separation }) => separation?.isTie).map(({ candidate }) => candidate.id)).toHaveLength(1);
    expect(textOf(answer)).toMatch(/Within noise of it: `by-(values|sql)`/);
  });

  it("separates nothing by one round of a noisy machine", () => {
    const once = (given: Given): Given => ({ ...given, wallMs: given.wallMs.slice(0, 1) });
    const answer = answerOf(
      [evidence("once", [once(sql), once({ ...twin, wallMs: [12_000] }), once(bulk)])],
      question(),
      known(),
    );
    expect(answer.pick.timing.spread).toBeNull();
    expect(answer.ranked.map(({ separation }) => separation?.isTie)).toEqual([undefined, true, false]);
  });

  it("follows the preference", () => {
    const run = evidence("all", [sql, bulk, twin]);
    expect(pickOf([run], question({ prefer: "gentlest" }), known())).toBe("in-bulk/chunk=500");
    expect(pickOf([run], question({ prefer: "simplest" }), known())).toBe("in-bulk/chunk=500");
  });

  it("prefers fewer lines among techniques with the same interface", () => {
    const linesOf: Parameters<typeof answerOf>[2]["linesOf"] = ({ id }) => (id.startsWith("by-sql") ? 40 : 10);
    expect(pickOf([evidence("two", [sql, twin])], question({ prefer: "simplest" }), known({ linesOf }))).toBe(
      "by-values/chunk=1000",
    );
  });

  it("leaves out a technique above the memory limit, with its memory", () => {
    const answer = answerOf([main], question({ memoryBytes: 300 * MIB }), known());
    expect(answer.pick.id).toBe("in-bulk/chunk=500");
    expect(answer.excluded).toMatchObject([{ candidate: { id: "by-sql/chunk=500" }, reason: "its process reached 400 MiB" }]);
  });

  it("refuses with the least memory when no technique fits", () => {
    expect(() => answerOf([main], question({ memoryBytes: 100 * MIB }), known())).toThrow(
      /no measured cell stays within 100 MiB: the process of in-bulk.* reached 200 MiB/,
    );
  });

  it("refuses a library without a complete cell, and names those with one", () => {
    expect(() => answerOf([main], question({ orm: "other" }), known())).toThrow(
      /none has a complete cell of other .* contain lib/,
    );
  });

  it("never recommends row-by-row code, and compares with its estimate at the wanted distance", () => {
    const answer = answerOf([main], question({ rttMs: 1.08 }), known());
    // 10,000 statements for 1 % of the rows, and 1 ms more for each
    expect(answer.rowByRow).toMatchObject({ isEstimate: true, statements: 1_000_000 });
    expect(answer.rowByRow?.ms).toBeCloseTo(1_000_000 + 1_000_000, -1);
    expect(textOf(answer)).toMatch(/Row-by-row code \(`naive`\) takes about 33\.3 min/);
  });

  it.each([
    [40 * 60_000, "row by row"],
    [3 * 60_000, "between"],
    [15_000, "batched"],
  ] as const)("compares a present time of %i ms for 270,000 rows: %s", (takesMs, likeness) => {
    const { present } = answerOf([main], question({ takesMs, rows: 270_000 }), known());
    expect(present).toMatchObject({ likeness, ratio: expect.closeTo(takesMs / 10_000, 0) });
  });

  it("says that a bulk update needs equal values", () => {
    expect(textOf(answerOf([main], question(), known()))).toMatch(/`in-bulk`: the library's bulk update writes equal values/);
  });

  it("answers from the run with the interval, and names the other machine of a contradictory run", () => {
    const other = evidence("other", [
      { ...sql, wallMs: [30_000, 30_100, 30_200] },
      { ...bulk, wallMs: [9_000, 9_100, 9_200] },
    ]);
    other.results.run.environment = {
      ...other.results.run.environment,
      machine: { ...other.results.run.environment.machine, cpu: "Old CPU" },
    };
    const answer = answerOf([other, main], question(), known());
    expect(answer.run.folder).toBe("main");
    expect(answer.whyRun).toBe("it has enough rounds for an interval");
    expect(textOf(answer)).toMatch(/by-sql\/lib\/identity\/chunk=500 took 30\.1 s .* in other, which differs in: CPU/);
  });

  it("answers from the run with row-by-row code, also if a newer run fits as well", () => {
    const newer = evidence("newer", [sql, bulk], { startedAt: "2026-11-02T10:00:00.000Z" });
    const answer = answerOf([main, newer], question(), known());
    expect(answer).toMatchObject({ run: { folder: "main" }, whyRun: "it has row-by-row code" });
    expect(answer.rowByRow).not.toBeNull();
    const alike = evidence("alike", [sql, bulk, naive], { startedAt: "2026-11-02T10:00:00.000Z" });
    expect(answerOf([main, alike], question(), known())).toMatchObject({ run: { folder: "alike" }, whyRun: "it is the newest" });
  });

  it("gives cells with another division of the same workers different names", () => {
    const cell = { strategy: "in-bulk", orm: "lib", chunkUsers: 500, workers: 6 } as const;
    const run = evidence("divided", [
      { cell, wallMs: around(1_000) },
      { cell: { ...cell, parallel: "connections" }, wallMs: around(1_100) },
      { cell: { ...cell, split: "modulo" }, wallMs: around(1_200) },
      { cell: { ...cell, parallel: "connections", split: "modulo" }, wallMs: around(1_300) },
    ]);
    const { ranked } = answerOf([run], question(), known());
    expect(ranked.map(({ candidate }) => techniqueText(candidate))).toEqual([
      "`in-bulk`, chunk 500, 6 workers",
      "`in-bulk`, chunk 500, 6 workers, one thread",
      "`in-bulk`, chunk 500, 6 workers, modulo",
      "`in-bulk`, chunk 500, 6 workers, one thread, modulo",
    ]);
  });

  it("prefers a run with the usual buffer pool, and else names the size", () => {
    const parts = { bufferPoolBytes: 128 * MIB, startedAt: "2026-11-02T10:00:00.000Z" };
    const small = evidence("small-pool", [sql, bulk, naive], parts);
    const answer = answerOf([main, small], question(), known());
    expect(answer).toMatchObject({ run: { folder: "main" }, whyRun: "its server has the usual buffer pool" });
    const said = /The run set the buffer pool of the server to 128 MiB\./;
    expect(textOf(answer)).not.toMatch(said);
    expect(textOf(answerOf([small], question(), known()))).toMatch(said);
    // bench does not resize a server of the user
    small.results.run.environment.server.variables = { innodb_buffer_pool_size: String(1024 * MIB) };
    expect(textOf(answerOf([small], question(), known()))).not.toMatch(said);
  });

  it("interpolates between sizes of one machine, and not with those of another one", () => {
    const at = (folder: string, orders: number, factor: number, cpu: string) => {
      const run = evidence(
        folder,
        [sql, bulk].map((given) => ({ ...given, wallMs: given.wallMs.map((ms) => ms * factor) })),
      );
      const { dataset, environment } = run.results.run;
      run.results.run.dataset = { ...dataset, orders };
      run.results.run.environment = { ...environment, machine: { ...environment.machine, cpu } };
      return run;
    };
    const large = at("large", 1_000_000, 1, "A");
    const wanted = question({ orders: 400_000 });
    const inside = answerOf([large, at("small", 100_000, 0.1, "A")], wanted, known());
    expect(inside.pick.timing).toMatchObject({ basis: "interpolated", ms: expect.closeTo(4_000, -2) as number });
    const outside = answerOf([large, at("small", 100_000, 0.1, "B")], wanted, known());
    expect(outside.pick.timing).toMatchObject({ basis: "measured", notes: [expect.stringMatching(/not scaled to 400,000/)] });
  });

  it("moves pace, row-by-row code and the plan of --fit to the interpolated size as well", () => {
    const at = (folder: string, orders: number, factor: number) => {
      const run = evidence(
        folder,
        [sql, bulk, naive].map((given) => ({
          ...given,
          wallMs: given.wallMs.map((ms) => ms * factor),
          sample: {
            ...given.sample,
            ...(given.sample?.rowsWritten != null && { rowsWritten: given.sample.rowsWritten * factor }),
            ...(given.sample?.estimatedWallMs != null && { estimatedWallMs: given.sample.estimatedWallMs * factor }),
          },
        })),
      );
      run.results.run.dataset = { ...run.results.run.dataset, orders };
      return run;
    };
    const runs = [at("large", 1_000_000, 1), at("small", 100_000, 0.1)];
    const answer = answerOf(runs, question({ rows: 135_000, takesMs: 60_000 }), known());
    expect(answer.pick).toMatchObject({ isScaled: true, orders: 500_000, rows: 135_000 });
    expect(answer.present?.pickRowsPerSecond).toBeCloseTo(27_000, -3);
    // 1,000 s for all rows
    expect(answer.rowByRow).toMatchObject({ ms: expect.closeTo(500_000, -2) as number, isEstimate: true });
    expect(fitCellsOf(answer)[0]?.expected).toMatchObject({ orders: 500_000, ms: answer.pick.timing.ms });
    expect(textOf(answer)).toMatch(/135,000 written rows, fastest/);
  });

  it("compares techniques at one distance when the question names none", () => {
    const rtt = [{ requestedMs: 5, roundTripMs: 5.3, addedMs: 5.2 }];
    const cellOf = (given: Given, added: number | null): Given => ({ ...given, cell: { ...given.cell, addedRttMs: added } });
    // `by-sql` has no time beside the server
    const run = evidence(
      "far",
      [
        { ...cellOf(bulk, null), wallMs: around(20_000) },
        { ...cellOf(bulk, 5), wallMs: around(26_000) },
        { ...cellOf(sql, 5), wallMs: around(24_000) },
      ],
      { rtt },
    );
    const answer = answerOf([run], question(), known());
    expect(answer.pick).toMatchObject({ summary: { cell: { strategy: "by-sql", addedRttMs: 5 } } });
    expect(answer.ranked[1]?.separation?.ratio).toBeCloseTo(26 / 24, 1);
    expect(textOf(answer)).toMatch(/lib at a round trip of 5\.30 ms/);
  });

  it("counts measured rounds, not planned ones", () => {
    const begun = evidence(
      "begun",
      [sql, bulk].map((given) => ({ ...given, wallMs: given.wallMs.slice(0, 1) })),
      {
        rounds: 15,
        startedAt: "2026-11-02T10:00:00.000Z",
      },
    );
    expect(answerOf([begun, main], question(), known())).toMatchObject({ run: { folder: "main" } });
    expect(textOf(answerOf([begun], question(), known()))).toMatch(/The cell has 1 round: too few[^]*1 of 15 rounds/);
  });

  it("hints at a technique that was faster through another library, unless this library cannot run it", () => {
    const elsewhere = evidence("elsewhere", [
      { ...sql, cell: { ...sql.cell, orm: "driver" } },
      { ...sql, cell: { ...sql.cell, orm: "driver", strategy: "by-json" }, wallMs: around(6_000) },
      { ...sql, cell: { ...sql.cell, orm: "driver", strategy: "slower" }, wallMs: around(11_000) },
    ]);
    const found = answerOf([main, elsewhere], question(), known()).promising;
    expect(found.map(({ strategy, ratio }) => [strategy, ratio.toFixed(1)])).toEqual([["by-json", "0.6"]]);
    expect(answerOf([main, elsewhere], question(), known({ canRun: () => false })).promising).toEqual([]);
  });

  it("hints at workers and at a chunk size that no run measured through the library", () => {
    const elsewhere = evidence("elsewhere", [
      { ...sql, cell: { ...sql.cell, orm: "driver" } },
      { ...sql, cell: { ...sql.cell, orm: "driver", workers: 4 }, wallMs: around(5_000) },
    ]);
    const found = answerOf([main, elsewhere], question(), known()).promising;
    expect(found.map(({ strategy, workers, ratio }) => [strategy, workers, ratio.toFixed(1)])).toEqual([
      [sql.cell.strategy, 4, "0.5"],
    ]);
  });
});
