/** `bench report` of stored records: it reads, and writes only into the folder of --out. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunResults } from "../../harness/results/records.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";

const cell = recordedCell({ strategy: "chunked", orm: "mysql2", ormClass: "raw", chunkUsers: 500 });
const GATE = {
  base: "main",
  candidate: "this tree",
  baseCommit: null,
  cellPairs: [],
  threshold: 0.05,
  alpha: 0.01,
  conditions: ["wall<10s"],
  failOnInconclusive: false,
  moreStatementsFail: true,
};

const textOf = ({ run, samples, end }: RunResults): string =>
  [run, ...samples, end].map((record) => `${JSON.stringify(record)}\n`).join("");
const plain = (): RunResults => recordedRun([cell], [recordedSample(cell, 1)]);
const gate = (): RunResults => recordedRun([cell], [recordedSample(cell, 1)], { gate: GATE });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function runWith(name: string, results: RunResults): Promise<string> {
  const place = join(folder, name);
  await mkdir(place);
  await writeFile(join(place, "records.jsonl"), textOf(results));
  return place;
}

/** Name -> content and time of the last change. */
async function stateOf(place: string): Promise<Record<string, unknown>> {
  const names = (await readdir(place)).toSorted();
  const states = names.map(async (name) => [
    name,
    { text: await readFile(join(place, name), "utf8"), changed: (await stat(join(place, name))).mtimeMs },
  ]);
  return Object.fromEntries(await Promise.all(states)) as Record<string, unknown>;
}

describe("bench report without --out", () => {
  it.each([
    ["prints the table", []],
    ["prints the summary with --json", ["--json"]],
  ])("%s and writes nothing, for a run and for a gate", async (_what, args) => {
    for (const results of [plain(), gate()]) {
      const place = await runWith(results.run.gate === null ? "run" : "gate", results);
      await writeFile(join(place, "chart.svg"), "published");
      const before = await stateOf(place);
      const { code, stdout } = await benchInProcess(["report", place, ...args]);
      expect(code).toBe(0);
      expect(stdout).toContain("chunked");
      expect(stdout).not.toContain("Results:");
      expect(await stateOf(place)).toEqual(before);
    }
  });

  it("refuses formats that are files, and names --out", async () => {
    const place = await runWith("run", plain());
    expect(await benchInProcess(["report", place, "--format", "table,md,json"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/--format md,json writes files[^]*fix: add --out .*, or print the summary with --json/),
    });
  });
});

describe("bench report --out", () => {
  it("writes every file of the run, and those of a gate, into a new folder", async () => {
    const place = await runWith("gate", gate());
    const out = join(folder, "a", "b");
    const { code, stdout } = await benchInProcess(["report", place, "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toContain("samples.csv, summary.csv, summary.md, chart.svg");
    expect((await readdir(out)).toSorted()).toEqual([
      "chart.svg",
      "gate.json",
      "gate.md",
      "samples.csv",
      "summary.csv",
      "summary.md",
    ]);
    expect(await readdir(place)).toEqual(["records.jsonl"]);
  });

  it("replaces the rendered files of the run itself if --out names its folder, and keeps the records", async () => {
    const place = await runWith("run", plain());
    const records = await readFile(join(place, "records.jsonl"), "utf8");
    const { code } = await benchInProcess([
      "report",
      place,
      "--out",
      place,
      "--format",
      "md,svg",
      "--title",
      "Our <job> & server",
    ]);
    expect(code).toBe(0);
    expect(await readFile(join(place, "summary.md"), "utf8")).toMatch(/^# Our <job> & server\n/);
    expect(await readFile(join(place, "chart.svg"), "utf8")).toContain("Our &lt;job&gt; &amp; server");
    expect(await readFile(join(place, "records.jsonl"), "utf8")).toBe(records);
  });

  it("refuses the folder of another run, whose files would show this run", async () => {
    const [place, other] = [await runWith("run", plain()), await runWith("other", plain())];
    expect(await benchInProcess(["report", place, "--out", other])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/BAD_OUTPUT_FOLDER: .*results of another run/),
    });
    expect(await readdir(other)).toEqual(["records.jsonl"]);
  });

  it("creates no folder when the run does not exist", async () => {
    const out = join(folder, "reports");
    expect(await benchInProcess(["report", join(folder, "nowhere"), "--out", out])).toMatchObject({ code: 2 });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ["below a file", "file", /a part of its path is a file|is a file/],
    ["below /proc", "/proc/x/y", /no right to it/],
  ])("ends at once with exit code 2 when the folder cannot be created: %s", async (_where, place, said) => {
    const run = await runWith("run", plain());
    await writeFile(join(folder, "file"), "");
    const out = place.startsWith("/") ? place : join(folder, place, "reports");
    expect(await benchInProcess(["report", run, "--out", out])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(new RegExp(`BAD_OUTPUT_FOLDER: .*(${said.source})\n  fix: `)),
    });
  });
});
