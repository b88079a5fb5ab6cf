/** chart.svg: colours, labels, ranges and sweeps. */
import { describe, expect, it } from "vitest";
import { sweepOf } from "../../harness/reporters/parts/sweep.ts";
import { reporter as svg } from "../../harness/reporters/svg.ts";
import { listPlugIns } from "../../harness/registry.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { summarise } from "../../harness/results/summary.ts";
import { recordedCell, recordedRun, recordedSample, timedOut } from "../support/records.ts";

type Parts = Parameters<typeof recordedCell>[0];

function runOf(parts: readonly Parts[], rounds: number, wallMs: (index: number, round: number) => number): RunResults {
  const cells = parts.map((each, index) => ({ ...recordedCell(each), id: `cell-${index}` }));
  const samples = cells.flatMap((cell, index) =>
    Array.from({ length: rounds }, (_, round) => recordedSample(cell, round + 1, { wallMs: wallMs(index, round + 1) })),
  );
  return recordedRun(cells, samples);
}

const chartOf = async (results: RunResults): Promise<string> => (await svg.files(results))[0]?.content ?? "";

/** Fill or stroke of the marks whose description contains a text. */
function coloursOf(chart: string, about: string): string[] {
  const marks = [...chart.matchAll(/<path aria-label="([^"]*)"[^>]*>/g)].filter(([, label = ""]) => label.includes(about));
  return [
    ...new Set(
      marks.map(([mark]) => (/ fill="(#\w+)"/.exec(mark) ?? / stroke="(#\w+)"/.exec(mark))?.[1] ?? `no colour: ${mark}`),
    ),
  ];
}

describe("the colour of a library", () => {
  const every = [
    { strategy: "chunked", orm: "mysql2" },
    { strategy: "chunked", orm: "drizzle" },
    { strategy: "chunked", orm: "prisma" },
    { strategy: "chunked", orm: "mine", isOwnOrm: true },
  ];

  it("is the same in a chart of all libraries, of one library, of two versions, and of a sweep", async () => {
    const all = await chartOf(runOf(every, 1, (index) => 1_000 + index));
    const versions = [
      { strategy: "naive", orm: "prisma", version: "7.9.1" },
      { strategy: "naive", orm: "prisma", version: "7.10.0" },
    ];
    const sweep = [50, 500].map((chunkUsers) => ({ strategy: "chunked", orm: "prisma", chunkUsers }));
    const [colour = ""] = coloursOf(all, "library: prisma");
    expect(colour).toMatch(/^#[0-9a-f]{6}$/);
    for (const parts of [versions, sweep, [{ strategy: "chunked", orm: "prisma" }]])
      expect(coloursOf(await chartOf(runOf(parts, 1, () => 1_000)), "library: prisma")).toEqual([colour]);
    const own = coloursOf(all, "library: mine");
    expect(coloursOf(await chartOf(runOf(every.slice(3), 1, () => 1_000)), "library: mine")).toEqual(own);
    expect(new Set(every.flatMap(({ orm }) => coloursOf(all, `library: ${orm}`))).size).toBe(4);
  });

  it("differs from that of every other registered library", async () => {
    const orms = (await listPlugIns("orm")).map(({ value }) => value);
    const colours = orms.map(({ colour }) => colour);
    expect(colours).not.toContain(undefined);
    expect(new Set(colours).size).toBe(orms.length);
  });

  it("is the recorded one for a library of a user that declares one", async () => {
    const chart = await chartOf(runOf([{ strategy: "chunked", orm: "mine", isOwnOrm: true, colour: "#123456" }], 1, () => 1_000));
    expect(coloursOf(chart, "library: mine")).toEqual(["#123456"]);
  });
});

describe("the bars", () => {
  it("have whole labels when names of any length differ at their ends", async () => {
    const long = "a-strategy-with-a-name-of-over-fifty-characters-that-ends-in";
    const parts = ["one", "two"].map((end) => ({
      strategy: `${long}-${end}`,
      orm: "an-orm-with-a-long-name",
      chunkUsers: 1_000,
    }));
    const chart = await chartOf(runOf(parts, 1, () => 1_000));
    for (const end of ["one", "two"]) expect(chart).toContain(`>${long}-${end} · 1,000 · an-orm-with-a-long-name</text>`);
    expect(chart).not.toContain("…");
  });

  it("have a line from the fastest to the slowest sample, or over the 95 % interval from six rounds on", async () => {
    const parts = [{ strategy: "set-based", orm: "mysql2" }];
    const few = await chartOf(runOf(parts, 3, (_, round) => 1_000 * round));
    expect(few).toContain("line: fastest to slowest sample");
    expect(few).toMatch(/mark-rule role-mark/);
    expect(await chartOf(runOf(parts, 6, (_, round) => 1_000 * round))).toContain("line: 95 % interval of the median");
    expect(await chartOf(runOf(parts, 1, () => 1_000))).not.toContain("line:");
  });

  it("have the title of the run", async () => {
    const results = runOf([{ strategy: "set-based", orm: "mysql2" }], 1, () => 1_000);
    expect(await chartOf(results)).toContain("One nightly job, verified row by row");
    expect(await chartOf({ ...results, run: { ...results.run, title: "On our server" } })).toContain(">On our server</text>");
  });
});

const sweptBy = (parts: readonly Parts[]) => sweepOf(summarise(runOf(parts, 2, (index, round) => 1_000 + 100 * index + round)));

describe("a sweep", () => {
  const over = (values: readonly Partial<Parts>[], orms = ["mysql2", "prisma"]) =>
    orms.flatMap((orm) => values.map((value) => ({ strategy: "chunked", orm, chunkUsers: 500, ...value })));

  it.each([
    ["users per chunk", [5_000, 50, 500].map((chunkUsers) => ({ chunkUsers })), [50, 500, 5_000]],
    ["workers", [6, 1, 2].map((workers) => ({ workers })), [1, 2, 6]],
    ["added round-trip time, ms", [0, 5, 0.5].map((addedRttMs) => ({ addedRttMs })), [0, 0.5, 5]],
    ["key", ["identity", "uuidv7", "uuidv4"].map((key) => ({ key })), ["identity", "uuidv7", "uuidv4"]],
  ] as const)("is found by its axis, with the values in order: %s", async (title, values, ordered) => {
    const found = sweptBy(over(values));
    expect(found).toMatchObject({ title, values: ordered });
    expect(new Set(found?.points.map(({ technique }) => technique)).size).toBe(1);
    const chart = await chartOf(runOf(over(values), 2, (index, round) => 1_000 + 100 * index + round));
    expect(chart.match(/aria-roledescription="line mark container"/g)).not.toBeNull();
    expect(chart).toContain(title);
    expect(chart).toContain("line: fastest to slowest sample");
  });

  it("is absent from a comparison of techniques and libraries", () => {
    const parts = ["naive", "chunked", "case-when"].flatMap((strategy) => ["mysql2", "prisma"].map((orm) => ({ strategy, orm })));
    expect(sweptBy(parts)).toBeNull();
  });

  it("keeps a cell without a place on the axis, as a line with its name, and estimates", async () => {
    const parts = [...over([{ chunkUsers: 50 }, { chunkUsers: 500 }]), { strategy: "naive", orm: "mysql2" }];
    const results = runOf(parts, 1, () => 1_000);
    const samples = results.samples.map((sample) => (sample.cell.strategy === "naive" ? { ...sample, ...timedOut() } : sample));
    expect(await chartOf({ ...results, samples })).toContain(">naive · mysql2</text>");
  });
});
