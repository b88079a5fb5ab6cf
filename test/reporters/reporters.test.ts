import { parse } from "csv-parse/sync";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { listPlugIns } from "../../harness/registry.ts";
import { costsSchema } from "../../harness/results/costs-schema.ts";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import type { Reporter } from "../../harness/reporters/reporter.ts";
import { reporter as svg } from "../../harness/reporters/svg.ts";
import { reporter as table } from "../../harness/reporters/table.ts";
import { summarise } from "../../harness/results/summary.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

const setBased = recordedCell({ strategy: "set-based", orm: "mysql2", ormClass: "raw" });
const raw = recordedCell({ strategy: "chunked", orm: "mysql2", ormClass: "raw", chunkUsers: 1000 });
const full = recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers: 1000 });
const naive = recordedCell({ strategy: "naive", orm: "prisma" });
const liar = recordedCell({ strategy: "case-when", orm: "prisma", chunkUsers: 1000 });
const NO_COSTS = costsSchema.parse({});
const cannot = recordedCell({ strategy: "set-based", orm: "prisma" });

const mixed: RunResults = recordedRun(
  [setBased, raw, full, naive, liar, cannot],
  [1, 2, 3].flatMap((round) => [
    recordedSample(setBased, round, { wallMs: 8_000 * round, statements: 18 }),
    recordedSample(raw, round, { wallMs: 10_000 * round }),
    recordedSample(full, round, { wallMs: 20_000 * round, retries: round === 2 ? 1 : 0 }),
    recordedSample(naive, round, timedOut({ statements: 1_000 })),
    recordedSample(liar, round, round === 2 ? wrong("wrong result: users: one | two") : {}),
    recordedSample(cannot, round, {
      ...wrong("prisma offers no server-side"),
      status: "skipped",
      verified: null,
      statements: null,
      peakRssBytes: null,
    }),
  ]),
);
const ofCell = (id: string) => summarise(mixed).find(({ cell }) => cell.id === id);

describe("the summary of a cell", () => {
  it("contains the median, minimum and maximum of its samples", () => {
    expect(ofCell(raw.id)).toMatchObject({
      status: "ok",
      samples: 3,
      medianWallMs: 20_000,
      minWallMs: 10_000,
      maxWallMs: 30_000,
    });
  });
  it("compares by round, so that drift common to all cells cancels out", () => {
    expect(ofCell(full.id)?.ratioToBaseline).toBeCloseTo(2, 12);
    expect(ofCell(full.id)?.ratioToSetBased).toBeCloseTo(2.5, 12);
    expect(ofCell(raw.id)?.ratioToBaseline).toBe(1);
  });
  it("has status failed and no time when one round was wrong", () => {
    expect(ofCell(liar.id)).toMatchObject({
      status: "failed",
      medianWallMs: null,
      minWallMs: null,
      maxWallMs: null,
      ratioToBaseline: null,
      rowsPerSecond: null,
    });
  });
  it("separates estimates from measured times", () => {
    expect(ofCell(naive.id)).toMatchObject({
      status: "timed-out",
      medianWallMs: null,
      estimatedWallMs: 400_000,
      doneFraction: 0.02,
      ratioToSetBased: null,
    });
  });
  it("has status skipped with the reason when the ORM lacks the feature", () => {
    expect(ofCell(cannot.id)).toMatchObject({ status: "skipped", samples: 0, reason: "prisma offers no server-side" });
  });
  it("quotes the reason of the median sample, which the row shows, when a limit stopped the cell", () => {
    const stopped = (round: number, doneFraction: number) =>
      recordedSample(full, round, timedOut({ doneFraction, reason: `stopped with ${doneFraction * 100} % of the rows written` }));
    const [summary] = summarise(recordedRun([full], [stopped(1, 0.3), stopped(2, 0.1), stopped(3, 0.2)]));
    expect(summary).toMatchObject({ doneFraction: 0.2, reason: "stopped with 20 % of the rows written" });
  });
  it("takes the frequent statements and their total from one sample, so that their fractions add up to at most 100 %", () => {
    const stopped = (round: number, statements: number) => {
      const topStatements = [{ text: "INSERT", count: statements, serverMs: 1 }];
      return recordedSample(full, round, timedOut({ statements, costs: { ...NO_COSTS, topStatements } }));
    };
    const [summary] = summarise(recordedRun([full], [stopped(1, 143), stopped(2, 90), stopped(3, 100)]));
    expect(summary?.frequentStatements).toMatchObject({ round: 3, statements: 100, list: [{ count: 100 }] });
  });
  it("gives a skipped cell no range", async () => {
    const skippedRun = recordedRun([cannot], [recordedSample(cannot, 1, { status: "skipped", wallMs: null, reason: "no" })]);
    expect((await markdown.files(skippedRun))[0]?.content).not.toContain("1 sample |");
  });
  it("says 'not run' for a cell that an interruption skipped", () => {
    expect(summarise(recordedRun([raw], []))[0]).toMatchObject({ status: "not run", medianWallMs: null });
  });
});

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
  const bothFloors = baselinesOf(raw, slowDriver, onSlowDriver);
  const ratiosOf = (results: RunResults, orm: string): unknown[] => {
    const summary = summarise(results).find(({ cell }) => cell.orm === orm);
    return [summary?.ratioToBaseline, summary?.ratioToOwnDriver].map((ratio) => ratio && Number(ratio.toFixed(6)));
  };
  it("are the fastest raw driver for the total cost, and its own driver for the cost of the library", () => {
    expect(ratiosOf(bothFloors, "prisma")).toEqual([8, 4]);
    expect(ratiosOf(bothFloors, "mariadb")).toEqual([2, 1]);
    expect(ratiosOf(bothFloors, "mysql2")).toEqual([1, 1]);
  });
  it("are unknown with a note: one without the library's driver in the run, both without any raw driver", async () => {
    expect(ratiosOf(baselinesOf(raw, onSlowDriver), "prisma")).toEqual([8, null]);
    expect(ratiosOf(baselinesOf(onSlowDriver), "prisma")).toEqual([null, null]);
    const notesOf = async (results: RunResults) => (await markdown.files(results))[0]?.content;
    expect(await notesOf(baselinesOf(raw, onSlowDriver))).toMatch(/- No ratio to its own driver for prisma \(mariadb\)/);
    expect(await notesOf(baselinesOf(onSlowDriver))).toMatch(/- No ratio to a raw driver for chunked/);
    expect(await notesOf(bothFloors)).not.toMatch(/No ratio to/);
  });
  it("do not change when a user's own raw ORM is faster, unless the run names that ORM", () => {
    const own = { ...slowDriver, id: "chunked/mine/identity", orm: "mine", driver: "mysql2", isOwnOrm: true };
    const withOwn = (baseline: string | null): RunResults => {
      const { run, samples } = bothFloors;
      const cells = [...run.cells, own];
      return {
        ...bothFloors,
        run: { ...run, baseline, cells },
        samples: [...samples, recordedSample(own, 1, { wallMs: 1_000 })],
      };
    };
    expect(ratiosOf(withOwn(null), "prisma")).toEqual([8, 4]);
    expect(ratiosOf(withOwn(null), "mine")).toEqual([0.1, 0.1]);
    expect(ratiosOf(withOwn("mine"), "prisma")).toEqual([80, 4]);
  });
  it("appear in the Markdown, on the terminal and in the CSV, each under its own name", async () => {
    const [file] = await markdown.files(bothFloors);
    expect(file?.content).toMatch(/\| to best raw driver \| to own driver \|\n/);
    expect(file?.content).toMatch(/\| prisma .* \| 8\.00x \| 4\.00x \|\n/);
    const shown = table.terminal?.(bothFloors, { colour: false }) ?? "";
    expect(shown).toMatch(/ than slowest +baseline +driver\n/);
    expect(shown).toMatch(/^chunked .* prisma .* 8\.00x +4\.00x\n/m);
    const rows = parse<Record<string, string>>((await csv.files(bothFloors))[1]?.content ?? "", { columns: true });
    expect(rows.find(({ orm }) => orm === "prisma")).toMatchObject({ ratio_to_baseline: "8", ratio_to_own_driver: "4" });
  });
});

const csvFiles = await csv.files(mixed);
const read = (name: string): Record<string, string>[] =>
  parse(csvFiles.find((file) => file.name === name)?.content ?? "", { columns: true });

describe("the CSV", () => {
  it("has the documented columns in order", () => {
    expect(Object.keys(read("samples.csv")[0] ?? {}).slice(0, 31)).toEqual(
      (
        "run_id started_at suite strategy orm orm_version api key workers chunk_users add_rtt_ms durability isolation users orders data_seed " +
        "round position status reason verified wall_ms read_ms badges_ms grades_ms coupons_ms done_fraction estimated_wall_ms rows_written rows_per_second statements"
      ).split(" "),
    );
    expect(Object.keys(read("samples.csv")[0] ?? {})).toEqual(
      expect.arrayContaining(["retries", "client_cpu_ms", "peak_rss_bytes"]),
    );
  });
  it("distinguishes cells by isolation, durability and track", async () => {
    const plain = recordedCell({ strategy: "chunked", orm: "mysql2" });
    const other = { ...plain, id: "other", isolation: "read-committed", durability: "relaxed", track: "matched" } as const;
    const files = await csv.files(recordedRun([plain, other], [recordedSample(plain, 1), recordedSample(other, 1)]));
    for (const file of ["samples.csv", "summary.csv"]) {
      const rows = parse(files.find(({ name }) => name === file)?.content ?? "", { columns: true });
      expect(rows).toMatchObject([
        {
          isolation: "REPEATABLE-READ",
          durability: "full",
          track: "default",
          code: "strategies/naive.ts",
          driver_version: "4.5.6",
        },
        { isolation: "READ-COMMITTED", durability: "relaxed", track: "matched" },
      ]);
    }
  });
  it("leaves an unknown value empty and never writes 0", () => {
    const skipped = read("samples.csv").find(({ status }) => status === "skipped");
    expect(skipped).toMatchObject({
      wall_ms: "",
      read_ms: "",
      rows_written: "",
      statements: "",
      peak_rss_bytes: "",
      verified: "",
      chunk_users: "",
    });
    const failed = read("summary.csv").find(({ status }) => status === "failed");
    expect(failed).toMatchObject({
      median_wall_ms: "",
      min_wall_ms: "",
      max_wall_ms: "",
      ratio_to_baseline: "",
      ratio_to_set_based: "",
    });
  });
  it("names the data, the server, the machine and the day in each row of both files", () => {
    const conditions = { users: "30000", orders: "1000000", data_seed: "1", server: "MySQL 9.7.4" };
    for (const file of ["samples.csv", "summary.csv"])
      expect(read(file)[0]).toMatchObject({ ...conditions, machine: "box", cpu: "Some CPU", cores: "2", date: "2026-11-01" });
  });
  it("has one row per sample and one row per cell", () => {
    expect(read("samples.csv")).toHaveLength(18);
    expect(read("summary.csv")).toHaveLength(6);
  });
  it("quotes a value that would break a row", async () => {
    const odd = recordedRun([raw], [recordedSample(raw, 1, wrong('a "quoted", split\nreason'))]);
    const rows = parse<Record<string, string>>((await csv.files(odd))[0]?.content ?? "", { columns: true });
    expect(rows[0]?.reason).toBe('a "quoted", split\nreason');
  });
});

const page = (await markdown.files(mixed))[0]?.content ?? "";
describe("the Markdown", () => {
  it("is ready to paste: title, machine, versions, settings, table, notes", () => {
    for (const part of [
      "# orm-shootout: suite quick",
      "Some CPU, 2 cores",
      "mysql2 3.24.4",
      "sync_binlog=1",
      "| technique |",
      "durability full",
      "order seed 1",
    ])
      expect(page).toContain(part);
  });
  it("shows the version that a user's own build reports", async () => {
    const built = recordedCell({ strategy: "chunked", orm: "drizzle", version: "file.07d5ad8a", chunkUsers: 1000 });
    const [file] = await markdown.files(recordedRun([built], [recordedSample(built, 1, { ormVersion: "0.46.0-dev" })]));
    expect(file?.content).toContain("drizzle@file.07d5ad8a is 0.46.0-dev");
  });
  it("states how far the reference differs from itself when the run has enough rounds", async () => {
    const times = [1_000, 1_100, 1_000, 1_100, 1_000];
    const rounds = times.map((wallMs, index) => recordedSample(setBased, index + 1, { wallMs }));
    const [file] = await markdown.files(recordedRun([setBased], rounds));
    expect(file?.content).toContain(`Noise: ${setBased.id} differs from itself by 10 % from one round to the next (median of 4)`);
    expect(page).not.toContain("Noise:");
  });
  it("warns of relaxed durability before anything else", async () => {
    const results = recordedRun([setBased], [recordedSample(setBased, 1)]);
    const server = { ...results.run.environment.server, durability: "relaxed" } as const;
    const relaxed = { ...results, run: { ...results.run, environment: { ...results.run.environment, server } } };
    expect((await markdown.files(relaxed))[0]?.content).toMatch(/- RELAXED DURABILITY[^\n]*\n- \d+ of \d+ samples verified/);
  });
  it("warns of cells with relaxed durability, and compares them only with cells of relaxed durability", async () => {
    const relaxed = { ...setBased, id: "relaxed", durability: "relaxed" } as const;
    const chunked = { ...recordedCell({ strategy: "chunked", orm: "mysql2" }), id: "chunked", durability: "relaxed" } as const;
    const results = recordedRun(
      [setBased, relaxed, chunked],
      [
        recordedSample(setBased, 1, { wallMs: 100 }),
        recordedSample(relaxed, 1, { wallMs: 50 }),
        recordedSample(chunked, 1, { wallMs: 200 }),
      ],
    );
    const [file] = await markdown.files(results);
    expect(file?.content).toMatch(/- RELAXED DURABILITY in 2 of 3 cells[^\n]*\n- \d+ of \d+ samples verified/);
    expect(file?.content).toMatch(/\| chunked \(relaxed\) \|.*\| 4\.00x \|/);
  });
  it("prints medians and ratios with intervals when the run has enough rounds, and otherwise no empty columns", async () => {
    const chunked = recordedCell({ strategy: "chunked", orm: "mysql2" });
    const rounds = [1, 2, 3, 4, 5, 6];
    const samples = rounds.flatMap((round) => [
      recordedSample(setBased, round, { wallMs: 100 * round }),
      recordedSample(chunked, round, { wallMs: 200 * round + (round === 6 ? 600 : 0) }),
    ]);
    const [file] = await markdown.files(recordedRun([setBased, chunked], samples));
    expect(file?.content).toContain("| range | 95 % interval |");
    expect(file?.content).toMatch(/\| chunked .*\| 200 ms - 1\.80 s \| 200 ms - 1\.80 s \|.*\| 2\.00x \(2\.00x - 3\.00x\) \|/);
    expect(page).not.toContain("95 % interval");
  });
  it("marks estimates and explains the mark", () => {
    expect(page).toContain("| ~6.7 min | 2.0 % done | ~50,000 |");
    expect(page).toContain("~ marks an estimate");
  });
  it("shows a failed cell with its reason and no time", () => {
    expect(page).toMatch(/\| case-when \| 1,000 \| prisma \| native \| identity \| failed \|/);
    expect(page).toContain("wrong result: users: one");
  });
  it("escapes a bar inside a cell, so that the row does not split", () => {
    const header = page.split("\n").find((line) => line.startsWith("| technique"));
    for (const line of page.split("\n").filter((text) => text.startsWith("|")))
      expect(line.replaceAll("\\|", "").split("|").length).toBe(header?.split("|").length);
  });
  it("states that few rounds give no verdict, and the number of retries", () => {
    expect(page).toContain("3 rounds: an impression, not a verdict");
    expect(page).toContain("1 retries after deadlocks or lock waits");
  });
  it("explains the measurement when the run has more workers than cores", async () => {
    const crowded = recordedCell({ strategy: "chunked", orm: "mysql2", workers: 6 });
    const pageOf = async (cell: typeof raw) => (await markdown.files(recordedRun([cell], [recordedSample(cell, 1)])))[0]?.content;
    expect(await pageOf(crowded)).toContain("6 workers on 2 cores compete for CPU time");
    expect(await pageOf({ ...crowded, workers: 2 })).not.toContain("workers on 2 cores");
  });
  it("says when samples are missing", async () => {
    expect((await markdown.files({ ...mixed, end: null }))[0]?.content).toContain("samples may be missing");
  });
});

/** The longest names, with every axis that widens a row. */
function wideRun(cells: Parameters<typeof recordedCell>[0][]): RunResults {
  const recorded = cells.map((parts, index) => {
    const cell = recordedCell(parts);
    return { ...cell, id: `${cell.id}/${index}` };
  });
  return recordedRun(
    recorded,
    recorded.map((cell, index) => recordedSample(cell, 1, { wallMs: 1_000 + index, statements: 1_234_567, peakRssBytes: 2e9 })),
  );
}
const LONG = {
  strategy: "preinsert-update",
  orm: "mikro-orm",
  key: "uuidv7",
  workers: 6,
  chunkUsers: 1_000_000,
  isolation: "read-committed",
  track: "matched",
} as const;
const USUAL = { strategy: "naive-transaction", orm: "mysql2", ormClass: "raw" } as const;
const STRANGE = {
  ...LONG,
  strategy: "a-strategy-with-a-name-of-fifty-characters-or-so-yes",
  orm: "an-orm-whose-name-does-not-end",
};
const WIDE: [string, RunResults][] = [
  ["every wide axis", wideRun([LONG, USUAL, { ...LONG, key: "identity", chunkUsers: 500 }])],
  ["one key and chunk for all", wideRun([LONG, { ...LONG, strategy: "chunked", orm: "mysql2", ormClass: "raw" }])],
  ["names of a user's plug-ins", wideRun([STRANGE, USUAL])],
];

describe("the table", () => {
  const text = table.terminal?.(mixed, { colour: false }) ?? "";
  it.each(WIDE)(
    "fits 80 columns with names of any length, and keeps everything that distinguishes the cells: %s",
    (_name, results) => {
      const wide = table.terminal?.(results, { colour: false }) ?? "";
      for (const line of wide.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
      for (const part of ["6 workers", "read-committed", "matched", "uuidv7", "1,000,000"]) expect(wide).toContain(part);
    },
  );
  it("uses the width of a wide terminal: names in full, and every column in one line per cell", () => {
    const results = WIDE[2]?.[1] ?? mixed;
    const columns = 200;
    const wide = table.terminal?.(results, { colour: false, columns }) ?? "";
    expect(wide).toMatch(
      new RegExp(`^${STRANGE.strategy} x6 \\(read-committed, matched\\) +1,000,000 +${STRANGE.orm} +uuidv7 `, "m"),
    );
    expect(table.terminal?.(results, { colour: false }) ?? "").not.toContain(STRANGE.strategy + " ");
    for (const line of wide.split("\n")) expect(line.length, line).toBeLessThanOrEqual(columns);
  });
  it.each([60, 100, 120])("fits a terminal of %i columns", (columns) => {
    const shown = table.terminal?.(mixed, { colour: false, columns }) ?? "";
    for (const line of shown.split("\n")) expect(line.length, line).toBeLessThanOrEqual(columns);
  });
  it("prints a value common to all rows once when its column has no room", () => {
    const wide = table.terminal?.(WIDE[1]?.[1] ?? mixed, { colour: false }) ?? "";
    expect(wide).toContain("uuidv7 keys, chunks of 1,000,000 users\n");
    expect(wide.match(/uuidv7/g)).toHaveLength(1);
  });
  it("marks the fastest cell and the baseline of each technique, and explains the marks", () => {
    expect(text).toMatch(/^set-based .* 16\.0 s {2}\*_ /m);
    expect(text).toMatch(/^chunked .* mysql2 .* 20\.0 s {2}_ /m);
    expect(text).toMatch(/^chunked .* prisma .* 40\.0 s {4}/m);
    expect(text).toMatch(/^\* fastest {3}_ baseline: /m);
  });
  it("never marks an estimate as the fastest", () => {
    const stopped = recordedRun([naive], [recordedSample(naive, 1, timedOut())]);
    expect(table.terminal?.(stopped, { colour: false })).not.toMatch(/fastest|baseline/);
  });
  it("prints the same text in colour", () => {
    const coloured = table.terminal?.(mixed, { colour: true }) ?? "";
    expect(coloured).toContain("\u001b[");
    expect(stripVTControlCharacters(coloured)).toBe(text);
  });
  it("fits 80 columns including the text around it, and aligns its columns", () => {
    const lines = text.split("\n");
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    const start = lines.findIndex((line) => line.startsWith("technique"));
    const rows = lines.slice(start, start + 7);
    const timeEnd = (rows[0] ?? "").indexOf("time") + "time".length;
    expect(rows[1]?.slice(0, timeEnd)).toMatch(/16\.0 s$/);
  });
  it("has no escape codes without colour", () => {
    expect(text).not.toContain("\u001b");
  });
  it("lists the fastest cell first and cells without a time last", () => {
    const techniques = text.split("\n").filter((line) => /^(set-based|chunked|naive|case-when) /.test(line));
    expect(techniques[0]).toMatch(/^set-based +mysql2/);
    expect(techniques.at(-1)).toMatch(/failed|skipped/);
  });
});

describe("the chart", () => {
  it("has a labelled bar per cell with a time, a paler one for an estimate, and none for a failed cell", async () => {
    const [file] = await svg.files(mixed);
    for (const label of ["set-based · mysql2", "chunked · 1,000 · prisma", "naive · prisma", "20.0 s", "~6.7 min"])
      expect(file?.content).toContain(label);
    expect(file?.content).not.toContain("case-when");
    expect(file?.content).toMatch(/^<svg /);
  });
  it("is left out when no cell has a time", async () => {
    expect(await svg.files(recordedRun([raw], []))).toEqual([]);
  });
});

const reporters = (await listPlugIns("reporter")).map(({ value }) => value);
describe.each(reporters)("the reporter $id", (reporter: Reporter) => {
  const runs: [string, RunResults][] = [
    ["nothing measured", recordedRun([raw], [])],
    ["an interrupted run", { ...mixed, end: { type: "end", endedAt: "2026-11-01T10:00:00.000Z", how: "interrupted" } }],
    ["every status at once", mixed],
  ];
  it.each(runs)("renders %s identically each time, only from records", async (_name, results) => {
    const render = async () => [await reporter.files(results), reporter.terminal?.(results, { colour: false })];
    expect(await render()).toEqual(await render());
    for (const { content } of await reporter.files(results)) {
      expect(content.length).toBeGreaterThan(0);
      expect(content).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }
  });
});
