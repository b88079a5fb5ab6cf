/** What a gate compares with: cells with other values on some axes, or the same cells in another tree. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { BenchError, messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { parseAxes, type CellFilter } from "../plan/axes.ts";
import { treesFolder } from "../database/home.ts";
import { installAside } from "../packages/install.ts";
import { runNpm } from "../packages/npm.ts";
import { PROTOCOL_VERSION } from "../protocol.ts";
import { TREE_URL } from "../registry.ts";

const run = promisify(execFile);

export type BaseRequest =
  | { readonly kind: "axes"; readonly axes: CellFilter }
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "commit"; readonly ref: string; readonly commit: string; readonly repository: string };

/** Another tree, ready to run: its code and its packages are there. */
export interface BaseTree {
  /** holds no folder of this machine */
  readonly label: string;
  readonly commit: string | null;
  /** of its bench: the tree itself, or the package that is installed in it */
  readonly treeUrl: string;
  /** where a user's own plug-in of this project lies in the other one */
  readonly pathOf: (path: string) => string;
}

const git = async (folder: string, ...args: string[]): Promise<string> =>
  (await run("git", ["-C", folder, ...args])).stdout.trim();

const unusable = (what: string, fix: string, cause?: unknown): BenchError => new BenchError("BASE_UNUSABLE", what, fix, cause);

const WANTED = "--base takes a git ref (main), the folder of a checkout, or axis=value together with --candidate";

/**
 * @param text `--base`: an axis and its value, a folder that exists, else a git ref
 * @throws BenchError BASE_UNUSABLE, BAD_OPTION
 */
export async function parseBase(text: string): Promise<BaseRequest> {
  // a folder's or a branch's name may hold a =, but none begins as an axis does
  if (/^[a-z]+=/.test(text)) return { kind: "axes", axes: parseAxes(text) };
  const folder = resolve(text);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return { kind: "folder", folder };
  if (text.startsWith("-") || text === "") throw unusable(`--base "${text}" names nothing`, WANTED);
  const repository = await git(".", "rev-parse", "--show-toplevel").catch((error: unknown) => {
    throw unusable(`"${text}" is no folder, and there is no git repository here to find it in as a ref`, WANTED, error);
  });
  const commit = await git(repository, "rev-parse", "--verify", "--quiet", `${text}^{commit}`).catch((error: unknown) => {
    throw unusable(
      `"${text}" is neither a folder nor a commit, branch or tag of this repository`,
      "in CI, fetch it first: git fetch --depth=1 origin main, then --base FETCH_HEAD",
      error,
    );
  });
  return { kind: "commit", ref: text, commit, repository };
}

/** The nearest folder upwards with a package.json; own plug-ins are found by their place in it. */
function projectFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) return from;
  }
}

function packageNameIn(folder: string): string | null {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: string }).name ?? null;
  } catch {
    return null;
  }
}

const ownName = (): string => packageNameIn(fileURLToPath(TREE_URL)) ?? "orm-shootout";

/** A checkout of this project, or a project that has it installed. */
function benchFolder(project: string): string | null {
  const installed = join(project, "node_modules", ownName());
  return (
    [project, installed].find((folder) => packageNameIn(folder) === ownName() && existsSync(join(folder, "harness/child.ts"))) ??
    null
  );
}

async function openProject(folder: string, label: string, commit: string | null): Promise<BaseTree> {
  // Node names modules by their real paths
  const project = realpathSync(folder);
  const bench = benchFolder(project);
  if (bench === null)
    throw unusable(
      `${label} holds no ${ownName()}, neither as its own code nor in its node_modules`,
      "name a checkout of it, or of a project that depends on it and has its packages installed (npm ci)",
    );
  const treeUrl = pathToFileURL(join(realpathSync(bench), "/")).href;
  // strips the types of its files, which Node doesn't under node_modules
  if (treeUrl.includes("/node_modules/")) await import(new URL("bin/strip-types.mjs", treeUrl).href);
  const { PROTOCOL_VERSION: spoken } = (await import(new URL("harness/protocol.ts", treeUrl).href).catch(() => ({}))) as {
    PROTOCOL_VERSION?: number;
  };
  if (spoken !== PROTOCOL_VERSION)
    throw new BenchError(
      "PROTOCOL_MISMATCH",
      `the measuring process of ${label} speaks version ${spoken ?? "unknown"} of the protocol, this bench version ${PROTOCOL_VERSION}`,
      "measure both apart, each by its own bench run, and look at: bench compare BASE_DIR HEAD_DIR (advisory)",
    );
  const here = projectFolder(process.cwd());
  return {
    label,
    commit,
    treeUrl,
    pathOf: (path) => {
      const inside = relative(here, resolve(path));
      // what lies outside of the project is the same for both
      return inside.startsWith("..") ? path : join(project, inside);
    },
  };
}

/**
 * The code of a commit with its packages, below the cache: made once for each commit.
 * @throws BenchError BASE_UNUSABLE, PACKAGES_NOT_INSTALLED, PROTOCOL_MISMATCH
 */
export async function openBaseTree(
  base: Exclude<BaseRequest, { kind: "axes" }>,
  options: { readonly log: Log; readonly signal: AbortSignal },
): Promise<BaseTree> {
  if (base.kind === "folder") {
    const label = basename(base.folder);
    if (benchFolder(base.folder) !== null && !existsSync(join(base.folder, "node_modules")))
      throw unusable(`${label} has no packages installed`, "run npm ci in it first; a git ref is installed by itself");
    const commit = await git(base.folder, "rev-parse", "HEAD").catch(() => null);
    return openProject(base.folder, label, commit);
  }
  const { commit, ref, repository } = base;
  const short = commit.slice(0, 10);
  const label = ref === commit ? short : `${ref} (${short})`;
  const tree = join(treesFolder(), commit);
  const inside = relative(repository, projectFolder(process.cwd()));
  const project = join(tree, inside.startsWith("..") ? "." : inside);
  await installAside(tree, `installing the packages of ${label}`, options, async (aside) => {
    const archive = join(aside, ".tree.tar");
    await git(repository, "archive", "--format=tar", "-o", archive, commit).catch((error: unknown) => {
      throw unusable(`git could not export ${label}: ${messageOf(error)}`, "check it with: git archive --list", error);
    });
    await run("tar", ["-xf", archive, "-C", aside]);
    await rm(archive);
    const folder = join(aside, relative(tree, project));
    if (!existsSync(join(folder, "package-lock.json")))
      throw unusable(
        `${label} has no package-lock.json`,
        "commit one: without it its packages are not the ones that it was written with",
      );
    // npm empties what is there, also through a link that somebody committed
    await rm(join(folder, "node_modules"), { recursive: true, force: true });
    await runNpm(
      ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
      folder,
      `the packages of ${label}`,
      options.signal,
    );
  });
  return openProject(project, label, commit);
}
