/** `bench report` of stored records: it reads, and writes only into the folder of --out. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

/** A stored scenario with members. */
const API_KILLED = fileURLToPath(new URL("../../results/2026-11-30/vm/api-killed", import.meta.url));
const TRIAL = {
  type: "trial",
  fault: "kill-anytime",
  seed: 1,
  startedAt: "2026-11-01T10:00:00.000Z",
  isApplied: true,
  status: "completed",
  endedAtMs: 2_000,
  recoveryMs: 500,
  requests: 500,
  affectedRequests: 3,
  nearMisses: [],
  violations: [],
  marks: [{ atMs: 700, what: "killed member-1" }],
  rounds: [{ member: "member-1", users: 10, fromMs: 0, toMs: 600 }],
};
const CHAOS = [
  {
    type: "chaos",
    version: 1,
    startedAt: "2026-11-01T10:00:00.000Z",
    seed: 1,
    partitioning: "modulo",
    members: 3,
    users: 100,
    leaseMs: 2_000,
    ratePerSecond: 50,
    recoveryLimitMs: 10_000,
    requestLimitMs: 1_000,
    serverVersion: "9.7.4",
    invariants: [{ id: "no-lost-write", says: "no write is lost" }],
  },
  { ...TRIAL, trial: 1 },
  { ...TRIAL, trial: 2, violations: [{ invariant: "no-lost-write", count: 1, examples: ["user 7"] }] },
];

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

/** Formats that read several folders, and records of other kinds. */
describe("bench report --format html and md", () => {
  it("writes one page, and with md the article beside summary.md and the charts", async () => {
    const place = await runWith("run", plain());
    const out = join(folder, "out");
    const { code, stdout } = await benchInProcess(["report", place, "--out", out, "--format", "html,md", "--title", "Our <job>"]);
    expect(code).toBe(0);
    expect(stdout).toContain("report.html");
    expect((await readdir(out)).toSorted()).toEqual(["figures", "report.html", "report.md", "summary.md"]);
    expect(await readFile(join(out, "report.html"), "utf8")).toContain("<title>Our &lt;job&gt;</title>");
    expect(await readFile(join(out, "report.md"), "utf8")).toMatch(/^# Our &lt;job&gt;\n/);
    expect(await readdir(join(out, "figures"))).toContain("run-samples.png");
    expect(await readdir(place)).toEqual(["records.jsonl"]);
  });

  it("writes one page of runs, API runs and trials, in Korean", async () => {
    const chaos = join(folder, "chaos");
    await mkdir(chaos);
    await writeFile(join(chaos, "chaos-records.jsonl"), `${CHAOS.map((line) => JSON.stringify(line)).join("\n")}\n`);
    const out = join(folder, "out");
    const folders = [await runWith("one", plain()), API_KILLED, chaos];
    const { code, stderr } = await benchInProcess(["report", ...folders, "--out", out, "--format", "html", "--lang", "ko"]);
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    const page = await readFile(join(out, "report.ko.html"), "utf8");
    for (const text of [
      "멤버별 라운드",
      "mysql2의 chunked",
      "시행 2회, 요청 1,000건: 1회에서 불변 조건을 위반했습니다",
      "no-lost-write",
    ])
      expect(page).toContain(text);
  });

  it.each([
    ["a format of one run for several folders", ["--format", "csv"], /--format csv cannot show several folders/],
    ["a language without a document", ["--format", "svg", "--lang", "ko"], /--lang ko sets the language of no file/],
    ["a page without a folder", ["--format", "html"], /--format html writes files/],
  ])("refuses %s", async (_what, args, said) => {
    const folders = [await runWith("one", plain()), await runWith("two", plain())];
    const out = args.includes("html") ? [] : ["--out", join(folder, "out")];
    const given = args.includes("csv") ? folders : folders.slice(0, 1);
    expect(await benchInProcess(["report", ...given, ...args, ...out])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(said),
    });
    expect(await readdir(folder)).not.toContain("out");
  });

  it("creates no folder when the second run does not exist", async () => {
    const args = [
      "report",
      await runWith("one", plain()),
      join(folder, "nowhere"),
      "--format",
      "html",
      "--out",
      join(folder, "out"),
    ];
    expect(await benchInProcess(args)).toMatchObject({ code: 2, stderr: expect.stringMatching(/RECORDS_UNREADABLE/) });
    expect(await readdir(folder)).toEqual(["one"]);
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
