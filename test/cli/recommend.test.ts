import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellId } from "../../harness/plan/cell.ts";
import { readRecords, RECORDS_FILE } from "../../harness/results/records.ts";
import { API_RECORDS_FILE } from "../../harness/scenario/records.ts";
import { targetUrl } from "../../lib/target.ts";
import { ROOT, RUN_NAMES, runFolder } from "../../scripts/readme/runs.ts";
import { bench } from "../support/bench.ts";
import { isFull } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";
import { recordedCell, recordedRun, recordedSample, timedOut } from "../support/records.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";

const ROUNDS = [1, 2, 3, 4, 5, 6, 7];
const named = (parts: Parameters<typeof recordedCell>[0]) => {
  const cell = recordedCell(parts);
  return { ...cell, id: cellId(cell) };
};

const BAD_INPUT: readonly (readonly [args: readonly string[], said: RegExp])[] = [
  [["recommend"], /no library.*\n.*--orm prisma/],
  [["recommend", "--orm", "prism"], /did you mean prisma/],
  [["recommend", "--orm", "prisma", "--memory", "512"], /"512" is not a size such as 512MB/],
  [["recommend", "--orm", "prisma", "--memory", "0MB"], /above 0/],
  [["recommend", "--orm", "prisma", "--rtt", "2x"], /"2x" is not a time such as 500ms/],
  [["recommend", "--orm", "prisma", "--rtt", "2000"], /from 0 to 1,000 ms, not 2000/],
  [["recommend", "--orm", "prisma", "--prefer", "cheapest"], /"cheapest" is not one of fastest, gentlest, simplest/],
  [["recommend", "--orm", "prisma", "--key", "serial"], /serial/],
  [["recommend", "--orm", "prisma", "--db", "embedded"], /--db needs --fit/],
  [["recommend", "--orm", "prisma", "--dry-run"], /--dry-run needs --fit/],
  [["recommend", "no-such-folder", "--orm", "prisma"], /RECORDS_UNREADABLE: cannot read no-such-folder/],
  [["recommend", "docs", "--orm", "prisma"], /docs contains no run/],
  [["recommend", "--orm", "prisma", "--fit", "--time-limit", "10s"], /--time-limit 10\.0 s is too short/],
];

describe("bench recommend", () => {
  let folder: string;
  let stored: string;
  let single: string;
  let divided: string;
  let runs: TestRuns;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-recommend-"));
    stored = join(folder, "all", "run");
    single = join(folder, "single");
    divided = join(folder, "divided");
    const sql = named({ strategy: "case-when", orm: "mysql2", chunkUsers: 500, api: "raw-sql", ormClass: "raw" });
    const bulk = named({ strategy: "chunked", orm: "mysql2", chunkUsers: 500, ormClass: "raw" });
    const naive = named({ strategy: "naive", orm: "mysql2", ormClass: "raw" });
    const six = {
      strategy: "chunked",
      orm: "mysql2",
      key: "uuidv7",
      chunkUsers: 500,
      workers: 6,
      parallel: "connections",
    } as const;
    const shared = named({ ...six, ormClass: "raw" });
    const samples = ROUNDS.flatMap((round) => [
      recordedSample(sql, round, { wallMs: 10_000 + round, rowsWritten: 270_000, statements: 544 }),
      recordedSample(bulk, round, { wallMs: 20_000 + round, rowsWritten: 270_000, statements: 1_204 }),
      recordedSample(naive, round, timedOut({ statements: 20_000, estimatedWallMs: 1_000_000 })),
      recordedSample(shared, round, { wallMs: 15_000 + round }),
    ]);
    const write = async (to: string, cells: Parameters<typeof recordedRun>[0]): Promise<void> => {
      const own = samples.filter(({ cell }) => cells.some(({ id }) => id === cell.id));
      const { run, end } = recordedRun(cells, own);
      await mkdir(to, { recursive: true });
      await writeFile(join(to, "records.jsonl"), `${[run, ...own, end].map((record) => JSON.stringify(record)).join("\n")}\n`);
    };
    await write(stored, [sql, bulk, naive]);
    await write(single, [sql]);
    await write(divided, [shared]);
    runs = await openTestRuns("recommend");
  });
  afterAll(async () => {
    await runs[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it.each(BAD_INPUT)("exits 2 before anything connects: bench %j", async (args, said) => {
    const { code, stdout, stderr } = await benchInProcess(args, {
      BENCH_DATABASE_URL: "mysql://nobody:hunter2@127.0.0.1:1/none",
    });
    expect(stderr).toMatch(said);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("answers an engineer's question with evidence, the comparison with the present job, and the code", async () => {
    const { code, stdout } = await benchInProcess([
      "recommend",
      stored,
      "--orm",
      "mysql2",
      "--rows",
      "300000",
      "--takes",
      "40min",
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/`case-when`, chunk 500: 10\.0 s \[10\.0 s to 10\.0 s\]/);
    expect(stdout).toMatch(/measured with 270,000 written rows; not scaled to 300,000/);
    expect(stdout).toMatch(/Your job has the pace of row-by-row code/);
    expect(stdout).toContain(`Run ${stored}`);
    expect(stdout).toMatch(/bench recommend .*--fit/);
    expect(stdout).toMatch(/--- strategies\/case-when\.ts[^]*WHEN \? THEN \?/);
  });

  it("prints data with every number's cell and run, and Markdown for a ticket", async () => {
    const json = await benchInProcess(["recommend", stored, "--orm", "mysql2", "--format", "json", "--no-code"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      pick: { cell: "case-when/mysql2/identity/chunk=500", run: stored, basis: "measured", statements: 544 },
      rowByRow: { cell: "naive/mysql2/identity", isEstimate: true },
      code: [],
    });
    const markdown = await benchInProcess(["recommend", stored, "--orm", "mysql2", "--format", "md"]);
    expect(markdown.stdout).toMatch(/^## Answer\n\n- mysql2/);
    expect(markdown.stdout).toMatch(/```ts\n\/\/ --- strategies\/case-when\.ts/);
  });

  it("leaves out a damaged run beside others with a warning, and refuses it when it is named", async () => {
    const damaged = join(folder, "all", "damaged");
    await mkdir(damaged);
    await writeFile(join(damaged, "records.jsonl"), "{}\nnothing\n");
    const beside = await benchInProcess(["recommend", join(folder, "all"), "--orm", "mysql2", "--no-code"]);
    expect(beside).toMatchObject({ code: 0, stderr: expect.stringMatching(/bench leaves this run out/) as string });
    expect((await benchInProcess(["recommend", damaged, "--orm", "mysql2"])).stderr).toMatch(/RECORDS_UNREADABLE/);
    await rm(damaged, { recursive: true });
  });

  it("leaves out a damaged scenario and a damaged run of results/ in the same way", async () => {
    const machine = join(folder, "project", "results", "2026-11-01", "box");
    await cp(stored, join(machine, "run"), { recursive: true });
    for (const [name, file] of [
      ["damaged-api", API_RECORDS_FILE],
      ["damaged-run", RECORDS_FILE],
    ] as const) {
      await mkdir(join(machine, name));
      await writeFile(join(machine, name, file), "{}\nnothing\n");
    }
    const wanted = ["--orm", "mysql2", "--prefer", "gentlest", "--no-code"];
    const beside = await benchInProcess(["recommend", machine, ...wanted]);
    const byDefault = await bench(["recommend", ...wanted], { cwd: join(folder, "project") });
    for (const { code, stdout, stderr } of [beside, byDefault]) {
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr).toMatch(/damaged-api.*bench leaves this run out/);
      expect(stderr).toMatch(/damaged-run.*bench leaves this run out/);
      expect(stdout).toMatch(/^Answer\n/);
    }
    const own = join(machine, "run");
    await writeFile(join(own, API_RECORDS_FILE), "{}\nnothing\n");
    expect((await benchInProcess(["recommend", own, ...wanted])).stderr).toMatch(/RECORDS_UNREADABLE.*api-records/);
  });

  it("takes a round-trip time without a unit in ms, like --add-rtt", async () => {
    for (const given of ["2", "2ms", "+2 ms"]) {
      const { stdout } = await benchInProcess(["recommend", stored, "--orm", "mysql2", "--rtt", given, "--format", "json"]);
      expect(JSON.parse(stdout)).toMatchObject({ question: { rttMs: 2 }, pick: { basis: "estimated" } });
    }
  });

  it("answers from the published runs as docs/recommend.md shows, with the comparison with row-by-row code", async () => {
    // by name: the results/ of a developer contains further runs
    const published = RUN_NAMES.flatMap((name) => runFolder(name)?.replace(/\/$/, "") ?? []);
    const folders = published.filter((path) => existsSync(fileURLToPath(new URL(`${path}/${RECORDS_FILE}`, ROOT))));
    const question = ["recommend", ...folders, "--orm", "prisma", "--rows", "300000", "--takes", "40min"];
    const { code, stdout } = await benchInProcess(question);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Row-by-row code \(`naive`\) takes .*: \S+ times as long\./);
    expect(stdout).toMatch(/The server executes .* statements instead of/);
    expect(stdout).toMatch(/bench trace naive\/prisma/);
    const page = await readFile(new URL("docs/recommend.md", ROOT), "utf8");
    const [, example = ""] = /^The answer, shortened:\n\n```text\n([^]*?)^```/m.exec(page) ?? [];
    const shown = example.split("\n").filter((line) => line !== "");
    expect(shown.length).toBeGreaterThanOrEqual(8);
    expect(stdout.split("\n").filter((line) => shown.includes(line))).toEqual(shown);
    const fit = await benchInProcess([
      "recommend",
      runFolder("quick") ?? "",
      ...question.slice(1 + folders.length),
      "--fit",
      "--dry-run",
    ]);
    expect(fit.stdout).toContain("naive/prisma/identity");
  });

  it("plans a cell of --fit with the kind of key and the division of the stored one", async () => {
    const { stdout } = await benchInProcess(["recommend", divided, "--orm", "mysql2", "--key", "uuidv7", "--fit", "--dry-run"]);
    expect(stdout).toContain("  chunked/mysql2/uuidv7/chunk=500/workers=6/parallel=connections\n");
  });

  it("prints the cells of a measurement without connecting", async () => {
    const { code, stdout } = await benchInProcess(["recommend", stored, "--orm", "mysql2", "--fit", "--dry-run"], {
      BENCH_DATABASE_URL: "mysql://nobody:hunter2@127.0.0.1:1/none",
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Measures 3 cells in \d rounds[^]*case-when\/mysql2[^]*naive\/mysql2/);
  });

  // a cell in three rounds takes seconds; the whole plan, with the limit of row-by-row code, takes a minute
  it("measures the cells that matter on a server, and answers from these records", async () => {
    const out = join(folder, "fitted");
    const wanted = `recommend ${isFull ? stored : single} --orm mysql2 --fit --time-limit ${isFull ? "3min" : "45s"} --orders 2000`;
    const { code, stdout, stderr } = await benchInProcess([
      ...wanted.split(" "),
      "--no-code",
      "--yes",
      "--out",
      out,
      "--db",
      targetUrl(runs.target),
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain(`Run ${out}`);
    expect(stdout).toMatch(/2,000 orders, fastest/);
    const { run, samples } = await readRecords(join(out, "records.jsonl"));
    expect(run.cells.map(({ strategy }) => strategy)).toEqual(isFull ? ["case-when", "chunked", "naive"] : ["case-when"]);
    expect(samples.filter(({ verified }) => verified === true).length).toBeGreaterThanOrEqual(1);
  });
});
