import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageVersion } from "../../lib/installed-package.ts";
import { readRecords, type RunResults } from "../../harness/results/records.ts";
import { targetUrl } from "../../lib/target.ts";
import type { Finished } from "../support/bench.ts";
import { isFull, variants } from "../support/full.ts";
import { benchInProcess } from "../support/in-process.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { EXAMPLE, openProject, REPOSITORY, type Project } from "./project.ts";

interface Manifest {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const readManifest = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;

describe("a project with its own plug-ins", () => {
  let runs: TestRuns;
  let project: Project;
  let manifest: Manifest;
  beforeAll(async () => {
    runs = await openTestRuns("examples");
    project = await openProject();
    manifest = await readManifest(project.folder);
    // Links only the packages that the manifest names.
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) await project.link(name);
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await runs[Symbol.asyncDispose]();
  });
  const bench = (line: string, ...args: string[]): Promise<Finished> =>
    project.node("node_modules/orm-shootout/bin/bench.cjs", ...line.split(" "), ...args);

  // test/examples/installed.test.ts checks the same files with the installed package
  it.runIf(isFull)("passes the type check with its own settings", async () => {
    const checked = await project.node("node_modules/typescript/bin/tsc", "--noEmit", "-p", ".");
    expect(checked).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it.runIf(isFull)("plans the cells of its script, and of every plug-in in the folder", async () => {
    const [program, line = ""] = manifest.scripts["bench"]?.split(/ (.*)/) ?? [];
    expect(program).toBe("bench");
    expect(await bench(line, "--dry-run")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^4 cells/) });
    const { code, stdout } = await bench("run ./bulk-inserts.ts --orm ./kysely.ts,./mysql2-text.ts --dry-run");
    expect(code).toBe(0);
    expect(stdout).toMatch(/bulk-inserts\/my-kysely\/identity.* builder/);
    expect(stdout).toMatch(/bulk-inserts\/mysql2-text\/identity.* raw-sql/);
  });

  it.runIf(isFull)("produces the number of verified samples and statements in its README", async () => {
    const [, line = ""] = manifest.scripts["bench"]?.split(/ (.*)/) ?? [];
    const readme = await readFile(join(EXAMPLE, "README.md"), "utf8");
    const [, options = ""] = /^\$ npm run bench -- (.*)$/m.exec(readme) ?? [];
    const out = join(runs.folder, "script");
    const args = [...options.split(" "), "--db", targetUrl(runs.target), "--yes", "--out", out];
    const { code, stdout, stderr } = await bench(line, ...args);
    expect(code, stderr).toBe(0);
    const [, verified = "?"] = /`(\d of \d samples verified)`/.exec(readme) ?? [];
    expect(stdout).toContain(verified);
    const { samples } = await readRecords(join(out, "records.jsonl"));
    const [, upsert, chunked] = /`my-upsert` takes (\d+) statements and `chunked` (\d+)/.exec(readme) ?? [];
    const statements = samples.map(({ cell, statements }) => `${cell.strategy}/${cell.orm}: ${statements}`);
    expect(statements.toSorted()).toEqual([
      `chunked/my-kysely: ${chunked}`,
      `chunked/mysql2: ${chunked}`,
      `my-upsert/my-kysely: ${upsert}`,
      `my-upsert/mysql2: ${upsert}`,
    ]);
  });

  it.runIf(isFull)("runs a native variant beside its own ORM instead of the general code", async () => {
    await mkdir(join(project.folder, "own"));
    const files = {
      "index.ts": 'import { orm as kysely } from "../kysely.ts"; export const orm = { ...kysely, id: "kysely-own" };',
      "chunked.ts":
        'import { strategy } from "../upsert.ts"; export const nativeVariant = { api: "raw-sql", summary: "upserts", run: strategy.run };',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(project.folder, "own", name), text);
    const out = join(runs.folder, "own");
    const line = "run chunked ./upsert.ts --orm ./own,./kysely.ts --scale 0.005 --rounds 1";
    const { code, stderr } = await bench(line, "--db", targetUrl(runs.target), "--yes", "--out", out);
    expect(code, stderr).toBe(0);
    const { samples } = await readRecords(join(out, "records.jsonl"));
    const sampleOf = (strategy: string, orm: string) =>
      samples.find(({ cell }) => cell.strategy === strategy && cell.orm === orm);
    const own = sampleOf("chunked", "kysely-own");
    expect(own).toMatchObject({ status: "ok", verified: true, cell: { api: "raw-sql", code: "chunked.ts" } });
    expect(own?.statements).toBe(sampleOf("my-upsert", "my-kysely")?.statements);
    expect(own?.statements).not.toBe(sampleOf("chunked", "my-kysely")?.statements);
  });

  describe("in a run", () => {
    // the script above runs the library of the package too, and test/examples/installed.test.ts runs bulk-inserts.ts
    const orms = isFull ? "./kysely.ts,./mysql2-text.ts,mysql2" : "./kysely.ts,./mysql2-text.ts";
    const own = isFull ? "./upsert.ts ./bulk-inserts.ts" : "./upsert.ts";
    const measured = isFull ? 10 : 4;
    let ran: Finished;
    let text: string;
    let results: RunResults;
    beforeAll(async () => {
      const out = join(runs.folder, "own-plugins");
      const line = `run ${own} chunked set-based --orm ${orms} --scale 0.002 --rounds 1 --chunk 25`;
      ran = await bench(line, "--db", targetUrl(runs.target), "--yes", "--out", out);
      text = await readFile(join(out, "records.jsonl"), "utf8");
      results = await readRecords(join(out, "records.jsonl"));
    });

    it("verifies every sample with the same oracle", () => {
      expect(ran.stdout).toContain(`${measured} of ${measured} samples verified`);
      expect(ran.code).toBe(0);
      const samples = results.samples.filter(({ status }) => status !== "skipped");
      expect(samples).toHaveLength(measured);
      for (const sample of samples) expect(sample, sample.cell.id).toMatchObject({ status: "ok", verified: true });
      expect(new Set(samples.map(({ rowsWritten }) => rowsWritten)).size).toBe(1);
    });

    it("skips a cell that a library cannot run, and prints the reason", () => {
      const skipped = results.samples.filter(({ status }) => status === "skipped");
      expect(skipped.map(({ cell, reason }) => `${cell.orm}: ${reason}`).toSorted()).toEqual([
        "my-kysely: my-kysely offers no server-side",
        "mysql2-text: mysql2-text offers no server-side",
      ]);
      expect(ran.stdout).toContain("my-kysely offers no server-side");
    });

    it("records the versions of libraries and the names of files, and no path of this machine", () => {
      const upsert = results.samples.find(({ cell }) => cell.strategy === "my-upsert" && cell.orm === "my-kysely");
      expect(upsert).toMatchObject({ ormVersion: manifest.dependencies["kysely"], cell: { code: "upsert.ts" } });
      expect(results.run.environment.versions).toMatchObject({
        kysely: manifest.dependencies["kysely"],
        mysql2: manifest.dependencies["mysql2"],
      });
      for (const folder of [project.folder, runs.folder, REPOSITORY]) expect(text + ran.stdout).not.toContain(folder);
    });

    it("needs fewer statements for upserts than for updates", () => {
      const ordered = results.samples
        .filter(({ cell, status }) => cell.orm === "my-kysely" && status === "ok")
        .toSorted((a, b) => (a.statements ?? 0) - (b.statements ?? 0));
      expect(ordered.map(({ cell }) => cell.strategy)).toEqual(["my-upsert", "chunked", ...(isFull ? ["bulk-inserts"] : [])]);
    });
  });

  const MISMATCHES: readonly (readonly [wrong: string, said: RegExp])[] = [
    ["run: undefined", /strategy\.run is wrong: expected a function/],
    ["requires: 'raw-sql'", /strategy\.requires is wrong: expected a value of the type array/],
    ["id: 'my way'", /strategy\.id is wrong: expected letters, digits, - and _/],
    ["id: 'chunked'", /the strategy "chunked" already exists/],
  ];
  it.each(variants(MISMATCHES, ([wrong]) => wrong.startsWith("id")))(
    "refuses a strategy that does not match the interface: %s",
    async (wrong, said) => {
      const code = `import { strategy as right } from "./upsert.ts"; export const strategy = { ...right, ${wrong} };`;
      await writeFile(join(project.folder, "wrong.ts"), code);
      const file = join(project.folder, "wrong.ts");
      const { code: exitCode, stderr } = await benchInProcess(["run", file, "--orm", "mysql2", "--dry-run"]);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/PLUGIN_INVALID: .*\/wrong\.ts: /);
      expect(stderr).toMatch(said);
    },
  );

  it.runIf(isFull)("loads index.ts for the folder of an ORM", async () => {
    await mkdir(join(project.folder, "library"));
    await writeFile(join(project.folder, "library/index.ts"), 'export { orm } from "../kysely.ts";');
    expect(await bench("run ./upsert.ts --orm ./library --dry-run")).toMatchObject({ code: 0 });
    expect(await bench("run ./upsert.ts --orm ./library/no --dry-run")).toMatchObject({ code: 2 });
  });

  it("finds the version of a library from the folder of the plug-in", async () => {
    const plugIn = new URL(`file://${project.folder}/kysely.ts`).href;
    expect(await packageVersion("kysely", plugIn)).toBe(manifest.dependencies["kysely"]);
    expect(await packageVersion("drizzle-orm", plugIn)).toBeNull();
    expect(await packageVersion("drizzle-orm")).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe("the documentation", () => {
  it("shows only code of the example, which the tests run", async () => {
    const names = (await readdir(EXAMPLE)).filter((name) => name.endsWith(".ts"));
    const files = await Promise.all(names.map((name) => readFile(join(EXAMPLE, name), "utf8")));
    const contributing = await readFile(join(REPOSITORY, "CONTRIBUTING.md"), "utf8");
    const plugin = (await readFile(join(REPOSITORY, "plugin.ts"), "utf8")).replaceAll(/^ \* ?/gm, "");
    const blocks = [contributing, plugin].flatMap((text) =>
      [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code),
    );
    expect(blocks.length).toBeGreaterThanOrEqual(3);
    for (const block of blocks)
      expect(
        files.filter((file) => file.includes(block ?? "?")),
        block,
      ).toHaveLength(1);
  });

  it("pins the same versions in the example as the repository uses", async () => {
    const manifest = await readManifest(EXAMPLE);
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
      if (name !== "orm-shootout") expect(await packageVersion(name), name).toBe(version);
  });
});
