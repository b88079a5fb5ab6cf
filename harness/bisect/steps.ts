/** The steps between a good and a bad end: commits of a branch, or versions of a package. */
import { z } from "zod";
import { BenchError } from "../../lib/errors.ts";
import { outputOf } from "../../lib/run-program.ts";
import { compareVersions, isPreview } from "../../lib/version-order.ts";
import { runNpm } from "../packages/npm.ts";

export interface Step {
  /** a full commit hash, or a version */
  readonly id: string;
  /** short, for messages and folders */
  readonly label: string;
  /** the subject of a commit with its date; null for a version */
  readonly subject: string | null;
}

const git = async (folder: string, ...args: string[]): Promise<string> => (await outputOf("git", ["-C", folder, ...args])).trim();

const bad = (what: string, fix: string, cause?: unknown): BenchError => new BenchError("BAD_OPTION", what, fix, cause);

const SHORT_COMMIT = 10;

async function commitOf(repository: string, option: string, ref: string): Promise<string> {
  if (ref.startsWith("-") || ref === "") throw bad(`${option} "${ref}" is not a commit`, "pass a commit, branch or tag");
  return git(repository, "rev-parse", "--verify", "--quiet", `${ref}^{commit}`).catch((error: unknown) => {
    throw bad(
      `${option} "${ref}" is not a commit, branch or tag of this repository`,
      "fetch it first: git fetch origin --tags",
      error,
    );
  });
}

/** The root of the repository that contains the folder. @throws BenchError BAD_OPTION */
export function repositoryOf(folder: string): Promise<string> {
  return git(folder, "rev-parse", "--show-toplevel").catch((error: unknown) => {
    throw bad("the current folder is not in a git repository", "run bench bisect in the repository, or pass --package", error);
  });
}

/**
 * The first-parent commits from good to bad, the oldest first: a merge is one step, because its branch was never what the main
 * line ran.
 * @throws BenchError BAD_OPTION
 */
export async function commitSteps(folder: string, good: string, badRef: string): Promise<Step[]> {
  const repository = await repositoryOf(folder);
  const [from, to] = [await commitOf(repository, "--good", good), await commitOf(repository, "--bad", badRef)];
  if (from === to) throw bad(`--good ${good} and --bad ${badRef} are the same commit`, "pass two different commits");
  const line = (await git(repository, "log", "--first-parent", "--reverse", "--format=%H%x09%cs %s", `${from}..${to}`)).split(
    "\n",
  );
  const mainLine = await git(repository, "rev-list", "--first-parent", to);
  if (!mainLine.split("\n").includes(from))
    throw bad(
      `--good ${good} is not on the main line of --bad ${badRef}`,
      "pass an ancestor that git log --first-parent lists; to find an improvement, the newer commit is --bad too",
    );
  const first = await git(repository, "log", "-1", "--format=%H%x09%cs %s", from);
  return [first, ...line].map((text): Step => {
    const [id = "", subject = ""] = text.split("\t");
    return { id, label: id.slice(0, SHORT_COMMIT), subject };
  });
}

/** Published versions between two ends, both included, in the order of versions. Previews count only as an end. */
export function versionsBetween(published: readonly string[], good: string, badVersion: string): string[] {
  const [low, high] = compareVersions(good, badVersion) <= 0 ? [good, badVersion] : [badVersion, good];
  const inside = published.filter(
    (version) =>
      version === good ||
      version === badVersion ||
      (!isPreview(version) && compareVersions(low, version) < 0 && compareVersions(version, high) < 0),
  );
  const ordered = [...new Set(inside)].toSorted(compareVersions);
  return low === good ? ordered : ordered.toReversed();
}

/** @throws BenchError BAD_OPTION, PACKAGES_NOT_INSTALLED */
export async function versionSteps(name: string, good: string, badVersion: string, signal: AbortSignal): Promise<Step[]> {
  const text = await runNpm(["view", name, "versions", "--json"], ".", `the list of versions of ${name}`, signal);
  const published = z.union([z.array(z.string()), z.string().transform((only) => [only])]).parse(JSON.parse(text));
  for (const [option, version] of [
    ["--good", good],
    ["--bad", badVersion],
  ] as const)
    if (!published.includes(version))
      throw bad(`${option} ${version} is no published version of ${name}`, `choose one of \`npm view ${name} versions\``);
  if (good === badVersion) throw bad(`--good and --bad are both ${good}`, "pass two different versions");
  return versionsBetween(published, good, badVersion).map((version) => ({ id: version, label: version, subject: null }));
}
