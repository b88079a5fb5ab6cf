import { globSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Audit } from "../../harness/audit/audit.ts";
import { costsSchema } from "../../harness/results/costs-schema.ts";
import type { RunRecord, SampleRecord } from "../../harness/results/records.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedCell, recordedRun, recordedSample, timedOut, wrong } from "../support/records.ts";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
const cell = recordedCell({ strategy: "chunked", orm: "mysql2", chunkUsers: 500 });
const honest = costsSchema.parse({ rowsInserted: 2_000, rowsUpdated: 1_000, rowsRead: 900_000 });
const sample = (round: number, parts: Partial<SampleRecord> = {}): SampleRecord =>
  recordedSample(cell, round, { costs: honest, ...parts });

describe("bench audit", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-audit-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  let runs = 0;
  async function write(samples: SampleRecord[], parts: Partial<RunRecord> = {}): Promise<string> {
    runs += 1;
    const { run, end } = recordedRun([cell], samples, { version: 2, ...parts });
    const out = join(folder, String(runs));
    await mkdir(out);
    const text = [run, ...samples, end].map((record) => `${JSON.stringify(record)}\n`).join("");
    await writeFile(join(out, "records.jsonl"), text);
    return out;
  }
  /** The findings of one sample. */
  async function auditOf(parts: Partial<SampleRecord>, run: Partial<RunRecord> = {}) {
    const { code, stdout, stderr } = await benchInProcess(["audit", await write([sample(1, parts)], run), "--json"]);
    const { cells } = JSON.parse(stdout) as Audit;
    return { code, stderr, sample: cells[0]?.samples[0] };
  }

  it("passes a sample that keeps every rule", async () => {
    const { code, stderr, sample: audited } = await auditOf({});
    expect([code, stderr]).toEqual([0, ""]);
    expect(audited).toMatchObject({ outcome: "passes", cell: cell.id, round: 1 });
    expect(audited?.findings.map(({ rule }) => rule)).toEqual(["result", "clock", "rows written", "rows read"]);
  });

  it.each<[what: string, parts: Partial<SampleRecord>, detail: RegExp]>([
    ["a shorter time than bench saw", { wallMs: 10, outsideWallMs: 1_000 }, /^the measured process reported 10\.0 ms/],
    [
      "fewer rows in the server than in the result",
      { costs: { ...honest, rowsUpdated: 10 } },
      /^the server inserted and updated 2010 rows .* the result has 3000/,
    ],
    [
      "fewer rows read than the job has to read",
      { costs: { ...honest, rowsRead: 5 } },
      /^the server read 5 rows .* 700000 paid orders/,
    ],
    ["a time without a verification", { verified: null }, /nothing verified its rows/],
    ["a time of a stopped job", timedOut({ wallMs: 900 }), /a limit stopped the sample, and the record has a time/],
  ])("finds a sample that could not pass: %s", async (_what, parts, detail) => {
    const { code, stderr, sample: audited } = await auditOf(parts);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error AUDIT_FAILED: 1 of 1 samples of .*\n {2}fix: measure/);
    expect(audited?.outcome).toBe("fails");
    expect(audited?.findings.filter(({ outcome }) => outcome === "fails")).toEqual([
      expect.objectContaining({ detail: expect.stringMatching(detail) }),
    ]);
  });

  it.each<[what: string, parts: Partial<SampleRecord>, run: Partial<RunRecord>, detail: string]>([
    ["the outside clock", { outsideWallMs: null }, {}, "not recorded: the time by the clock of bench"],
    [
      "the delays of the machine",
      { wallMs: 1_000, outsideWallMs: 1_100 },
      {},
      "not recorded: the delays of the machine, which can explain it",
    ],
    ["the paid orders", {}, { paidOrders: null }, "not recorded: the number of paid orders that the job has to read"],
  ])("fails no sample for a value that its record lacks: %s", async (_what, parts, run, detail) => {
    const { code, sample: audited } = await auditOf(parts, run);
    expect(code).toBe(0);
    expect(audited?.outcome).toBe("unknown");
    expect(audited?.findings.filter(({ outcome }) => outcome === "unknown").map((finding) => finding.detail)).toEqual([detail]);
  });

  it("prints a table, remarks on cells, and versions", async () => {
    const samples = [
      sample(1),
      sample(2, { statements: 41, warnings: ["the cache was cold"] }),
      sample(3, timedOut()),
      sample(4, wrong("wrong result: badges")),
      sample(5, { wallMs: 1 }),
    ];
    const { code, stdout } = await benchInProcess(["audit", await write(samples, { version: 1 })]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/cell +samples +pass +could not pass +not recorded +without a result/);
    expect(stdout).toMatch(/chunked\/mysql2\/identity +5 +\d +1 +\d +1\n/);
    for (const text of [
      "round 5: the measured process reported 1.0 ms",
      "samples that failed: 1 of 5, so the cell has no time",
      "a limit stopped 1 of 5 samples, and 3 are complete",
      "statements differ between rounds: 40 to 41",
      "samples with warnings: 1 of 5 (the cache was cold)",
      "The records have version 1",
    ])
      expect(stdout).toContain(text);
  });

  it("refuses a folder without records", async () => {
    const { code, stderr } = await benchInProcess(["audit", folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error RECORDS_UNREADABLE: /);
  });

  const published = globSync("results/**/records.jsonl", { cwd: REPOSITORY }).map((file) => dirname(file));
  it("finds published runs", () => expect(published.length).toBeGreaterThan(1));
  it.each(published)("finds no sample that could not pass in %s", async (run) => {
    const { code, stdout } = await benchInProcess(["audit", join(REPOSITORY, run), "--json"]);
    const { cells } = JSON.parse(stdout) as Audit;
    expect(cells.flatMap(({ samples }) => samples).filter(({ outcome }) => outcome === "fails")).toEqual([]);
    expect(code).toBe(0);
  });
});
