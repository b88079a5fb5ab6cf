/** Going on with a run that was interrupted: the command for it, and what must be as it was. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startAgain } from "../../harness/run/output-folder.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { appendRecord } from "../../harness/results/record-file.ts";
import { readRecords, RECORDS_FILE, type RunRecord } from "../../harness/results/records.ts";
import { requireSameConditions } from "../../harness/run/resume.ts";
import { resumeCommand } from "../../harness/run/resume-command.ts";
import { BIN } from "../support/bench.ts";
import { recordedCell, recordedRun } from "../support/records.ts";

const OWN = fileURLToPath(new URL("../plugins/does-nothing.ts", import.meta.url));
const group = (strategies: string[]) => ({ strategies, orms: ["mysql2"], keys: ["identity"], chunkUsers: [500] });

let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "resume-"));
  folder = join(root, "one run");
  await mkdir(folder);
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(() => vi.stubEnv("npm_command", undefined));
afterEach(() => vi.unstubAllEnvs());

describe("the command that goes on with a run", () => {
  it("names folder and own plug-ins so that a shell and bench take it", async () => {
    const cells = await planCells([group([OWN, "chunked"])]);
    const command = resumeCommand(folder, cells) ?? "";
    expect(command).toMatch(
      /^bench run --resume '\S*one run' \S*does-nothing\.ts \(repeat --db and the other database options\)$/,
    );

    const { run } = recordedRun(
      cells.map(({ cell }) => recordedCell(cell)),
      [],
      { rounds: 2 },
    );
    await writeFile(join(folder, RECORDS_FILE), `${JSON.stringify(run)}\n`);
    const script = `bench() { "$0" ${BIN} "$@"; }; ${command.replace(/ \(.*/, "")} --dry-run`;
    const { stdout } = await promisify(execFile)("bash", ["-c", script, process.execPath], {
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    expect(stdout).toMatch(/^2 cells x 2 rounds/);
  });

  it("names a library of one's own as well, once", async () => {
    const own = await planCells([group(["chunked", "naive"])]);
    const cells = own.map((cell) => ({ ...cell, paths: { strategy: null, orm: "./my orm.ts" } }));
    expect(resumeCommand("out", cells)).toMatch(/^bench run --resume out --orm '\.\/my orm\.ts' \(/);
  });

  it("is given as npx needs it where npx started us", async () => {
    vi.stubEnv("npm_command", "exec");
    expect(resumeCommand("out", await planCells([group(["chunked"])]))).toMatch(/^npx bench run --resume out \(/);
  });

  it("is none for sides of a gate, and none for a build that records could not find again", async () => {
    const [planned] = await planCells([group(["chunked"])]);
    if (planned === undefined) throw new Error("no cell");
    expect(resumeCommand("out", [{ ...planned, cell: { ...planned.cell, side: "base" } }])).toBeNull();
    expect(resumeCommand("out", [{ ...planned, cell: { ...planned.cell, version: "file.0123abcd" } }])).toBeNull();
  });
});

describe("what can't be gone on with", () => {
  it("is started again by the same command, with another folder where the one that was named holds results", async () => {
    await writeFile(join(folder, RECORDS_FILE), "{}\n");
    expect(startAgain(undefined)).toBe("run the same command to start again");
    expect(startAgain(join(root, "nowhere"))).toBe("run the same command to start again");
    expect(startAgain(folder)).toMatch(/^run the same command with another --out: .*one run keeps the finished samples$/);
  });
});

describe("the conditions of a run that is continued", () => {
  const { run } = recordedRun([recordedCell({ strategy: "chunked", orm: "mysql2" })], []);
  const { environment } = run;
  const withServer = (parts: Partial<RunRecord["environment"]["server"]>): RunRecord => ({
    ...run,
    environment: { ...environment, server: { ...environment.server, ...parts } },
  });
  const on = (gitCommit: string | null): RunRecord => ({ ...run, environment: { ...environment, gitCommit } });
  const COMMIT = "0123456789".repeat(4);

  it.each([
    ["provider", withServer({ provider: "docker" }), "server's provider embedded, now docker"],
    ["encryption", withServer({ tls: "required" }), "encryption of the connection none, now required"],
    ["isolation", withServer({ isolation: "READ-COMMITTED" }), "isolation REPEATABLE-READ, now READ-COMMITTED"],
    ["a variable", withServer({ variables: { sync_binlog: "0", unknown_one: "1" } }), "sync_binlog 1, now 0"],
    ["version", withServer({ version: "8.4.0" }), "server version 9.7.4, now 8.4.0"],
    ["durability", withServer({ durability: "relaxed" }), "durability full, now relaxed"],
    [
      "data",
      { ...run, dataset: { ...run.dataset, contentHash: "other" } },
      "content hash of the data 0123456789abcdef0123, now other",
    ],
  ])("are refused where they differ, with both values: %s", (_what, now, said) => {
    expect(() => requireSameConditions(run, now, "out")).toThrow(
      expect.objectContaining({
        code: "RESUME_MISMATCH",
        exitCode: 1,
        message: `cannot continue out under other conditions: ${said}`,
        fix: expect.stringMatching(/start a new run.*bench report out/),
      }),
    );
  });

  it("are taken for the same where nothing differs, or where one of the two could not be known", () => {
    expect(requireSameConditions(run, run, "out")).toEqual([]);
    expect(requireSameConditions(run, withServer({ isolation: null, variables: {} }), "out")).toEqual([]);
    expect(requireSameConditions(run, on(null), "out")).toEqual([]);
  });

  it("are noted where the commit alone is another, and the note is read as one of the run's, once", async () => {
    const notes = requireSameConditions(run, on(COMMIT), "out");
    expect(notes).toEqual(["The run started on commit abcdef0123 and continued on 0123456789: its code may have changed."]);
    const file = join(root, "noted.jsonl");
    const resumed = { type: "resumed", resumedAt: "2026-11-01T11:00:00.000Z" };
    for (const record of [run, { ...resumed, notes }, resumed, { ...resumed, notes }]) await appendRecord(file, record);
    expect(await readRecords(file)).toMatchObject({ run: { notes: [...run.notes, ...notes] }, resumptions: 3 });
  });
});
