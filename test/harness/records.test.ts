import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appendRecord, readRecords } from "../../harness/records.ts";
import { recordedCell, recordedRun, recordedSample } from "../support/records.ts";

const cell = recordedCell({ strategy: "chunked", orm: "prisma" });
const written = recordedRun([cell], [recordedSample(cell, 1), recordedSample(cell, 2)]);

describe("the records of a run", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "records-"));
    file = join(folder, "records.jsonl");
    await appendRecord(file, written.run);
    for (const sample of written.samples) await appendRecord(file, sample);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("come back as they were written", async () => {
    if (written.end !== null) await appendRecord(file, written.end);
    expect(await readRecords(file)).toEqual(written);
  });
  it("are readable after every line, without an end", async () => {
    expect(await readRecords(file)).toEqual({ ...written, end: null });
  });
  it("lose only the last line when a crash cut it off", async () => {
    await appendFile(file, '{"type":"sample","startedAt":"2026');
    expect((await readRecords(file)).samples).toHaveLength(2);
  });
  it("are refused with the line's number when one in the middle is damaged", async () => {
    const lines = (await readFile(file, "utf8")).split("\n");
    await writeFile(file, [lines[0], '{"type":"sample"}', lines[2], ""].join("\n"));
    await expect(readRecords(file)).rejects.toMatchObject({
      code: "RECORDS_UNREADABLE",
      message: expect.stringContaining("line 2"),
    });
  });
  it("are refused when they come from a newer version", async () => {
    await writeFile(file, `${JSON.stringify({ ...written.run, version: 99 })}\n`);
    await expect(readRecords(file)).rejects.toMatchObject({
      code: "RECORDS_UNREADABLE",
      message: expect.stringContaining("newer"),
    });
  });
  it("say what is wrong with a file that is none, or not there", async () => {
    await writeFile(file, "");
    await expect(readRecords(file)).rejects.toMatchObject({ code: "RECORDS_UNREADABLE" });
    await expect(readRecords(join(folder, "none.jsonl"))).rejects.toMatchObject({ code: "RECORDS_UNREADABLE", exitCode: 1 });
  });
  it("that can't be written say what is safe", async () => {
    await expect(appendRecord(folder, written.run)).rejects.toMatchObject({
      code: "RESULTS_NOT_WRITTEN",
      fix: expect.stringContaining("intact"),
    });
  });
});
