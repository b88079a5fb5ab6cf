/** The packages of a requested library version, and their folder below the cache. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BenchError } from "../../lib/errors.ts";
import type { OrmDescription } from "../../orms/orm.ts";
import { packagesFolder } from "../database/home.ts";
import { packageVersion } from "../../lib/installed-package.ts";
import type { MovedPackages } from "./hook.ts";
import type { VersionRequest } from "./orm-name.ts";

export interface PackageSet {
  /** the version in a cell's id: `7.9.1`, or `file.1a2b3c4d` with a hash of an unreleased build */
  readonly label: string;
  /** package -> version or file URL for npm */
  readonly packages: Readonly<Record<string, string>>;
  /** installation folder, which may not exist yet */
  readonly folder: string;
  /** module from which all other packages resolve */
  readonly projectUrl: string;
  /** folder of generated code: bench generates it in `to` instead of `from`, the folder beside the library's description */
  readonly generated: { readonly from: string; readonly to: string } | null;
}

/** The module from which packages of the set resolve. */
export const lookupUrl = ({ folder }: PackageSet): string => pathToFileURL(join(folder, "package.json")).href;

/** The part of the set that the measuring process needs. */
export const movedPackages = (set: PackageSet): MovedPackages => ({
  packages: Object.keys(set.packages),
  lookupUrl: lookupUrl(set),
  projectUrl: set.projectUrl,
  generated: set.generated,
});

/** Excluded from the hash: not part of a build. */
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

async function requestedSpecs(orm: OrmDescription, version: VersionRequest): Promise<Pick<PackageSet, "label" | "packages">> {
  const together = orm.packages ?? [orm.packageName];
  if (version.kind === "exact")
    return { label: version.version, packages: Object.fromEntries(together.map((name) => [name, version.version])) };
  const path = resolve(version.path);
  const bad = (what: string): BenchError =>
    new BenchError(
      "BAD_OPTION",
      `cannot use ${orm.id}@file:${version.path}: the path ${what}`,
      `pass the folder of a built ${together.join(" or ")}, or its .tgz from \`npm pack\``,
    );
  if (!existsSync(path)) throw bad("does not exist");
  const isFolder = statSync(path).isDirectory();
  if (!isFolder && !/\.t(ar\.)?gz$/.test(path)) throw bad("is neither a folder nor a .tgz");
  const name = isFolder ? nameInside(path) : (together.find((known) => basename(path).startsWith(tarballPrefix(known))) ?? null);
  if (name === null || !together.includes(name)) throw bad(`contains ${name === null ? "no package" : `the package ${name}`}`);
  return { label: `file.${await hashContent(path)}`, packages: { [name]: `file:${path}` } };
}

/**
 * The library's packages in the versions of the project. A build is one of them, and the others must be in the set too: Prisma's generator
 * is an optional peer of its client, which npm does not install.
 */
async function installedBeside(orm: OrmDescription, ormUrl: string): Promise<Record<string, string>> {
  const names = orm.packages ?? [];
  const found = await Promise.all(names.map(async (name) => [name, await packageVersion(name, ormUrl)] as const));
  return Object.fromEntries(found.flatMap(([name, version]) => (version === null ? [] : [[name, version] as const])));
}

/** `npm pack` names the file of `@scope/name` scope-name-1.2.3.tgz */
const tarballPrefix = (name: string): string => `${name.replace(/^@/, "").replace("/", "-")}-`;

/**
 * Describes the packages of a version without installing them; `ensurePackages` installs at the start of a run.
 * @param ormUrl the module of the library's description
 * @param also additional packages in exact versions, such as the recorded driver
 * @throws BenchError BAD_OPTION for a missing build
 */
export async function packageSet(
  orm: OrmDescription,
  ormUrl: string,
  version: VersionRequest,
  also: Readonly<Record<string, string>> = {},
): Promise<PackageSet> {
  const { label, packages: requested } = await requestedSpecs(orm, version);
  const packages = { ...(await installedBeside(orm, ormUrl)), ...requested, ...also };
  // the key covers the packages and the ORM's URL: two trees can have different libraries with the same id
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
