/** The base of a gate: cells with other values on some axes, or the same cells in another tree. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BenchError, messageOf } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { outputOf } from "../../lib/run-program.ts";
import { parseAxes, type CellFilter } from "../plan/axes.ts";
import { treesFolder } from "../database/home.ts";
import { installAside } from "../packages/install.ts";
import { runNpm } from "../packages/npm.ts";
import { PROTOCOL_VERSION } from "../protocol.ts";
import { TREE_URL } from "../registry.ts";

export type BaseRequest =
  | { readonly kind: "axes"; readonly axes: CellFilter }
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "commit"; readonly ref: string; readonly commit: string; readonly repository: string };

/** A tree with its code and installed packages, ready to run. */
export interface BaseTree {
  /** published with results, so it contains no path of this machine */
  readonly label: string;
  readonly commit: string | null;
  /** folder URL of the tree's bench: the tree itself, or the package in its node_modules */
  readonly treeUrl: string;
  /** maps the path of a user's plug-in in this project to its path in the tree */
  readonly pathOf: (path: string) => string;
}

const git = async (folder: string, ...args: string[]): Promise<string> => (await outputOf("git", ["-C", folder, ...args])).trim();

const unusable = (what: string, fix: string, cause?: unknown): BenchError => new BenchError("BASE_UNUSABLE", what, fix, cause);

const WANTED = "pass a git ref (main), the folder of a checkout, or axis=value together with --candidate";

/**
 * @param text `--base`: an axis and its value, a folder that exists, else a git ref
 * @throws BenchError BASE_UNUSABLE, BAD_OPTION
 */
export async function parseBase(text: string): Promise<BaseRequest> {
  // a folder or a branch may contain =, but its name rarely starts like an axis
  if (/^[a-z]+=/.test(text)) return { kind: "axes", axes: parseAxes(text) };
  const folder = resolve(text);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return { kind: "folder", folder };
  if (text.startsWith("-") || text === "") throw unusable(`--base "${text}" is not a base`, WANTED);
  const repository = await git(".", "rev-parse", "--show-toplevel").catch((error: unknown) => {
    throw unusable(`--base "${text}" is not a folder, and the current folder is not in a git repository`, WANTED, error);
  });
  const commit = await git(repository, "rev-parse", "--verify", "--quiet", `${text}^{commit}`).catch((error: unknown) => {
    throw unusable(
      `--base "${text}" is neither a folder nor a commit, branch or tag of this repository`,
      "fetch the ref first (in CI: git fetch --depth=1 origin main), then use --base FETCH_HEAD",
      error,
    );
  });
  return { kind: "commit", ref: text, commit, repository };
}

/** The nearest parent folder with a package.json. A user's plug-in has the same relative path in both projects. */
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

/** The folder of bench: the project itself if it is a checkout of bench, else its installed package; null without either. */
function benchFolder(project: string): string | null {
  const installed = join(project, "node_modules", ownName());
  return (
    [project, installed].find((folder) => packageNameIn(folder) === ownName() && existsSync(join(folder, "harness/child.ts"))) ??
    null
  );
}

/** Read from the text, because an import would run the tree's code in this process. null: the file names no version. */
function protocolOf(treeUrl: string): number | null {
  try {
    const text = readFileSync(new URL("harness/protocol.ts", treeUrl), "utf8");
    const [, version] = /^export const PROTOCOL_VERSION = (\d+);/m.exec(text) ?? [];
    return version === undefined ? null : Number(version);
  } catch {
    return null;
  }
}

async function openProject(folder: string, label: string, commit: string | null): Promise<BaseTree> {
  // Node resolves modules to their real paths
  const project = realpathSync(folder);
  const bench = benchFolder(project);
  if (bench === null)
    throw unusable(
      `${label} contains no ${ownName()}, neither as source nor in node_modules`,
      `pass a checkout of ${ownName()}, or a project that depends on it, and run npm ci there`,
    );
  const treeUrl = pathToFileURL(join(realpathSync(bench), "/")).href;
  const spoken = protocolOf(treeUrl);
  if (spoken !== PROTOCOL_VERSION)
    throw new BenchError(
      "PROTOCOL_MISMATCH",
      `cannot measure ${label} and this tree in one run: the protocol version of ${label} is ${spoken ?? "unknown"}, that of this bench is ${PROTOCOL_VERSION}`,
      "run each side with its own bench run, then compare them (advisory): bench compare BASE_DIR HEAD_DIR",
    );
  const here = projectFolder(process.cwd());
  return {
    label,
    commit,
    treeUrl,
    pathOf: (path) => {
      const inside = relative(here, resolve(path));
      // both sides share a plug-in outside of the project
      return inside.startsWith("..") ? path : join(project, inside);
    },
  };
}

/** npm installs the packages of one project only: the tree of `packages/a` has none for `packages/b` of the same commit. */
const treeName = (commit: string, place: string): string =>
  place === "" ? commit : `${commit}-${createHash("sha256").update(place).digest("hex").slice(0, 8)}`;

/**
 * Opens the tree of a folder, or of a commit. bench installs a commit's tree and packages once, below the cache folder.
 * @throws BenchError BASE_UNUSABLE, PACKAGES_NOT_INSTALLED, PROTOCOL_MISMATCH
 */
export async function openBaseTree(
  base: Exclude<BaseRequest, { kind: "axes" }>,
  options: { readonly log: Log; readonly signal: AbortSignal },
): Promise<BaseTree> {
  if (base.kind === "folder") {
    const label = basename(base.folder);
    if (benchFolder(base.folder) !== null && !existsSync(join(base.folder, "node_modules")))
      throw unusable(`${label} has no installed packages`, "run npm ci there, or pass a git ref, which bench installs itself");
    const commit = await git(base.folder, "rev-parse", "HEAD").catch(() => null);
    return openProject(base.folder, label, commit);
  }
  const { commit, ref, repository } = base;
  const short = commit.slice(0, 10);
  const label = ref === commit ? short : `${ref} (${short})`;
  const inside = relative(repository, projectFolder(process.cwd()));
  const place = inside.startsWith("..") ? "" : inside;
  const tree = join(treesFolder(), treeName(commit, place));
  const project = join(tree, place);
  await installAside(tree, `installing the packages of ${label}`, options, async (aside) => {
    const archive = join(aside, ".tree.tar");
    await git(repository, "archive", "--format=tar", "-o", archive, commit).catch((error: unknown) => {
      throw unusable(`git archive failed for ${label}: ${messageOf(error)}`, "check git with `git archive --list`", error);
    });
    await outputOf("tar", ["-xf", archive, "-C", aside]);
    await rm(archive);
    const folder = join(aside, relative(tree, project));
    if (!existsSync(join(folder, "package-lock.json")))
      throw unusable(
        `${label} has no package-lock.json`,
        "commit a package-lock.json: without it npm installs other package versions",
      );
    // npm ci empties node_modules, and would follow a committed link out of the tree
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
