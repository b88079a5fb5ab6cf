/** Records that are damaged, cut off, newer than the program, or without room on the disk, through the whole program. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords, type RunResults } from "../../harness/results/records.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { expectErrorIn, expectNothingLeft, expectOneError, resumeArguments, runArguments, startMarked } from "./shared.ts";
import { isFull } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";

const cell = recordedCell({ strategy: "chunked", orm: "prisma" });
const linesOf = ({ run, samples, end }: RunResults): string[] => [run, ...samples, end].map((record) => JSON.stringify(record));
const LINES = linesOf(
  recordedRun(
    [cell],
    [1, 2, 3].map((round) => recordedSample(cell, round)),
  ),
);
const WHOLE = `${LINES.join("\n")}\n`;

/** @param number counts from 1 */
const withLine = (number: number, change: (line: string) => string): string =>
  LINES.map((line, index) => `${index + 1 === number ? change(line) : line}\n`).join("");
const newer = (line: string): string => line.replace(/"version":\d+/, '"version":99');

const DAMAGED: readonly (readonly [what: string, text: string | Buffer, said: RegExp])[] = [
  ["is empty", "", /contains no run/],
  ["is cut off in its first line", WHOLE.slice(0, 100), /first record is incomplete/],
  ["lost the end of a line in the middle", withLine(3, (line) => line.slice(0, -20)), /line 3 is not a record: it is not JSON/],
  [
    "has a number where a word should be",
    withLine(2, (line) => line.replace('"ok"', "7")),
    /line 2 is not a record: its field status is missing or has an unknown value/,
  ],
  ["has no run in it", withLine(1, () => LINES[1] ?? ""), /contains no run/],
  ["is no text at all", Buffer.from(Array.from({ length: 999 }, (_, index) => (index * 7919) % 251)), /line 1 is not a record/],
  ["comes from a newer version", withLine(1, newer), /format 99 is newer than this program's \d[^]*read it with the version/],
  [
    "comes from a newer version with fields and records that are unknown here",
    withLine(1, (line) => newer(line).replace('"rounds":', '"repetitions":')) + '{"type":"weather"}\n',
    /format 99 is newer/,
  ],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bad-records-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function folderWith(text: string | Buffer): Promise<string> {
  const place = await mkdtemp(join(folder, "run-"));
  await writeFile(join(place, "records.jsonl"), text);
  return place;
}

describe("a records file that", () => {
  it.each(DAMAGED)("%s is refused by report, --resume and compare, and stays unchanged", async (_what, text, said) => {
    const place = await folderWith(text);
    const NOBODY = "mysql://nobody@127.0.0.1:1/none";
    for (const args of [
      ["report", place],
      ["run", "--resume", place, "--db", NOBODY],
      ["compare", place, place],
    ])
      expectErrorIn(await benchInProcess(args), { error: "RECORDS_UNREADABLE", said });
    expect(await readdir(place)).toEqual(["records.jsonl"]);
    expect(await readFile(join(place, "records.jsonl"))).toEqual(Buffer.from(text));
  });

  it("is missing causes an error that names where to find one", async () => {
    const said = /records\.jsonl: it does not exist[^]*pass the folder of a run: results\//;
    expectErrorIn(await benchInProcess(["report", join(folder, "nowhere")]), { error: "RECORDS_UNREADABLE", said });
  });

  it("is a folder is refused", async () => {
    const place = await mkdtemp(join(folder, "run-"));
    await mkdir(join(place, "records.jsonl"));
    expectErrorIn(await benchInProcess(["report", place]), {
      error: "RECORDS_UNREADABLE",
      said: /records\.jsonl: it is a folder/,
    });
  });

  it.each([1, 60, 300])("lost the last %i bytes is rendered without its last record", async (bytes) => {
    const place = await folderWith(WHOLE.slice(0, -bytes));
    expect(await benchInProcess(["report", place, "--format", "table"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/The records contain no end of the run/),
    });
    expect(await readFile(join(place, "records.jsonl"), "utf8")).toBe(WHOLE.slice(0, -bytes));
  });
});

/** No file may grow beyond the limit: the same as a full disk, except for the code (EFBIG, not ENOSPC). */
const diskOf = (kibibytes: number): { limits: string } => ({ limits: `ulimit -f ${kibibytes}` });

describe("a full disk", () => {
  let runs: TestRuns;
  let out: string;
  beforeAll(async () => {
    runs = await openTestRuns("bad_disk");
    out = join(runs.folder, "run");
  });
  afterAll(() => runs[Symbol.asyncDispose]());
  const file = (): string => join(out, "records.jsonl");
  const ROUNDS = isFull ? 4 : 2;
  const run = (...more: string[]) => runArguments(runs.target, "chunked", "--rounds", String(ROUNDS), "--out", out, ...more);

  it("without room for the first record ends the run, and the same command starts the run again", async () => {
    const bench = startMarked(run("--rounds", "1"), diskOf(1));
    await expectOneError(bench, { error: "RESULTS_NOT_WRITTEN", said: /cannot write .*records\.jsonl[^]*free space/ });
    expect((await stat(file())).size).toBe(0);
    await expectNothingLeft(runs.target);
    expect((await benchInProcess(run("--rounds", "1"))).code).toBe(0);
  });

  it("in mid-run ends the run with intact saved records, and --resume continues from them", async () => {
    const [first = "", sample = ""] = (await readFile(file(), "utf8")).split("\n");
    await rm(out, { recursive: true });
    // room for all samples but a part of the last one
    const limit = diskOf(Math.floor((first.length + (ROUNDS - 0.5) * sample.length) / 1024));
    await expectOneError(startMarked(run(), limit), { error: "RESULTS_NOT_WRITTEN", said: /earlier records are intact/ });
    await expectNothingLeft(runs.target);
    const before = await readFile(file(), "utf8");
    const { samples } = await readRecords(file());
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.length).toBeLessThan(ROUNDS);

    // a crash may also leave a partial line
    await writeFile(file(), `${before}{"type":"sample","startedAt":"2026-11-2`);
    expect(await benchInProcess(resumeArguments(runs.target, out))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${ROUNDS} of ${ROUNDS} samples verified`),
    });
    const after = await readFile(file(), "utf8");
    expect(after.startsWith(before)).toBe(true);
    expect(await readRecords(file())).toMatchObject({ resumptions: 1, end: { how: "complete" } });
  });

  it("during a report leaves the earlier rendered files unchanged", async () => {
    const reports = join(runs.folder, "reports");
    const args = ["report", out, "--out", reports];
    expect((await benchInProcess(args)).code).toBe(0);
    const before = await contents(reports);
    expect(Object.keys(before)).toContain("chart.svg");
    await expectOneError(startMarked(args, diskOf(1)), {
      error: "RESULTS_NOT_WRITTEN",
      said: /EFBIG[^]*free space .*; the records are intact/,
    });
    expect(await contents(reports)).toEqual(before);
  });
});

async function contents(place: string): Promise<Record<string, string>> {
  const names = (await readdir(place)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(place, name), "utf8")] as const)),
  );
}
