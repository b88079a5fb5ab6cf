import { describe, expect, it } from "vitest";
import type { RunResults } from "../../harness/results/records.ts";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import { reporter as table } from "../../harness/reporters/table.ts";
import { timelineTables } from "../../harness/reporters/parts/timeline.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";

const setBased = recordedCell({ strategy: "set-based", orm: "mysql2", ormClass: "raw" });
const first = recordedCell({ strategy: "naive", orm: "prisma" });
const last = recordedCell({ strategy: "chunked", orm: "mysql2", ormClass: "raw", chunkUsers: 1000 });
const left = recordedCell({ strategy: "case-when", orm: "prisma", chunkUsers: 1000 });

describe("a run with a timeline", () => {
  const recorded = recordedRun(
    [first, last],
    [recordedSample(first, 1, { wallMs: 1_200_000 }), recordedSample(last, 1, { wallMs: 12_000 })],
    {
      timeline: {
        title: "How it went",
        stages: [
          { label: "at first", cellId: first.id },
          { label: "in the end", cellId: last.id },
          { label: "never run", cellId: left.id },
        ],
        claims: [
          { label: "theirs at first", minutes: 80, note: "at first" },
          { label: "theirs in the end", minutes: 1.6, note: "in the end" },
          { label: "theirs to the second", minutes: 81.48, note: "at first" },
          { label: "theirs by a factor", minutes: 48.5 / 4.2, note: "at first" },
        ],
        caution: "Other hardware.",
      },
    },
  );

  it("compares each stage with the first one, and published claims only with each other", () => {
    const tables = timelineTables(recorded);
    expect(tables?.measured.rows.map((row) => [row[0], row[3], row[5], row[6]])).toEqual([
      ["at first", "20.0 min", "100 %", "1.00x"],
      ["in the end", "12.0 s", "1.0 %", "100.0x"],
    ]);
    expect(tables?.claimed.rows.map((row) => row.slice(0, 4))).toEqual([
      ["theirs at first", "80", "100 %", "1.00x"],
      ["theirs in the end", "1.6", "2.0 %", "50.0x"],
      ["theirs to the second", "81.48", "102 %", "0.98x"],
      ["theirs by a factor", "11.55", "14 %", "6.93x"],
    ]);
  });

  it("names the stages without a cell in the run, and reports when no stage has one", async () => {
    const textsOf = async (results: RunResults) => [
      (await markdown.files(results))[0]?.content ?? "",
      table.terminal?.(results, { colour: false }) ?? "",
    ];
    for (const text of await textsOf(recorded)) expect(text).toMatch(/The options of this run exclude these stages: never run\./);
    const other = { ...recorded, run: { ...recorded.run, cells: [setBased] }, samples: [recordedSample(setBased, 1)] };
    for (const text of await textsOf(other))
      expect(text.replaceAll(/\n +/g, " ")).toContain('No table "How it went": the options of the run');
    for (const text of await textsOf({ ...recorded, samples: recorded.samples.slice(1) }))
      expect(text).toContain('No table "How it went": its first stage has no time');
  });

  it("appears in Markdown and on the terminal, with the reason why the times are not comparable", async () => {
    const [page] = await markdown.files(recorded);
    for (const text of [page?.content ?? "", table.terminal?.(recorded, { colour: false }) ?? ""]) {
      expect(text).toContain("How it went");
      expect(text).toContain("theirs in the end");
      expect(text).toContain("Other hardware.");
    }
  });

  it("fits 80 columns on the terminal with labels of any length", () => {
    const label = "MyBatis with ExecutorType.BATCH: 4.2 times faster than its initial";
    const { timeline } = recorded.run;
    if (timeline === null) throw new Error("no story");
    const long = {
      ...timeline,
      stages: timeline.stages.map((stage) => ({ ...stage, label })),
      claims: timeline.claims.map((claim) => ({ ...claim, label })),
      caution: `${label} `.repeat(4),
    };
    const text = table.terminal?.({ ...recorded, run: { ...recorded.run, timeline: long } }, { colour: false }) ?? "";
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("has no timeline table without a timeline, or without a time for the first stage", () => {
    expect(timelineTables({ ...recorded, run: { ...recorded.run, timeline: null } })).toBeNull();
    expect(timelineTables({ ...recorded, samples: recorded.samples.slice(1) })).toBeNull();
  });

  it("has no timeline table when the options exclude the first stage, because claims refer to that stage", () => {
    const without = { ...recorded, run: { ...recorded.run, cells: [last] }, samples: recorded.samples.slice(1) };
    expect(timelineTables(without)).toBeNull();
  });
});
