/** The hook that a measuring process loads for another version of a library. */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { PACKAGES_VARIABLE, type MovedPackages } from "../../harness/packages/hook.ts";
import { execute } from "../examples/project.ts";

const HOOK = new URL("../../harness/packages/hook.ts", import.meta.url);
const PROJECT_URL = import.meta.url;

it.each([
  ["an ES module", "index.mjs", 'export { createPool } from "mysql2"; import "mysql2/promise";', false],
  ["a CommonJS module", "index.cjs", 'exports.createPool = require("mysql2").createPool; require("mysql2/promise");', false],
  ["an ES module in a linked cache folder", "index.mjs", 'export { createPool } from "mysql2"; import "mysql2/promise";', true],
])("gives the driver of the project to a library without one: %s", async (_, main, code, isLinked) => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "bench-hook-")));
  try {
    const library = join(folder, "node_modules/without-driver");
    await mkdir(library, { recursive: true });
    await writeFile(join(library, "package.json"), JSON.stringify({ name: "without-driver", version: "1.0.0", main }));
    await writeFile(join(library, main), code);
    const link = join(folder, "link");
    await symlink(folder, link);
    const moved: MovedPackages = {
      packages: ["without-driver"],
      lookupUrl: pathToFileURL(join(isLinked ? link : folder, "package.json")).href,
      projectUrl: PROJECT_URL,
      generated: null,
    };
    const program = 'import * as library from "without-driver"; process.stdout.write(typeof library.createPool);';
    const options = { cwd: fileURLToPath(new URL(".", PROJECT_URL)), env: { [PACKAGES_VARIABLE]: JSON.stringify(moved) } };
    const args = ["--import", HOOK.href, "--input-type=module", "--eval", program];
    expect(await execute(process.execPath, args, options)).toEqual({ code: 0, stdout: "function", stderr: "" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
