import { describe, expect, it } from "vitest";
import { cellId } from "../../harness/plan/cell.ts";
import { costsSchema } from "../../harness/results/costs-schema.ts";
import type { SampleRecord } from "../../harness/results/records.ts";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import { updatesTable } from "../../harness/reporters/parts/updates.ts";
import { recordedCell, recordedRun, recordedSample, wrong } from "../support/records.ts";

const cellOf = (strategy: string, chunkUsers: number) => ({
  ...recordedCell({ strategy, orm: "mysql2", chunkUsers }),
  id: `${strategy}/mysql2/${chunkUsers}`,
});

/** A sample whose updates of 60,000 rows took `updateMs`. */
const sampleOf = (cell: ReturnType<typeof cellOf>, round: number, updateMs: number): SampleRecord =>
  recordedSample(cell, round, {
    phaseMs: { read: 1_000, badges: updateMs / 2, grades: updateMs / 2, coupons: 5_000 },
    costs: costsSchema.parse({ rowsUpdated: 60_000, rowsRead: 180_000, bytesToServer: 9e6 }),
  });

const small = cellOf("upsert", 50);
const middle = cellOf("upsert", 500);
const large = cellOf("upsert", 5_000);
const failing = cellOf("upsert", 10_000);
const run = recordedRun(
  [large, small, failing, middle],
  [
    sampleOf(small, 1, 3_000),
    ...[990, 1_000, 5_000].map((ms, index) => sampleOf(middle, index + 1, ms)),
    sampleOf(large, 1, 1_050),
    recordedSample(failing, 1, wrong("the statement is larger than max_allowed_packet")),
  ],
);

describe("the table of updates by chunk size", () => {
  it("has the rows per second of the updates, the best size and the sizes within 10 % of it", () => {
    expect(updatesTable(run)).toMatchObject({
      head: ["updates", "50", "500", "5,000", "10,000", "best size"],
      rows: [["upsert / mysql2 / identity", "20,000", "60,000", "57,100", "failed or stopped", "500 (500 to 5,000)"]],
    });
  });
  it("has the sizes that six paired rounds do not separate from the best one, however the medians differ", () => {
    const rounds = [1, 2, 3, 4, 5, 6];
    // the large size is 25 % slower in the median of a noisy machine, and faster in half of the rounds
    const noisy = rounds.map((round) => sampleOf(large, round, round % 2 === 0 ? 1_500 : 950));
    const middles = rounds.map((round) => sampleOf(middle, round, 1_000));
    const smalls = rounds.map((round) => sampleOf(small, round, 1_050));
    const table = updatesTable(recordedRun([small, middle, large], [...noisy, ...middles, ...smalls], { rounds: 6 }));
    // the small size is within 10 %, and slower in each round
    expect(table?.rows[0]?.[4]).toBe("500 (500 to 5,000)");
    expect(table?.notes.join()).toContain("95 % interval of the paired ratio");
  });
  it("names the reason of each size that failed", () => {
    expect(updatesTable(run)?.notes).toContain(
      "upsert / mysql2 / identity with 10,000 users: the statement is larger than max_allowed_packet.",
    );
  });
  it("has a row for each version of a library, and names the cell in the file", async () => {
    const cells = ["7.9.1", "7.10.0"].flatMap((version) =>
      [50, 500, 5_000].map((chunkUsers) => recordedCell({ strategy: "chunked", orm: "prisma", chunkUsers, version })),
    );
    const named = cells.map((cell) => ({ ...cell, id: cellId(cell) }));
    const both = recordedRun(
      named,
      named.map((cell) => sampleOf(cell, 1, cell.version === "7.9.1" ? 3_000 : 1_000)),
    );
    expect(updatesTable(both)?.rows.map(([line, rate]) => [line, rate])).toEqual([
      ["chunked / prisma@7.9.1 / identity", "20,000"],
      ["chunked / prisma@7.10.0 / identity", "60,000"],
    ]);
    const [, first] = (await csv.files(both)).find(({ name }) => name === "updates.csv")?.content.split("\n") ?? [];
    expect(first).toMatch(/,chunked\/prisma@7\.9\.1\/identity\/chunk=50,$/);
  });
  it("is absent with fewer than three sizes", () => {
    expect(updatesTable(recordedRun([small, middle], [sampleOf(small, 1, 1), sampleOf(middle, 1, 1)]))).toBeNull();
  });
  it("is a file of CSV with the rows that the server read for each updated row", async () => {
    const files = await csv.files(run);
    const [head, first] = files.find(({ name }) => name === "updates.csv")?.content.split("\n") ?? [];
    const values = new Map(head?.split(",").map((name, index) => [name, first?.split(",")[index]]));
    expect(Object.fromEntries(values)).toMatchObject({
      chunk_users: "50",
      update_rows_per_second: "20000",
      rows_read_per_row: "3",
      bytes_to_server: "9000000",
    });
  });
});
