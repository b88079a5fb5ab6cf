/** A library in a version of its own: which packages, and the folder below the cache where they are installed. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BenchError } from "../../lib/errors.ts";
import type { Orm } from "../../orms/orm.ts";
import { packagesFolder } from "../database/home.ts";
import type { MovedPackages } from "./hook.ts";
import type { VersionRequest } from "./orm-name.ts";

export interface PackageSet {
  /** as it stands in a cell: `7.9.1`, or `file.1a2b3c4d` by the content of an unreleased build */
  readonly label: string;
  /** package -> what npm is asked for */
  readonly packages: Readonly<Record<string, string>>;
  /** where they are, or will be */
  readonly folder: string;
  /** beside which everything else is found */
  readonly projectUrl: string;
  /** what the library generates for one version of itself: made here instead of beside the library's description */
  readonly generated: { readonly from: string; readonly to: string } | null;
}

/** Where modules of the set are looked up from. */
export const lookupUrl = ({ folder }: PackageSet): string => pathToFileURL(join(folder, "package.json")).href;

/** What the measuring process must know of it. */
export const movedPackages = (set: PackageSet): MovedPackages => ({
  packages: Object.keys(set.packages),
  lookupUrl: lookupUrl(set),
  projectUrl: set.projectUrl,
  generated: set.generated,
});

/** Not part of what is built. */
const IGNORED = new Set(["node_modules", ".git"]);

async function hashContent(path: string): Promise<string> {
  const hash = createHash("sha256");
  const visit = async (file: string, name: string): Promise<void> => {
    if (!statSync(file).isDirectory()) {
      hash.update(`${name}\0`).update(await readFile(file));
      return;
    }
    for (const entry of (await readdir(file)).toSorted())
      if (!IGNORED.has(entry)) await visit(join(file, entry), `${name}/${entry}`);
  };
  await visit(path, "");
  return hash.digest("hex").slice(0, 8);
}

function nameInside(folder: string): string | null {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown };
    return typeof name === "string" ? name : null;
  } catch {
    return null;
  }
}

async function requestedSpecs(orm: Orm, version: VersionRequest): Promise<Pick<PackageSet, "label" | "packages">> {
  const together = orm.packages ?? [orm.packageName];
  if (version.kind === "exact")
    return { label: version.version, packages: Object.fromEntries(together.map((name) => [name, version.version])) };
  const path = resolve(version.path);
  const bad = (what: string): BenchError =>
    new BenchError(
      "BAD_OPTION",
      `${orm.id}@file:${version.path}: ${what}`,
      `name the folder of a built ${together.join(" or ")}, or the .tgz that \`npm pack\` makes of it`,
    );
  if (!existsSync(path)) throw bad("does not exist");
  const isFolder = statSync(path).isDirectory();
  if (!isFolder && !/\.t(ar\.)?gz$/.test(path)) throw bad("is neither a folder nor a .tgz");
  const name = isFolder ? nameInside(path) : (together.find((known) => basename(path).startsWith(tarballPrefix(known))) ?? null);
  if (name === null || !together.includes(name)) throw bad(`holds ${name === null ? "no package" : `the package ${name}`}`);
  return { label: `file.${await hashContent(path)}`, packages: { [name]: `file:${path}` } };
}

/** `@scope/name` is packed as scope-name-1.2.3.tgz */
const tarballPrefix = (name: string): string => `${name.replace(/^@/, "").replace("/", "-")}-`;

/**
 * Nothing is installed yet: that is done by `ensurePackages` when a run begins.
 * @param ormUrl the module of the library's description
 * @param also further packages in exact versions: the driver's, where a record is to be repeated
 * @throws BenchError BAD_OPTION for a build that isn't there
 */
export async function packageSet(
  orm: Orm,
  ormUrl: string,
  version: VersionRequest,
  also: Readonly<Record<string, string>> = {},
): Promise<PackageSet> {
  const { label, packages: asked } = await requestedSpecs(orm, version);
  const packages = { ...asked, ...also };
  // by all that is asked for: two libraries may share an id in two trees
  const key = createHash("sha256").update(JSON.stringify({ packages, ormUrl })).digest("hex").slice(0, 8);
  const folder = join(packagesFolder(), `${orm.id}-${label.replaceAll(/[^\w.-]/g, "_")}-${key}`);
  const generated =
    orm.generatedFolder === undefined
      ? null
      : {
          from: fileURLToPath(new URL(`./${orm.generatedFolder}/`, ormUrl)),
          to: join(folder, orm.generatedFolder, "/"),
        };
  return { label, packages, folder, projectUrl: ormUrl, generated };
}
