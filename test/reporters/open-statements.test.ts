import { describe, expect, it } from "vitest";
import { costsSchema } from "../../harness/results/costs-schema.ts";
import { notes } from "../../harness/reporters/parts/notes.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";

const cell = recordedCell({ strategy: "naive", orm: "prisma" });
const notesOf = (before: number | null, atEnd: number | null, rowsWritten: number): string[] =>
  notes(
    recordedRun(
      [cell],
      [
        recordedSample(cell, 1, {
          rowsWritten,
          costs: costsSchema.parse({ preparedOpenBefore: before, preparedOpenAtEnd: atEnd }),
        }),
      ],
    ),
  ).filter((note) => note.includes("prepared statements open"));

describe("a note about scans in place of ranges", () => {
  const notesOfPlans = (...plans: (number | null)[]): string[] =>
    notes(
      recordedRun(
        [cell],
        plans.map((rangeLimitsExceeded, index) =>
          recordedSample(cell, index + 1, { costs: costsSchema.parse({ rangeLimitsExceeded }) }),
        ),
      ),
    ).filter((note) => note.includes("range_optimizer_max_mem_size"));

  it("names the cell, the most plans of a sample, the warning and the fix", () => {
    expect(notesOfPlans(0, 12, 3)).toEqual([
      "naive/prisma/identity: 12 plans exceeded range_optimizer_max_mem_size (warning 3170), and the server scanned in place of a range of the index. Lower --chunk, or raise the variable.",
    ]);
  });
  it("is absent without such a plan, and without the counter", () => {
    expect([notesOfPlans(0, 0), notesOfPlans(null)]).toEqual([[], []]);
  });
});

describe("a note about open prepared statements", () => {
  it("names a cell that opens statements per written row", () => {
    expect(notesOf(20, 3_020, 3_000)).toEqual([
      "naive/prisma/identity left 3,000 prepared statements open. A longer job fails at the server's max_prepared_stmt_count.",
    ]);
  });
  it.each([
    ["a statement per kind", 4, 24, 3_000],
    ["fewer than a tenth of the rows", 0, 299, 3_000],
    ["few rows", 0, 99, 100],
    ["no counter", null, null, 3_000],
  ])("is absent with %s", (_case, before, atEnd, rows) => {
    expect(notesOf(before, atEnd, rows)).toEqual([]);
  });
});
