/** Files that no `tsconfig.json` covers are never type-checked. Rules of `consistency/`, loaded by URL, once were such files. */
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { execute } from "../examples/project.ts";
import { PROJECT } from "../support/trees.ts";

const tracked = async (pattern: string): Promise<string[]> => {
  const { stdout } = await execute("git", ["ls-files", "--cached", "--others", "--exclude-standard", pattern], { cwd: PROJECT });
  return stdout.split("\n").filter((line) => line !== "");
};

/** The files that the patterns of a configuration select. To follow their imports took 12 s of processor time. */
const checkedBy = async (config: string): Promise<string[]> => {
  const tsc = join(PROJECT, "node_modules/typescript/bin/tsc");
  const { stdout } = await execute(process.execPath, [tsc, "--showConfig", "--project", join(PROJECT, config)], { cwd: PROJECT });
  const { files } = JSON.parse(stdout) as { files: string[] };
  return files.map((file) => relative(PROJECT, join(PROJECT, dirname(config), file)));
};

describe("tsconfig.json", () => {
  it("covers every file with TypeScript, outside of examples that have their own", async () => {
    const checked = new Set((await Promise.all((await tracked("*tsconfig.json")).map(checkedBy))).flat());
    const files = await tracked("*.ts");
    expect(files.length).toBeGreaterThan(400);
    expect(files.filter((file) => !checked.has(file))).toEqual([]);
  });

  it("is checked by the pinned TypeScript, although dependency-cruiser brings an older tsc", async () => {
    const { scripts, devDependencies } = JSON.parse(await readFile(join(PROJECT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    const command = scripts["types:check"]?.split(" ") ?? [];
    const { stdout } = await execute(process.execPath, [...command.slice(1, 2), "--version"], { cwd: PROJECT });
    expect(stdout.trim()).toBe(`Version ${devDependencies["typescript"]}`);
  });
});
