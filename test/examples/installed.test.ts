import { mkdir, readdir, readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecords } from "../../harness/results/records.ts";
import { targetUrl } from "../../lib/target.ts";
import type { Finished } from "../support/bench.ts";
import { openTestRuns, type TestRuns } from "../support/run.ts";
import { execute, openProject, REPOSITORY, type Project } from "./project.ts";

/** The machine's own npm: inside `npm test` the pinned Node comes first on PATH, and npm belongs to another Node. */
const NPM_ENV = {
  PATH: `/usr/bin:/bin:/usr/local/bin:${process.env["PATH"] ?? ""}`,
  npm_config_update_notifier: "false",
  npm_config_offline: "true",
};
const CODE_FOLDERS = ["bin", "fixtures", "harness", "lib", "orms", "strategies", "workload"];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

describe("the package, installed by copy", () => {
  let runs: TestRuns;
  let project: Project;
  let packed: Packed;
  let dependencies: string[];
  let version: string;
  beforeAll(async () => {
    runs = await openTestRuns("installed");
    project = await openProject();
    const { stdout } = await execute("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project.folder], {
      cwd: REPOSITORY,
      env: NPM_ENV,
    });
    // `npm pack --json` prints an array, or in newer versions of npm an object by package name.
    [packed] = Object.values(JSON.parse(stdout) as Record<string, Packed>) as [Packed];
    const place = join(project.folder, "node_modules/orm-shootout");
    await mkdir(place, { recursive: true });
    const unpacked = await execute("tar", ["-xzf", join(project.folder, packed.filename), "--strip-components=1", "-C", place], {
      cwd: project.folder,
    });
    expect(unpacked.code, unpacked.stderr).toBe(0);
    const manifest = JSON.parse(await readFile(join(place, "package.json"), "utf8")) as {
      version: string;
      dependencies: Record<string, string>;
    };
    version = manifest.version;
    dependencies = Object.keys(manifest.dependencies);
    for (const name of new Set([...dependencies, "kysely", "@types/node"])) await project.link(name);
  });
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await runs[Symbol.asyncDispose]();
  });
  const bench = (line: string, ...args: string[]): Promise<Finished> =>
    project.node("node_modules/orm-shootout/bin/bench.cjs", ...line.split(" "), ...args);

  it("contains all code, and no generated code, tests or results", async () => {
    const paths = packed.files.map(({ path }) => path);
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

  it("imports no development dependency", async () => {
    const imported = new Set<string>();
    for (const { path } of packed.files.filter(({ path }) => /\.(ts|cjs|mjs)$/.test(path) && !path.startsWith("examples/"))) {
      const text = await readFile(join(REPOSITORY, path), "utf8");
      for (const [, specifier = ""] of text.matchAll(/^(?:import|export)\s[^;]*?from "([^"]+)";|\bimport\("([^"]+)"\)/gm))
        if (specifier !== "" && !/^(\.|node:)/.test(specifier))
          imported.add(specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"));
    }
    expect([...imported].filter((name) => !dependencies.includes(name) && !builtinModules.includes(name))).toEqual([]);
  });

  it("starts below node_modules, where Node strips no types", async () => {
    expect(await bench("list orms")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/mysql2 +raw/) });
    expect(await bench("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("measures plug-ins of the package and of the project, in processes and threads", async () => {
    const out = join(runs.folder, "installed");
    const line = "run ./upsert.ts --orm ./kysely.ts,prisma --workers 1,2 --rounds 1 --scale 0.005";
    const { code, stderr } = await bench(line, "--db", targetUrl(runs.target), "--yes", "--out", out);
    expect(code, stderr).toBe(0);
    const { samples } = await readRecords(join(out, "records.jsonl"));
    expect(samples).toHaveLength(4);
    for (const sample of samples) {
      expect(sample, sample.cell.id).toMatchObject({ status: "ok", verified: true, cell: { code: "upsert.ts" } });
      expect(sample.ormVersion).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it("passes the type check with a project's own settings", async () => {
    const tsc = join(REPOSITORY, "node_modules/typescript/bin/tsc");
    expect(await project.node(tsc, "--noEmit", "-p", ".")).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
