import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { costsSchema } from "../../harness/results/costs-schema.ts";
import { reporter as csv } from "../../harness/reporters/csv.ts";
import { reporter as markdown } from "../../harness/reporters/markdown.ts";
import type { Block } from "../../harness/reporters/page/block.ts";
import { locality } from "../../harness/reporters/page/sections/locality.ts";
import { runSubject } from "../../harness/reporters/page/subject.ts";
import { WORDS } from "../../harness/reporters/page/words/index.ts";
import { LANGUAGES } from "../../harness/reporters/page/words/languages.ts";
import { keysTable } from "../../harness/reporters/parts/keys.ts";
import { reporter as table } from "../../harness/reporters/table.ts";
import { recordedCell, recordedRun, recordedSample, wrong } from "../support/records.ts";

const cellOf = (key: string, prefill: string | null, workers = 6) => ({
  ...recordedCell({ strategy: "chunked", orm: "mysql2", chunkUsers: 500, key, prefill, workers }),
  id: `chunked/mysql2/${key}/${workers}/${prefill}`,
});
type TestCell = ReturnType<typeof cellOf>;

/** Seven samples with the same relation to those of other cells in each round. */
const samplesOf = (cell: TestCell, ms: number, parts: object) =>
  Array.from({ length: 7 }, (_, index) =>
    recordedSample(cell, index + 1, {
      wallMs: ms * (1 + index),
      costs: costsSchema.parse({ growingRows: 2_000_000, tableBytes: 150e6, indexBytes: 50e6, ...parts }),
    }),
  );

const ordered = cellOf("uuidv7", "10");
const random = cellOf("uuidv4", "10");
const inEmpty = cellOf("uuidv7", null);
const failed = cellOf("identity", "10");
const results = recordedRun(
  [failed, ordered, inEmpty, random],
  [
    recordedSample(failed, 1, wrong("wrong result: one row")),
    ...samplesOf(ordered, 1_000, { pageSplits: 1_234, leafFill: 0.9, pagesRead: 40, lookupUs: 92.4, lookupPagesRead: 0 }),
    ...samplesOf(random, 3_000, { pageSplits: 2_500, leafFill: 0.694, pagesRead: 9_000, lookupUs: 210, lookupPagesRead: 0.75 }),
    ...samplesOf(inEmpty, 900, { rangeRowsPerSecond: 1_000_000 }),
  ],
);

describe("the table of key locality", () => {
  it("has a row per key, earlier rows and workers, with its costs and the ratio to the key above", () => {
    const found = keysTable(results);
    expect(found?.head.slice(0, 6)).toEqual(["cell", "earlier rows", "key", "time", "to the first key", "to the key above"]);
    expect(found?.rows.map((row) => row.slice(1))).toEqual([
      ["after 10 runs", "uuidv7", "4.00 s", "-", "-", "1,234", "100", "90.0 %", "40", "92 µs", "0.00", "-"],
      [
        "after 10 runs",
        "uuidv4",
        "12.0 s",
        "3.00x (3.00x - 3.00x)",
        "3.00x (3.00x - 3.00x)",
        "2,500",
        "100",
        "69.4 %",
        "9,000",
        "210 µs",
        "0.75",
        "-",
      ],
      ["none", "uuidv7", "3.60 s", "-", "-", "-", "100", "-", "-", "-", "-", "1,000,000"],
    ]);
    expect(new Set(found?.rows.map(([cell]) => cell))).toEqual(new Set(["chunked x6 / chunk 500 / mysql2"]));
  });

  it("is part of the page, of the terminal and of the CSV files", async () => {
    const [page] = await markdown.files(results);
    expect(page?.content).toContain("## Key locality");
    expect(table.terminal?.(results, { colour: false, columns: 80 })).toMatch(
      /key locality\n.*uuidv7 \/ earlier rows: after 10 runs/,
    );
    const files = await csv.files(results);
    const rowsOf = (name: string) => parse(files.find((file) => file.name === name)?.content ?? "", { columns: true });
    expect(rowsOf("keys.csv")).toMatchObject([
      { key: "uuidv7", prefill: "10", workers: "6", bytes_per_row: "100", ratio_to_previous_key: "", lookup_us: "92.4" },
      { key: "uuidv4", prefill: "10", page_splits: "2500", leaf_fill: "0.694", ratio_to_previous_key: "3" },
      { key: "uuidv7", prefill: "0", range_rows_per_second: "1000000" },
    ]);
    expect(rowsOf("samples.csv")[1]).toMatchObject({
      prefill: "10",
      pages_read: "40",
      growing_rows: "2000000",
      leaf_fill: "0.9",
    });
    expect(rowsOf("summary.csv").at(-1)).toMatchObject({ prefill: "10", lookup_pages_read: "0.75", buffer_pool_bytes: "" });
  });

  it("is a section of the report, in each language", async () => {
    const subject = await runSubject(results);
    expect(locality.applies(subject)).toBe(true);
    const rendered = await Promise.all(LANGUAGES.map(async (language) => await locality.render(subject, WORDS[language])));
    const [english, korean] = rendered.map(([block]) => block);
    expect(english).toMatchObject({ kind: "table", caption: "Pages, fill and reads by kind of key" });
    expect(korean).toMatchObject({ caption: "키 종류별 페이지, 채움률과 읽기" });
    const rowsOf = (block: Block | undefined) => (block?.kind === "table" ? block.rows.map(({ cells }) => cells) : []);
    expect(rowsOf(english)).toEqual(keysTable(results)?.rows);
    expect(rowsOf(korean).at(-1)?.[1]).toBe("없음");
  });

  it("is absent in a run that is not about key locality", async () => {
    const plain = recordedRun([inEmpty], [recordedSample(inEmpty, 1)]);
    expect(keysTable(plain)).toBeNull();
    expect(locality.applies(await runSubject(plain))).toBe(false);
    expect((await csv.files(plain)).map(({ name }) => name)).not.toContain("keys.csv");
  });
});
