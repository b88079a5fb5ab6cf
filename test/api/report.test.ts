/** `bench report` of a published scenario: only from its records, without a server. */
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_RECORDS_FILE, readScenario } from "../../harness/scenario/records.ts";
import { scenarioTable } from "../../harness/scenario/report/index.ts";
import { benchInProcess } from "../support/in-process.ts";

const PUBLISHED = fileURLToPath(new URL(`../../results/2026-11-28/vm/api-long/${API_RECORDS_FILE}`, import.meta.url));

describe("bench report of a scenario", () => {
  let folder: string;
  let table: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "api-report-"));
    await copyFile(PUBLISHED, join(folder, API_RECORDS_FILE));
    table = scenarioTable(await readScenario(folder), false);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("refuses a format that scenarios do not have, and writes nothing", async () => {
    const { code, stdout, stderr } = await benchInProcess(["report", folder, "--format", "table,json"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /error BAD_OPTION: --format json is not available for a scenario.*\n {2}fix: use table, csv, md, svg, or --json/,
    );
    expect(await readdir(folder)).toEqual([API_RECORDS_FILE]);
  });

  it("writes and prints only the requested formats", async () => {
    expect((await benchInProcess(["report", folder, "--format", "table"])).stdout).toContain(table);
    expect(await readdir(folder)).toEqual([API_RECORDS_FILE]);
    const { code, stdout } = await benchInProcess(["report", folder, "--format", "md,csv"]);
    expect(code).toBe(0);
    expect(stdout).not.toContain(table.split("\n").at(-1));
    expect((await readdir(folder)).toSorted()).toEqual([API_RECORDS_FILE, "api.csv", "api.md"]);
  });

  it("prints only the summary to standard output with --json, and the table to standard error", async () => {
    const { code, stdout, stderr } = await benchInProcess(["report", folder, "--json"]);
    expect(code).toBe(0);
    expect(stderr).toContain(table);
    const { scenario, samples } = await readScenario(folder);
    const summary = JSON.parse(stdout) as { variants: { variant: { id: string }; samples: number }[] };
    expect(summary).toMatchObject({ scenario: { runId: scenario.runId }, how: "complete" });
    expect(summary.variants.map(({ variant }) => variant.id)).toEqual(scenario.variants.map(({ id }) => id));
    expect(summary.variants.reduce((sum, variant) => sum + variant.samples, 0)).toBe(samples.length);
    expect(await benchInProcess(["report", folder, "--json", "--quiet"])).toEqual({ code: 0, stdout, stderr: "" });
  });
});
