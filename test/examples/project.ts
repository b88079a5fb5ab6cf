/** The example as a separate project: a copy outside the repository, with the packages that its manifest names. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from "node:fs/promises";
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

/** The machine's own npm: inside `npm test` the pinned Node comes first on PATH, and npm belongs to another Node. */
const NPM_ENV = {
  PATH: `/usr/bin:/bin:/usr/local/bin:${process.env["PATH"] ?? ""}`,
  npm_config_update_notifier: "false",
  npm_config_offline: "true",
};

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs the repository into a folder, as a release does. */
async function pack(folder: string): Promise<Packed> {
  const { stdout } = await execute("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: REPOSITORY,
    env: NPM_ENV,
  });
  // `npm pack --json` prints an array, or in newer versions of npm an object by package name.
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  if (packed === undefined) throw new Error(`npm pack printed ${stdout}`);
  return packed;
}

export interface Installed {
  readonly packed: Packed;
  readonly version: string;
  /** what npm installs with the package */
  readonly dependencies: readonly string[];
}

interface Manifest {
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifestIn = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;

/** Copies the files that the package lists into a project, with links to its dependencies: for tests that do not check its content. */
export async function copyPackage(project: Project): Promise<void> {
  const place = join(project.folder, "node_modules/orm-shootout");
  const { files, dependencies } = await manifestIn(REPOSITORY);
  const isLeftOut = (file: string): boolean => /\/\.?generat(ed|ing-\w+)$/.test(file);
  for (const name of ["package.json", ...files.filter((pattern) => !pattern.startsWith("!"))])
    await cp(join(REPOSITORY, name), join(place, name), { recursive: true, filter: (file) => !isLeftOut(file) });
  for (const name of Object.keys(dependencies)) await project.link(name);
}

/** Installs the package by copy, with its dependencies and no library. */
export async function installPackage(project: Project): Promise<Installed> {
  const packed = await pack(project.folder);
  const place = join(project.folder, "node_modules/orm-shootout");
  await mkdir(place, { recursive: true });
  const archive = join(project.folder, packed.filename);
  const unpacked = await execute("tar", ["-xzf", archive, "--strip-components=1", "-C", place], { cwd: project.folder });
  if (unpacked.code !== 0) throw new Error(unpacked.stderr);
  const manifest = await manifestIn(place);
  const dependencies = Object.keys(manifest.dependencies);
  for (const name of dependencies) await project.link(name);
  return { packed, version: manifest.version, dependencies };
}
