import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importedFiles } from "../../harness/run/imported-files.ts";

const FILES = {
  "project/package.json": "{}",
  "project/batch.ts": `import { a } from "./a.ts";
    import type { T } from './types.ts';
    import "./effect.ts";
    export * from "./exported.ts";
    import data from "./data.json" with { type: "json" };
    import { strategy } from "orm-shootout/plugin";
    const later = () => import("./later.ts");
    import outside from "../outside.ts";
    import theirs from "./node_modules/theirs/index.js";
    import missing from "./missing.ts";
    export const run = () => import(\`./\${a}.ts\`);`,
  "project/a.ts": `import { b } from "./lib/b.ts"; import "./a.ts?again";`,
  "project/lib/b.ts": `import "../batch.ts"; const c = require('./c');`,
  "project/lib/c/index.cjs": "",
  "project/types.ts": "",
  "project/effect.ts": "",
  "project/exported.ts": "",
  "project/data.json": "{}",
  "project/later.ts": "",
  "project/computed.ts": "",
  "project/unrelated.ts": "",
  "project/node_modules/theirs/index.js": "",
  "outside.ts": "",
  "single/batch.ts": `import "./helper.ts"; import "../outside.ts";`,
  "single/helper.ts": "",
};

describe("the files that a plug-in imports", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "imports-")));
    for (const [name, code] of Object.entries(FILES)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), code);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));
  const importsOf = async (name: keyof typeof FILES): Promise<string[]> =>
    (await importedFiles(join(folder, name))).map((path) => relative(join(folder, dirname(name)), path));

  it("are those of its package, direct and indirect, once each, without packages and computed paths", async () => {
    expect(await importsOf("project/batch.ts")).toEqual([
      "a.ts",
      "data.json",
      "effect.ts",
      "exported.ts",
      "later.ts",
      "lib/b.ts",
      "lib/c/index.cjs",
      "types.ts",
    ]);
  });

  it("are those of its folder when it is in no package", async () => {
    expect(await importsOf("single/batch.ts")).toEqual(["helper.ts"]);
  });
});
