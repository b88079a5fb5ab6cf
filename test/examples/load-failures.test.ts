/** Plug-ins that Node cannot load from an installed package: each fix that bench names makes the plug-in load. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finished } from "../support/bench.ts";
import { isFull } from "../support/full.ts";
import { copyPackage, openProject, REPOSITORY, type Project } from "./project.ts";

type Files = Readonly<Record<string, string>>;

interface Case {
  /** the plug-in */
  readonly file: string;
  readonly files: Files;
  /** what the error and its fix say */
  readonly said: RegExp;
  /** the fix, carried out */
  readonly fixed: Files;
  /** the plug-in after the fix; absent: the same file */
  readonly fixedFile?: string;
}

const strategy = (id: string): string =>
  `export const strategy = { id: "${id}", summary: "s", requires: [], usesChunks: false, splitsByUsers: true, run: async () => {} };\n`;
const helped = (id: string, from: string): string => `import { helper } from "${from}";\nhelper();\n${strategy(id)}`;
const HELPER = "export const helper = (): void => {};\n";

const CASES: Readonly<Record<string, Case>> = {
  "an import without its extension": {
    file: "bare.ts",
    files: { "bare.ts": helped("bare", "./bare-helper"), "bare-helper.ts": HELPER },
    said: /whole name in \.\/bare\.ts.* from "\.\/bare-helper\.ts"/,
    fixed: { "bare.ts": helped("bare", "./bare-helper.ts") },
  },
  "an import of a .js file that is a .ts file": {
    file: "js.ts",
    files: { "js.ts": helped("js", "./js-helper.js"), "js-helper.ts": HELPER },
    said: /from "\.\/js-helper\.ts"/,
    fixed: { "js.ts": helped("js", "./js-helper.ts") },
  },
  "an import of a folder": {
    file: "folder.ts",
    files: { "folder.ts": helped("folder", "./folder-helper"), "folder-helper/index.ts": HELPER },
    said: /from "\.\/folder-helper\/index\.ts"/,
    fixed: { "folder.ts": helped("folder", "./folder-helper/index.ts") },
  },
  "a path alias of tsconfig.json": {
    file: "alias.ts",
    files: { "alias.ts": helped("alias", "@/alias-helper"), "alias-helper.ts": HELPER },
    said: /import @\/alias-helper by a relative path/,
    fixed: { "alias.ts": helped("alias", "./alias-helper.ts") },
  },
  "a package that is not installed": {
    file: "package.ts",
    files: { "package.ts": helped("package", "not-there") },
    said: /run `npm install not-there` in /,
    fixed: {
      "node_modules/not-there/package.json": '{ "name": "not-there", "type": "module", "exports": "./index.js" }',
      "node_modules/not-there/index.js": "export const helper = () => {};\n",
    },
  },
  "a type that is imported as a value": {
    file: "type.ts",
    files: {
      "type.ts": `import { Strategy } from "orm-shootout/plugin";\n${strategy("type").replace("strategy", "strategy: Strategy")}`,
    },
    said: /import \{ type Strategy \} from "orm-shootout\/plugin"/,
    fixed: {
      "type.ts": `import { type Strategy } from "orm-shootout/plugin";\n${strategy("type").replace("strategy", "strategy: Strategy")}`,
    },
  },
  "an enum": {
    file: "enum.ts",
    files: { "enum.ts": `enum Size { Small = 1 }\n${strategy("enum")}` },
    said: /replace enums, namespaces and parameter properties/,
    fixed: { "enum.ts": `const Size = { Small: 1 } as const;\n${strategy("enum")}` },
  },
  "a package of CommonJS": {
    file: "cjs/ours.ts",
    files: { "cjs/package.json": '{ "type": "commonjs" }', "cjs/ours.ts": helped("cjs", "./h.mts"), "cjs/h.mts": HELPER },
    said: /rename the file to \.\/cjs\/ours\.mts/,
    fixed: { "cjs/ours.mts": helped("cjs", "./h.mts") },
    fixedFile: "cjs/ours.mts",
  },
  "a file below node_modules": {
    file: "node_modules/shared/ours.ts",
    files: { "node_modules/shared/package.json": '{ "type": "module" }', "node_modules/shared/ours.ts": strategy("shared") },
    said: /compile \.\/node_modules\/shared\/ours\.ts to JavaScript/,
    fixed: { "node_modules/shared/ours.js": strategy("shared") },
    fixedFile: "node_modules/shared/ours.js",
  },
  "an import of another file of orm-shootout": {
    file: "deep.ts",
    files: { "deep.ts": `import { begin } from "orm-shootout/strategies/steps.ts";\nvoid begin;\n${strategy("deep")}` },
    said: /import from "orm-shootout\/plugin"/,
    fixed: { "deep.ts": `import { begin } from "orm-shootout/plugin";\nvoid begin;\n${strategy("deep")}` },
  },
  "a file that throws": {
    file: "throws.ts",
    files: { "throws.ts": `${strategy("throws")}\nthrow new Error("no luck");\n` },
    said: /no luck\ncorrect line 3 of \.\/throws\.ts/,
    fixed: { "throws.ts": strategy("throws") },
  },
  "a syntax error": {
    file: "syntax.ts",
    files: { "syntax.ts": `${strategy("syntax")}const a = ;\n` },
    said: /\ncorrect (line 2 of )?\.\/syntax\.ts/,
    fixed: { "syntax.ts": strategy("syntax") },
  },
};

/** Loads each plug-in as bench does, and prints a line of JSON for each: the error with its fix, or null. */
const LOADER = `import { findPlugIn } from "./node_modules/orm-shootout/harness/registry.ts";
for (const file of process.argv.slice(2)) {
  const failure = await findPlugIn("strategy", file).then(() => null, ({ code, message, fix }) => ({ code, said: message + "\\n" + fix }));
  console.log(JSON.stringify(failure));
}`;

/** Loads all plug-ins in one process, as bench loads those of another tree, and prints the indexes of those that load. */
const TOGETHER = `import { pathToFileURL } from "node:url";
import { describeAll } from "./node_modules/orm-shootout/harness/described/plug-in.ts";
import { TREE_URL } from "./node_modules/orm-shootout/harness/registry.ts";
const urls = process.argv.slice(2).map((file) => pathToFileURL(file).href);
console.log(JSON.stringify((await describeAll("strategy", urls, TREE_URL)).map(({ url }) => urls.indexOf(url))));`;

interface LoadFailure {
  readonly code: string;
  readonly said: string;
}

describe("a plug-in that Node cannot load from an installed package", () => {
  let project: Project;
  const write = async (files: Files, folder = project.folder): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  };
  const start = (script: string, files: readonly string[]): Promise<Finished> =>
    project.node("--import", "./node_modules/orm-shootout/bin/strip-types.mjs", script, ...files.map((file) => `./${file}`));
  async function loadAll(files: readonly string[]): Promise<(LoadFailure | null)[]> {
    const { stdout, stderr } = await start("loader.mjs", files);
    const lines = stdout.trim().split("\n");
    expect(lines, stderr).toHaveLength(files.length);
    return lines.map((line) => JSON.parse(line) as LoadFailure | null);
  }
  /** @returns the files that load, and what the process printed about another one */
  async function loadTogether(files: readonly string[]): Promise<{ loaded: ReadonlySet<string>; stderr: string }> {
    const { stdout, stderr } = await start("together.mjs", files);
    const indexes = stdout === "" ? [] : (JSON.parse(stdout) as number[]);
    return { loaded: new Set(indexes.map((index) => files[index] ?? "")), stderr };
  }
  const show = (file: string, launcher = "node_modules/orm-shootout/bin/bench.cjs"): Promise<Finished> =>
    project.node(launcher, "show", file, "--orm", "mysql2", "--technique");

  const cases = Object.entries(CASES);
  let failures: (LoadFailure | null)[];
  let afterFix: Awaited<ReturnType<typeof loadTogether>>;
  beforeAll(async () => {
    project = await openProject();
    await copyPackage(project);
    await write({ "loader.mjs": LOADER, "together.mjs": TOGETHER });
    for (const [, { files }] of cases) await write(files);
    failures = await loadAll(cases.map(([, { file }]) => file));
    for (const [, { fixed }] of cases) await write(fixed);
    const code = strategy("required").replace("export const strategy =", "exports.strategy =");
    await write({ "required.cjs": `const { begin } = require("orm-shootout/plugin");\nvoid begin;\n${code}` });
    afterFix = await loadTogether([...cases.map(([, { file, fixedFile }]) => fixedFile ?? file), "required.cjs"]);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  it.each(cases.map(([what, { said, file, fixedFile = file }], index) => ({ what, said, fixedFile, index })))(
    "loads after the fix that bench names: $what",
    ({ said, fixedFile, index }) => {
      expect(failures[index]).toMatchObject({ code: "PLUGIN_INVALID", said: expect.stringMatching(said) });
      expect(afterFix.loaded, afterFix.stderr).toContain(fixedFile);
    },
  );

  it.runIf(isFull)("loads in a project that has the package, if it lay outside of one", async () => {
    const outside = await mkdtemp(join(tmpdir(), "bench-outside-"));
    const code = `import { begin } from "orm-shootout/plugin";\nvoid begin;\n${strategy("outside")}`;
    await write({ "outside.ts": code }, outside);
    const failed = await show(join(outside, "outside.ts"));
    await rm(outside, { recursive: true });
    expect(failed).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/move the file into a project that has orm-shootout/),
    });
    await write({ "outside.ts": code });
    expect(await loadAll(["outside.ts"])).toEqual([null]);
  });

  it.runIf(isFull)("loads with the bench of its project, if another bench started", async () => {
    await write({ "other.ts": `import { begin } from "orm-shootout/plugin";\nvoid begin;\n${strategy("other")}` });
    const failed = await show("./other.ts", join(REPOSITORY, "bin/bench.cjs"));
    expect(failed.code).toBe(2);
    expect(failed.stderr).toContain(`cd ${project.folder} && npx bench`);
    expect(await show("./other.ts")).toMatchObject({ code: 0, stderr: "" });
  });

  it("may be CommonJS, which requires orm-shootout/plugin", () => {
    expect(afterFix.loaded, afterFix.stderr).toContain("required.cjs");
  });
});
