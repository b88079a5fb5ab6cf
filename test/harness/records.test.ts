import { execFile } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appendRecord } from "../../harness/results/record-file.ts";
import { readRecords } from "../../harness/results/records.ts";
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

  it("are equal after a write and a read", async () => {
    if (written.end !== null) await appendRecord(file, written.end);
    expect(await readRecords(file)).toEqual(written);
  });
  it("are readable after every line, without an end record", async () => {
    expect(await readRecords(file)).toEqual({ ...written, end: null });
  });
  it("lose only the last line when a crash truncates it", async () => {
    await appendFile(file, '{"type":"sample","startedAt":"2026');
    expect((await readRecords(file)).samples).toHaveLength(2);
  });
  it("are rejected with the line number when a line in the middle is damaged", async () => {
    const lines = (await readFile(file, "utf8")).split("\n");
    await writeFile(file, [lines[0], '{"type":"sample"}', lines[2], ""].join("\n"));
    await expect(readRecords(file)).rejects.toMatchObject({
      code: "RECORDS_UNREADABLE",
      message: expect.stringMatching(/line 2 is not a record: its field \w+ is missing or has an unknown value$/),
    });
  });
  it("are readable from version 1, whose fields had other names", async () => {
    const gate = { base: null, candidate: "b", baseCommit: null, threshold: 0.05, alpha: 0.01, conditions: [] };
    const options = { failOnInconclusive: false, moreStatementsFail: true };
    const couples = [{ base: "a", candidate: "b" }];
    const [sample] = written.samples;
    const { doneFraction: _done, quiesceMs: _quiesce, ...rest } = recordedSample(cell, 1);
    const old = [
      { ...written.run, version: 1, gate: { ...gate, ...options, couples } },
      { ...rest, doneShare: 0.25, settleMs: 1_200 },
    ];
    await writeFile(file, old.map((record) => `${JSON.stringify(record)}\n`).join(""));
    const read = await readRecords(file);
    expect(read.run.gate).toMatchObject({ cellPairs: couples });
    expect(read.samples).toEqual([{ ...sample, doneFraction: 0.25, quiesceMs: 1_200 }]);
  });
  it("are readable from version 2, which stored the requested round-trip times under another name", async () => {
    const old = { ...written.run, version: 2, rtt: [{ askedMs: 1, roundTripMs: 1.2, addedMs: 1 }] };
    await writeFile(file, `${JSON.stringify(old)}\n`);
    expect((await readRecords(file)).run.rtt).toEqual([{ requestedMs: 1, roundTripMs: 1.2, addedMs: 1 }]);
  });
  it("are by range when they are older than the split of the users", async () => {
    const older = [written.run, ...written.samples].map((record) => JSON.stringify(record).replaceAll('"split":null,', ""));
    expect(older.join("")).not.toContain("split");
    await writeFile(file, older.map((line) => `${line}\n`).join(""));
    expect((await readRecords(file)).samples[0]?.cell.split).toBeNull();
  });
  it("are readable when an older version started the run and this version resumed it", async () => {
    await writeFile(file, `${JSON.stringify({ ...written.run, version: 1 })}\n`);
    await appendRecord(file, recordedSample(cell, 1, { doneFraction: 0.5, quiesceMs: 7 }));
    expect((await readRecords(file)).samples).toMatchObject([{ doneFraction: 0.5, quiesceMs: 7 }]);
  });
  it("are rejected when they come from a newer version", async () => {
    await writeFile(file, `${JSON.stringify({ ...written.run, version: 99 })}\n`);
    await expect(readRecords(file)).rejects.toMatchObject({
      code: "RECORDS_UNREADABLE",
      message: expect.stringContaining("newer"),
    });
  });
  it("report the cause when the file is missing or contains no records", async () => {
    await writeFile(file, "");
    await expect(readRecords(file)).rejects.toMatchObject({ code: "RECORDS_UNREADABLE" });
    await expect(readRecords(join(folder, "none.jsonl"))).rejects.toMatchObject({ code: "RECORDS_UNREADABLE", exitCode: 2 });
  });
  it("stay readable when the disk stores only part of a line", async () => {
    // a file size limit replaces the full disk: both stop a write in the middle
    const { size } = await stat(file);
    const script = `
      import { appendRecord } from ${JSON.stringify(new URL("../../harness/results/record-file.ts", import.meta.url).href)};
      process.on("SIGXFSZ", () => {});
      const record = JSON.parse(process.argv[2]);
      await appendRecord(process.argv[1], record).then(() => process.exit(7), (error) => console.log(error.code));`;
    const long = JSON.stringify({ ...written.samples[0], reason: "x".repeat(4096) });
    const limited = `ulimit -f ${Math.ceil(size / 1024) + 1}; exec "$0" --input-type=module-typescript -e "$1" "$2" "$3"`;
    const { stdout } = await promisify(execFile)("bash", ["-c", limited, process.execPath, script, file, long], {
      // Node's compile cache is a file too, and would exceed the limit first
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
    });
    expect(stdout.trim()).toBe("RESULTS_NOT_WRITTEN");
    expect((await stat(file)).size).toBe(size);
    await appendRecord(file, { type: "end", endedAt: "2026-11-01T10:05:00.000Z", how: "failed" });
    expect((await readRecords(file)).end?.how).toBe("failed");
  });
  it("report which results are safe when a write fails", async () => {
    await expect(appendRecord(folder, written.run)).rejects.toMatchObject({
      code: "RESULTS_NOT_WRITTEN",
      fix: expect.stringContaining("intact"),
    });
  });
});
