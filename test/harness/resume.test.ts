/** The resume of an interrupted run: its command, and the conditions that must not change. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parseDatabaseSelector } from "../../harness/database/index.ts";
import { startAgain } from "../../harness/run/output-folder.ts";
import { planCells } from "../../harness/plan/cells.ts";
import { appendRecord } from "../../harness/results/record-file.ts";
import { readRecords, RECORDS_FILE, type RunRecord } from "../../harness/results/records.ts";
import { requireSameConditions } from "../../harness/run/resume.ts";
import { resumeCommand } from "../../harness/run/resume-command.ts";
import { BIN } from "../support/bench.ts";
import { recordedCell, recordedRun } from "../support/records.ts";

const OWN = fileURLToPath(new URL("../plugins/does-nothing.ts", import.meta.url));
const SERVER = parseDatabaseSelector({ db: "mysql://me:secret@db/shop?ssl-mode=REQUIRED" });
const ON_SERVER = "--db 'mysql://me@db:3306/shop\\?ssl-mode=REQUIRED'";
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

describe("the command that resumes a run", () => {
  it("quotes the folder and the user's plug-ins so that a shell and bench accept them", async () => {
    const cells = await planCells([group([OWN, "chunked"])]);
    const command = resumeCommand(folder, cells, SERVER) ?? "";
    expect(command).toMatch(new RegExp(`^bench run --resume '\\S*one run' \\S*does-nothing\\.ts ${ON_SERVER}$`));

    const { run } = recordedRun(
      cells.map(({ cell }) => recordedCell(cell)),
      [],
      { rounds: 2 },
    );
    await writeFile(join(folder, RECORDS_FILE), `${JSON.stringify(run)}\n`);
    const script = `bench() { "$0" ${BIN} "$@"; }; ${command} --dry-run`;
    const { stdout } = await promisify(execFile)("bash", ["-c", script, process.execPath], {
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    expect(stdout).toMatch(/^2 cells x 2 rounds/);
  });

  it("names the user's own library exactly once", async () => {
    const own = await planCells([group(["chunked", "naive"])]);
    const cells = own.map((cell) => ({ ...cell, paths: { strategy: null, orm: "./my orm.ts" } }));
    expect(resumeCommand("out", cells, { kind: "auto" })).toBe("bench run --resume out --orm './my orm.ts'");
  });

  it("starts with npx when npx started bench", async () => {
    vi.stubEnv("npm_command", "exec");
    expect(resumeCommand("out", await planCells([group(["chunked"])]), { kind: "managed", provider: "docker" })).toBe(
      "npx bench run --resume out --db docker",
    );
  });

  it("is null for the sides of a gate, and for a build that the records cannot locate", async () => {
    const [planned] = await planCells([group(["chunked"])]);
    if (planned === undefined) throw new Error("no cell");
    expect(resumeCommand("out", [{ ...planned, cell: { ...planned.cell, side: "base" } }], SERVER)).toBeNull();
    expect(resumeCommand("out", [{ ...planned, cell: { ...planned.cell, version: "file.0123abcd" } }], SERVER)).toBeNull();
  });
});

describe("a run that cannot resume", () => {
  it("restarts with the same command, and with another folder when the named folder contains results", async () => {
    await writeFile(join(folder, RECORDS_FILE), "{}\n");
    expect(startAgain(undefined)).toBe("run the same command to start again");
    expect(startAgain(join(root, "nowhere"))).toBe("run the same command to start again");
    expect(startAgain(folder)).toMatch(/^run the same command with another --out: .*one run keeps the finished samples$/);
  });
});

describe("the conditions of a resumed run", () => {
  const ownPlugIn = (sha256: string): RunRecord["plugIns"][number] => ({
    kind: "strategy",
    id: "mine",
    file: "mine.ts",
    sha256,
    imports: null,
    packages: [],
  });
  const { run } = recordedRun([recordedCell({ strategy: "chunked", orm: "mysql2" })], [], {
    plugIns: [ownPlugIn("a".repeat(64))],
  });
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
      "the content of one's own plug-in",
      { ...run, plugIns: [ownPlugIn("b".repeat(64))] },
      "content of the strategy mine (mine.ts) aaaaaaaaaa, now bbbbbbbbbb",
    ],
    [
      "data",
      { ...run, dataset: { ...run.dataset, contentHash: "other" } },
      "content hash of the data 0123456789abcdef0123, now other",
    ],
  ])("are rejected with both values when they differ: %s", (_what, now, said) => {
    expect(() => requireSameConditions(run, now, "out")).toThrow(
      expect.objectContaining({
        code: "RESUME_MISMATCH",
        exitCode: 1,
        message: `cannot continue out under other conditions: ${said}`,
        fix: expect.stringMatching(/start a new run.*bench report out/),
      }),
    );
  });

  it("count as equal when nothing differs, or when one of the two values is unknown", () => {
    expect(requireSameConditions(run, run, "out")).toEqual([]);
    expect(requireSameConditions(run, withServer({ isolation: null, variables: {} }), "out")).toEqual([]);
    expect(requireSameConditions(run, on(null), "out")).toEqual([]);
  });

  it("add one note to the run when only the commit differs", async () => {
    const notes = requireSameConditions(run, on(COMMIT), "out");
    expect(notes).toEqual(["The run started on commit abcdef0123 and continued on 0123456789: its code may have changed."]);
    const file = join(root, "noted.jsonl");
    const resumed = { type: "resumed", resumedAt: "2026-11-01T11:00:00.000Z" };
    for (const record of [run, { ...resumed, notes }, resumed, { ...resumed, notes }]) await appendRecord(file, record);
    expect(await readRecords(file)).toMatchObject({ run: { notes: [...run.notes, ...notes] }, resumptions: 3 });
  });
});
