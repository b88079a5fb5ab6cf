import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installAside } from "../../harness/packages/install.ts";
import { findNpm } from "../../harness/packages/npm.ts";
import { packageSet } from "../../harness/packages/package-set.ts";
import { findPlugIn } from "../../harness/registry.ts";
import { parseOrmName } from "../../harness/packages/orm-name.ts";
import { readRecords, type RunResults } from "../../harness/results/records.ts";
import { silentLog } from "../../lib/log.ts";
import { targetUrl } from "../../lib/target.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { isFull } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";

/** A worker thread loads the version by the hook of its process, so two workers stand for one. */
const WORKERS = isFull ? [1, 2] : [2];
const OTHER_VERSION = "3.4.4";
const VERSION_PLUGIN = fileURLToPath(new URL("../plugins/reports-version.ts", import.meta.url));

describe("a library in another version", () => {
  let runs: TestRuns;
  let results: RunResults;
  let out: string;
  const database = (): string[] => ["--db", targetUrl(runs.target), "--yes"];
  beforeAll(async () => {
    runs = await openTestRuns("versions");
    out = join(runs.folder, "versions");
    const data = ["--users", "100", "--orders", "3500", "--chunk", "50", "--rounds", "1", "--workers", WORKERS.join()];
    const { code } = await benchInProcess([
      "run",
      "chunked",
      VERSION_PLUGIN,
      "--orm",
      `mariadb@${OTHER_VERSION},mariadb`,
      ...data,
      ...database(),
      "--out",
      out,
    ]);
    // the plug-in fails each of its samples with the version
    expect(code).toBe(1);
    results = await readRecords(join(out, "records.jsonl"));
  });
  afterAll(() => runs[Symbol.asyncDispose]());

  it("is loaded by the measuring process and its worker threads, beside the installed version", () => {
    const loaded = results.samples
      .filter(({ cell }) => cell.strategy === "reports-version")
      .map(({ cell, ormVersion, reason }) => ({ id: cell.id.split("/")[1], ormVersion, reason }));
    const installed = results.run.environment.versions["mariadb"];
    expect(installed).not.toBe(OTHER_VERSION);
    for (const id of [`mariadb@${OTHER_VERSION}`, "mariadb"]) {
      const version = id === "mariadb" ? installed : OTHER_VERSION;
      const expected = WORKERS.map(() => ({ id, ormVersion: version, reason: `loaded mariadb ${version}` }));
      expect(loaded.filter((sample) => sample.id === id)).toEqual(expected);
    }
  });

  it("has no recorded settings, because those of the library describe the pinned version", () => {
    for (const { version, settings } of results.run.cells) expect(Object.keys(settings).length > 0).toBe(version === null);
  });

  it("does the job, and `bench compare` accepts its cells", async () => {
    expect(results.samples.filter(({ cell, status }) => cell.strategy === "chunked" && status === "ok")).toHaveLength(
      2 * WORKERS.length,
    );
    const filters = ["--base", "orm=mariadb,version=installed", "--candidate", `orm=mariadb@${OTHER_VERSION}`];
    const compared = await benchInProcess(["compare", out, ...filters, "--format", "json"]);
    expect(compared.stderr).toBe("");
    const cellPairs = JSON.parse(compared.stdout) as { candidate: string; statements: { change: string } }[];
    expect(cellPairs.filter(({ candidate }) => candidate.startsWith("chunked"))).toMatchObject(
      WORKERS.map((workers) => ({
        candidate: `chunked/mariadb@${OTHER_VERSION}/identity/chunk=50${workers === 1 ? "" : `/workers=${workers}`}`,
        statements: { change: "same" },
      })),
    );
  });

  it.runIf(isFull)("is installed by `bench reproduce` for a record of that version", async () => {
    const cell = `chunked/mariadb@${OTHER_VERSION}/identity/chunk=50`;
    const record = `${join(out, "records.jsonl")}#${cell}`;
    const folder = join(runs.folder, "again");
    const again = await benchInProcess(["reproduce", record, "--rounds", "1", "--json", ...database(), "--out", folder]);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      cell,
      ratio: expect.any(Number),
      statements: { change: "same" },
      differing: [],
      ormVersion: { recorded: OTHER_VERSION, now: OTHER_VERSION },
    });
  });

  it("is refused by name if it does not exist, and leaves no files", async () => {
    const home = await mkdtemp(join(tmpdir(), "bench-home-"));
    const args = ["run", "chunked", "--orm", "mariadb@0.0.999", ...database(), "--out", join(runs.folder, "absent")];
    const result = await benchInProcess(args, { ORM_SHOOTOUT_HOME: home });
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/PACKAGES_NOT_INSTALLED: npm could not install mariadb@0\.0\.999: .*No matching version/),
    });
    expect(await readdir(join(home, "packages"))).toEqual([]);
    await rm(home, { recursive: true });
  });

  it("is refused by `bench reproduce` if the records do not contain it", async () => {
    const result = await benchInProcess(["reproduce", `${out}#chunked/mariadb@9.9.9/identity/chunk=50`]);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(/UNKNOWN_NAME: no cell of these records/) });
  });
});

describe("a name with a version", () => {
  it.each([
    ["prisma", "prisma", null],
    ["prisma@7.9.1", "prisma", { kind: "exact", version: "7.9.1" }],
    ["prisma@7.9.1-dev.3", "prisma", { kind: "exact", version: "7.9.1-dev.3" }],
    ["drizzle@file:../build", "drizzle", { kind: "file", path: "../build" }],
    ["./my-orm.ts@1.2.3", "./my-orm.ts", { kind: "exact", version: "1.2.3" }],
    ["./@scope/my-orm.ts", "./@scope/my-orm.ts", null],
  ])("is parsed: %s", (text, name, version) => {
    expect(parseOrmName(text)).toEqual({ name, version });
  });
});

describe("an inexact version", () => {
  it.each([
    ["prisma@latest", /"latest" is not exact/],
    ["prisma@^7", /"\^7" is not exact/],
    ["prisma@7.9", /"7\.9" is not exact/],
    ["prisma@", /the version is empty/],
    ["prisma@file:", /"file:" is not exact/],
  ])("is refused: %s", (text, said) => {
    expect(() => parseOrmName(text)).toThrow(said);
  });
});

describe("a concurrent installation", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-once-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const options = { log: silentLog, signal: new AbortController().signal };

  it("happens in one of two callers, and the other finds all files", async () => {
    const place = join(folder, "both");
    let installs = 0;
    const install = async (aside: string): Promise<void> => {
      installs += 1;
      await writeFile(join(aside, "whole"), "");
    };
    await Promise.all([installAside(place, "installing", options, install), installAside(place, "installing", options, install)]);
    expect({ installs, files: await readdir(place) }).toEqual({ installs: 1, files: ["whole"] });
  });

  it("leaves nothing behind after a failure, and can be repeated", async () => {
    const place = join(folder, "fails");
    const failing = installAside(place, "installing", options, () => Promise.reject(new Error("disk full")));
    await expect(failing).rejects.toThrow(/installing failed: disk full/);
    expect((await readdir(folder)).filter((name) => name.startsWith("fails"))).toEqual([]);
    await installAside(place, "installing", options, () => Promise.resolve());
    expect(await readdir(place)).toEqual([]);
  });
});

describe("the machine's npm", () => {
  let folder: string;
  const program = async (...path: string[]): Promise<string> => {
    const file = join(folder, ...path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, "");
    await chmod(file, 0o755);
    return file;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bench-npm-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("is the first on the PATH outside of node_modules, and runs with the Node beside it", async () => {
    await program("project/node_modules/.bin/npm");
    await program("project/node_modules/.bin/node");
    const script = await program("share/npm/bin/npm-cli.js");
    const node = await program("machine/bin/node");
    await symlink(script, join(folder, "machine/bin/npm"));
    const path = [join(folder, "project/node_modules/.bin"), join(folder, "empty"), join(folder, "machine/bin")];
    const found = findNpm(path.join(delimiter));
    expect(found).toMatchObject({ file: node, args: [expect.stringMatching(/npm-cli\.js$/)] });
    expect(found.path).not.toContain("node_modules");
  });

  it("may be an executable, and its absence is an error", async () => {
    const shim = await program("shims/npm");
    expect(findNpm(join(folder, "shims"))).toMatchObject({ file: shim, args: [] });
    expect(() => findNpm(join(folder, "empty"))).toThrow(/PATH has no npm/);
  });
});

it("a build of one of Prisma's packages has the others of the project beside it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-build-"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "@prisma/client", version: "7.99.0" }));
  const { value: orm } = await findPlugIn("orm", "prisma");
  const { packages } = await packageSet(orm, new URL("../../orms/prisma/index.ts", import.meta.url).href, {
    kind: "file",
    path: folder,
  });
  expect(packages["@prisma/client"]).toBe(`file:${folder}`);
  expect(packages).toMatchObject({
    prisma: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    "@prisma/adapter-mariadb": expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
  });
  await rm(folder, { recursive: true });
});
