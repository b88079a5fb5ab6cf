/** The example as a separate project: a copy outside the repository, with the packages that its manifest names. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Finished } from "../support/bench.ts";

export const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
export const EXAMPLE = join(REPOSITORY, "examples/own-plugins");

export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** links a package of the repository's node_modules into the project */
  link(name: string): Promise<void>;
  /** runs a script with this Node in the project's folder */
  node(...args: string[]): Promise<Finished>;
}

export async function openProject(): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "bench-project-")));
  await cp(EXAMPLE, folder, {
    recursive: true,
    filter: (file) => !["node_modules", "results"].some((name) => file === join(EXAMPLE, name)),
  });
  return {
    folder,
    async link(name) {
      const place = join(folder, "node_modules", name);
      await mkdir(dirname(place), { recursive: true });
      await symlink(name === "orm-shootout" ? REPOSITORY : join(REPOSITORY, "node_modules", name), place);
    },
    node: (...args) => execute(process.execPath, args, { cwd: folder }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Runs a program and returns its exit code and output. */
export function execute(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Finished> {
  const { promise, resolve } = Promise.withResolvers<Finished>();
  const options = { cwd, env: { ...process.env, NODE_OPTIONS: "", ...env }, maxBuffer: 2 ** 26 };
  const child = execFile(program, args, options, (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }));
  return promise;
}
