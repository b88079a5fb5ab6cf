import { readdir, readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords } from "../../harness/results/records.ts";
import { targetUrl } from "../../lib/target.ts";
import type { Finished } from "../support/bench.ts";
import { isFull } from "../support/full.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { installPackage, openProject, REPOSITORY, type Installed, type Project } from "./project.ts";

const CODE_FOLDERS = ["bin", "fixtures", "harness", "lib", "orms", "runtime", "strategies", "workload"];
/** The package does not bring these along: the code of a library, and the reference service. */
const WITH_PEERS = /^(orms\/[^/]+\/|api\/)/;
const LIBRARIES = ["@prisma/client", "@prisma/adapter-mariadb", "prisma", "kysely", "@types/node"];

describe("the package, installed by copy", () => {
  let runs: TestRuns;
  let project: Project;
  let installed: Installed;
  beforeAll(async () => {
    runs = await openTestRuns("installed");
    project = await openProject();
    installed = await installPackage(project);
    for (const name of LIBRARIES) await project.link(name);
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await runs[Symbol.asyncDispose]();
  });
  const bench = (line: string, ...args: string[]): Promise<Finished> =>
    project.node("node_modules/orm-shootout/bin/bench.cjs", ...line.split(" "), ...args);

  it("contains all code, and no generated code, tests or results", async () => {
    const paths = installed.packed.files.map(({ path }) => path);
    for (const folder of CODE_FOLDERS) {
      const entries = await readdir(join(REPOSITORY, folder), { recursive: true, withFileTypes: true });
      const code = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(REPOSITORY.length).replaceAll("\\", "/"))
        .filter((path) => !/^orms\/prisma\/\.?generat(ed|ing-\w+)\//.test(path));
      expect(paths.filter((path) => path.startsWith(`${folder}/`)).toSorted()).toEqual(code.toSorted());
    }
    expect(paths).toEqual(expect.arrayContaining(["plugin.ts", "docker-compose.yml", "README.md", "LICENSE", "CHANGELOG.md"]));
    expect(paths.filter((path) => /^(test|results|scripts|node_modules)\/|\/generated\/|(^|\/)\.env$/.test(path))).toEqual([]);
  });

  it("imports only its dependencies, and peers only in the code of a library or of the service", async () => {
    const manifest = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as {
      peerDependencies: Record<string, string>;
    };
    const peers = Object.keys(manifest.peerDependencies);
    const missing: string[] = [];
    const files = installed.packed.files.filter(({ path }) => /\.(ts|cjs|mjs)$/.test(path) && !path.startsWith("examples/"));
    for (const { path } of files) {
      const text = await readFile(join(REPOSITORY, path), "utf8");
      for (const [, specifier = ""] of text.matchAll(
        /^(?:import|export)\s(?!type)[^;]*?from "([^"]+)";|\bimport\("([^"]+)"\)/gm,
      )) {
        const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
        if (/^(\.|node:|$)/.test(specifier) || builtinModules.includes(name)) continue;
        if (installed.dependencies.includes(name) || (WITH_PEERS.test(path) && peers.includes(name))) continue;
        missing.push(`${path}: ${name}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it("starts below node_modules, where Node strips no types", async () => {
    expect(await bench("list orms")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/mysql2 +raw/) });
    expect(await bench("--version")).toEqual({ code: 0, stdout: `${installed.version}\n`, stderr: "" });
  });

  it("contains no runs to recommend from, and says how to get some", async () => {
    expect(await bench("recommend --orm prisma")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/NOTHING_MEASURED: there are no stored runs[^]*recommend --orm prisma --fit/),
    });
  });

  it("measures plug-ins of the package and of the project, in processes and threads", async () => {
    const out = join(runs.folder, "installed");
    // Prisma generates its client first, which takes 10 s of processor time
    const orms = isFull ? ["./kysely.ts", "prisma"] : ["./kysely.ts"];
    const workers = isFull ? [1, 2] : [2];
    const line = `run ./bulk-inserts.ts --orm ${orms.join()} --workers ${workers.join()} --rounds 1 --scale 0.005`;
    const { code, stderr } = await bench(line, "--db", targetUrl(runs.target), "--yes", "--out", out);
    expect(code, stderr).toBe(0);
    const { samples } = await readRecords(join(out, "records.jsonl"));
    expect(samples).toHaveLength(workers.length * orms.length);
    for (const sample of samples) {
      expect(sample, sample.cell.id).toMatchObject({ status: "ok", verified: true, cell: { code: "bulk-inserts.ts" } });
      expect(sample.ormVersion).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it.runIf(isFull)("skips a library that the project has not installed, and names the command that installs it", async () => {
    const out = join(runs.folder, "missing");
    const line = "run chunked --orm mysql2,drizzle,mikro-orm,typeorm --rounds 1 --scale 0.005";
    const { code, stdout, stderr } = await bench(line, "--db", targetUrl(runs.target), "--yes", "--out", out);
    expect(code, stderr).toBe(0);
    const { samples } = await readRecords(join(out, "records.jsonl"));
    const reasons = Object.fromEntries(samples.map(({ cell, status, reason }) => [cell.orm, `${status}: ${reason}`]));
    expect(reasons).toEqual({
      mysql2: "ok: null",
      drizzle: expect.stringMatching(/^skipped: drizzle is not installed: npm install --save-dev drizzle-orm@[\d.]+$/),
      "mikro-orm": expect.stringMatching(
        /^skipped: mikro-orm is not installed: npm install --save-dev @mikro-orm\/core@[\d.]+ @mikro-orm\/mysql@[\d.]+$/,
      ),
      typeorm: expect.stringMatching(
        /^skipped: typeorm is not installed: npm install --save-dev typeorm@[\d.]+ reflect-metadata@[\d.]+$/,
      ),
    });
    expect(stdout).toContain("drizzle is not installed");
    expect((await bench("list orms")).stdout).toMatch(/drizzle .*not installed: npm install --save-dev drizzle-orm@/);
  });

  it("names the packages of the reference service when they are missing, before anything connects", async () => {
    const served = await bench("api serve --db mysql://nobody@127.0.0.1:1/none");
    expect(served).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/PACKAGES_NOT_INSTALLED: .*fastify[^]*fix: run `npm install --save-dev fastify@\d/),
    });
  });

  it("measures the client's work of the libraries that are there", async () => {
    const { code, stdout, stderr } = await bench("micro drizzle keys --time 1ms");
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/bench skips drizzle, which is not installed: npm install/);
    expect(stdout).toMatch(/uuid/);
  });

  it.runIf(isFull)("prints the code of a technique, which a project can measure as its own", async () => {
    const shown = await bench("show naive/prisma --technique");
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toMatch(/--- strategies\/naive\.ts[^]*--- strategies\/row-by-row\.ts/);
    expect((await bench("show chunked/prisma --all")).stdout).toContain("// --- orms/prisma/session.ts");
  });

  it("passes the type check with a project's own settings", async () => {
    const tsc = join(REPOSITORY, "node_modules/typescript/bin/tsc");
    expect(await project.node(tsc, "--noEmit", "-p", ".")).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
