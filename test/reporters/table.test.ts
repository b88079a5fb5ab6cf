import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { reporter as table } from "../../harness/reporters/table.ts";
import type { RunResults } from "../../harness/results/records.ts";
import { recordedCell, recordedRun, recordedSample, timedOut } from "../support/records.ts";
import { mixed, naive } from "./mixed-run.ts";

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
