import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords } from "../../harness/results/records.ts";
import { connect } from "../../lib/connection.ts";
import { connectionId, listSessions } from "../../lib/sessions.ts";
import { targetUrl, type ConnectionTarget } from "../../lib/target.ts";
import { bench, startBench, type Finished } from "../support/bench.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { benchInProcess } from "../support/in-process.ts";
import { expectNothingLeft } from "../failures/shared.ts";

const DATA = ["--users", "100", "--orders", "3500"];

/** Server sessions that belong to a run in this schema. */
async function sessionsOf({ schema, ...target }: ConnectionTarget): Promise<unknown[]> {
  const connection = await connect({ ...target, schema });
  try {
    const own = await connectionId(connection);
    return (await listSessions(connection)).filter(
      (session) => session.schema?.startsWith(schema) === true && session.id !== own,
    );
  } finally {
    await connection.end();
  }
}

describe("bench run", () => {
  let runs: TestRuns;
  beforeAll(async () => {
    runs = await openTestRuns("cli");
  });
  afterAll(() => runs[Symbol.asyncDispose]());
  const arguments_ = (...args: string[]) => ["run", ...args, ...DATA, "--orm", "mysql2", "--db", targetUrl(runs.target), "--yes"];

  let out: string;
  let whole: Finished;
  beforeAll(async () => {
    out = join(runs.folder, "whole");
    const options = ["--rounds", "1", "--format", "table,csv,md,json", "--title", "Our job", "--out", out];
    whole = await bench(arguments_("chunked", "set-based", ...options));
  });

  it("loads, measures, verifies, prints the table and writes every format", async () => {
    const { code, stdout, stderr } = whole;
    expect(stderr).not.toMatch(/error/i);
    expect(code).toBe(0);
    expect((await readdir(out)).toSorted()).toEqual([
      "records.jsonl",
      "samples.csv",
      "summary.csv",
      "summary.json",
      "summary.md",
    ]);
    expect(stdout).toMatch(/^set-based .* 1\.00x( |$)/m);
    expect(stderr.match(/^\[[12]\/2\] (chunked|set-based)\/mysql2\/identity.* verified [\d.]+ m?s/gm)).toHaveLength(2);
    expect(stdout + stderr).not.toContain("\u001b");
    expect(stdout).toContain("2 of 2 samples verified");
    const results = await readRecords(join(out, "records.jsonl"));
    expect(results.end?.how).toBe("complete");
    expect(results.run.environment.server).toMatchObject({ durability: "full", version: expect.stringMatching(/^\d+\.\d+/) });
    const password = runs.target.password;
    // any text could contain a password as short as a word
    if (password.length > 8) expect(stdout + stderr + JSON.stringify(results)).not.toContain(password);
  });

  it("writes records from which bench report renders the same bytes again, into the folder of --out", async () => {
    const page = await readFile(join(out, "summary.md"), "utf8");
    expect(page).toMatch(/^# Our job\n/);
    const other = join(runs.folder, "reports", "of-again");
    const env = { BENCH_DATABASE_URL: "mysql://nobody:x@127.0.0.1:1/none" };
    const reported = await benchInProcess(["report", out, "--out", other], env);
    const tableOf = (stdout: string): string => stdout.slice(0, stdout.indexOf("Results:"));
    expect(reported.code).toBe(0);
    expect(tableOf(reported.stdout)).toBe(tableOf(whole.stdout));
    expect(await readFile(join(other, "summary.md"), "utf8")).toBe(page);
    expect((await readdir(other)).toSorted()).toEqual(["chart.svg", "samples.csv", "summary.csv", "summary.md"]);
    expect(await benchInProcess(["report", runs.folder])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/RECORDS_UNREADABLE/),
    });
  });

  it("exits 1 with the reasons when no cell can run", async () => {
    const out = join(runs.folder, "skipped");
    const { code, stderr } = await benchInProcess(
      arguments_("set-based", "--rounds", "1", "--out", out).map((arg) => (arg === "mysql2" ? "knex" : arg)),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/NOTHING_MEASURED: all 1 samples were skipped: set-based\/knex: .*server-side/);
  });

  // test/failures/interruptions.test.ts stops a load and a trace by SIGTERM
  it("keeps the finished samples after Ctrl-C, leaves nothing, and resumes with the same plan and order until nothing is left", async () => {
    const out = join(runs.folder, "resumed");
    const liar = new URL("../plugins/does-nothing.ts", import.meta.url).pathname;
    const running = startBench(
      arguments_("chunked", "case-when", liar, "--rounds", "1", "--order-seed", "7", "--out", out, "--workers", "2"),
    );
    await expect.poll(() => running.stderr().match(/verified/g)?.length ?? 0).toBeGreaterThanOrEqual(1);
    running.process.kill("SIGINT");
    const { code, stdout } = await running.finished;
    expect(code).toBe(130);
    expect(stdout).toContain("The run was interrupted");
    await expectNothingLeft(runs.target);
    const before = await readRecords(join(out, "records.jsonl"));
    expect(before.end?.how).toBe("interrupted");
    expect(before.samples.length).toBeGreaterThanOrEqual(1);
    expect(before.samples.length).toBeLessThan(3);

    const again = (...more: string[]) =>
      benchInProcess(["run", "--resume", out, "--db", targetUrl(runs.target), "--yes", ...more]);
    expect(await again()).toMatchObject({ code: 2, stderr: expect.stringMatching(/no strategy is named "does-nothing"/) });
    expect(await again(liar, "--rounds", "9")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--resume excludes --rounds/),
    });
    expect(await again("chunked")).toMatchObject({ code: 2, stderr: expect.stringMatching(/--resume excludes chunked/) });

    const text = await readFile(join(out, "records.jsonl"), "utf8");
    const { isolation } = before.run.environment.server;
    await writeFile(
      join(out, "records.jsonl"),
      text.replace(`"isolation":"${isolation}","variables"`, '"isolation":"SERIALIZABLE","variables"'),
    );
    const refused = await again(liar);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/RESUME_MISMATCH: .*: isolation SERIALIZABLE, now /),
    });

    const { gitCommit } = before.run.environment;
    await writeFile(join(out, "records.jsonl"), text.replace(`"gitCommit":"${gitCommit}"`, '"gitCommit":"another commit"'));
    const resumed = await again(liar);
    // the cell with wrong results failed, and the others are shown
    expect(resumed).toMatchObject({ code: 1, stderr: expect.stringMatching(/CELL_FAILED: 1 of 3 samples failed/) });
    expect(resumed.stdout).toMatch(/does-nothing .*failed/);
    expect(resumed.stdout).toMatch(/chunked .* (ms|s) /);
    // null when the tree is not a git checkout
    const note = gitCommit === null ? [] : [expect.stringMatching(/^The run started on commit another co and continued on /)];
    expect(resumed.stderr.match(/^warning: The run started on commit/gm) ?? []).toHaveLength(note.length);
    const after = await readRecords(join(out, "records.jsonl"));
    expect(after.end?.how).toBe("complete");
    expect(after.resumptions).toBe(1);
    expect(after.run.notes).toEqual([...before.run.notes, ...note]);
    expect(after.samples.slice(0, before.samples.length)).toEqual(before.samples);
    const places = after.samples.map(({ cell, round, position }) => `${round}/${position} ${cell.id}`);
    expect(new Set(places).size).toBe(3);
    const planned = await benchInProcess(["run", "--resume", out, liar, "--dry-run"]);
    expect(planned).toMatchObject({ code: 2, stderr: expect.stringMatching(/NOTHING_TO_RESUME: .*all 3 samples/) });
    expect(places).toEqual(places.toSorted());
  });

  it("measures a technique of --once in the first round only, notes the single round, and continues with exactly the other samples", async () => {
    const out = join(runs.folder, "once");
    const first = await bench(arguments_("naive", "set-based", "--rounds", "3", "--once", "naive", "--out", out));
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/- naive\S*: 1 of 3 rounds by plan/) });
    const { samples } = await readRecords(join(out, "records.jsonl"));
    const roundsOf = (strategy: string): number[] =>
      samples.flatMap(({ cell, round }) => (cell.strategy === strategy ? [round] : []));
    expect([roundsOf("naive"), roundsOf("set-based")]).toEqual([[1], [1, 2, 3]]);
    expect(await benchInProcess(["run", "--resume", out, "--dry-run"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/NOTHING_TO_RESUME: .*all 4 samples/),
    });

    const text = await readFile(join(out, "records.jsonl"), "utf8");
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith('{"type":"end"'));
    await writeFile(join(out, "records.jsonl"), `${lines.slice(0, -1).join("\n")}\n`);
    const resumed = await bench(["run", "--resume", out, "--db", targetUrl(runs.target), "--yes"]);
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringMatching(/4 of 4 samples verified/) });
  });

  it("refuses a second bench on the schema, and leaves no process and a reusable schema when killed with -9", async () => {
    const out = join(runs.folder, "killed");
    const running = startBench(arguments_("chunked", "--rounds", "500", "--out", out));
    await expect.poll(() => running.stderr()).toMatch(/verified/);
    const second = await benchInProcess(arguments_("chunked", "--rounds", "1", "--out", join(runs.folder, "second")));
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/SCHEMA_BUSY/) });
    running.process.kill("SIGKILL");
    await running.finished;
    // the measured process detects that its parent has ended
    await expect.poll(() => sessionsOf(runs.target)).toEqual([]);
    const results = await readRecords(join(out, "records.jsonl"));
    expect(results.end).toBeNull();
    expect(results.samples.length).toBeGreaterThanOrEqual(1);
    const after = arguments_("set-based", "--rounds", "1", "--out", join(runs.folder, "after-kill"));
    expect((await benchInProcess(after)).code).toBe(0);
  });
});
