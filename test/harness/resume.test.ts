/** Going on with a run that was interrupted: the command for it. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startAgain } from "../../harness/output-folder.ts";
import { planCells } from "../../harness/plan.ts";
import { RECORDS_FILE } from "../../harness/records.ts";
import { resumeCommand } from "../../harness/resume-command.ts";
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
    expect(command).toMatch(/^bench run --resume '\S*one run' \S*does-nothing\.ts \(with --db and the like as before\)$/);

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
    expect(startAgain(undefined)).toBe("the same command starts again");
    expect(startAgain(join(root, "nowhere"))).toBe("the same command starts again");
    expect(startAgain(folder)).toMatch(/^the same command starts again with another --out: .*one run keeps what was finished$/);
  });
});
