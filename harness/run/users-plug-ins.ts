/** Identifies the plug-ins that a user gave by path: results are published, and a name says nothing about the code that ran. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { packagesUrlOf, type PlannedCell } from "../plan/planned-cell.ts";
import { resolvedPackage } from "../../lib/installed-package.ts";
import type { RunRecord } from "../results/records.ts";
import { importedFiles, packageFolder } from "./imported-files.ts";

type UsersPlugIn = RunRecord["plugIns"][number];

const sha256 = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");
const hashOf = async (file: string): Promise<string> => sha256(await readFile(file));

/** Hash of a list as `sha256sum` prints it, in the order of the paths, so that one can compute it without `bench`. */
async function importsOf(url: string): Promise<UsersPlugIn["imports"]> {
  const file = realpathSync(fileURLToPath(url));
  const root = packageFolder(file);
  const paths = await importedFiles(file);
  const lines = await Promise.all(paths.map(async (path) => `${await hashOf(path)}  ${relative(root, path)}\n`));
  return { files: paths.length, sha256: sha256(lines.join("")) };
}

const nameOf = (url: string): string => basename(fileURLToPath(url));

async function packagesOf(planned: PlannedCell): Promise<UsersPlugIn["packages"]> {
  const { packageName, driver } = planned.orm;
  const found = [...new Set([packageName, driver])].map(async (claimed) => ({
    claimed,
    ...((await resolvedPackage(claimed, packagesUrlOf(planned))) ?? { name: null, version: null }),
  }));
  return Promise.all(found);
}

/** @returns one entry per file and version of its packages, without paths of this machine */
export async function usersPlugIns(cells: readonly PlannedCell[]): Promise<UsersPlugIn[]> {
  const found = new Map<string, UsersPlugIn>();
  for (const planned of cells) {
    const { cell, modules, paths } = planned;
    const code = { kind: "strategy" as const, id: cell.strategy, url: modules.codeUrl, packages: [] };
    // the code of a registered strategy can be a native variant beside a user's ORM
    const isUsersCode = paths.strategy !== null || (paths.orm !== null && !cell.code.startsWith("strategies/"));
    const orm = { kind: "orm" as const, id: cell.orm, url: modules.ormUrl, packages: [] };
    for (const { url, ...plugIn } of [...(isUsersCode ? [code] : []), ...(paths.orm === null ? [] : [orm])]) {
      const packages = plugIn.kind === "orm" ? await packagesOf(planned) : plugIn.packages;
      const id = JSON.stringify([plugIn.kind, url, packages]);
      if (found.has(id)) continue;
      const hashes = { sha256: await hashOf(fileURLToPath(url)), imports: await importsOf(url) };
      found.set(id, { ...plugIn, file: nameOf(url), ...hashes, packages });
    }
  }
  return [...found.values()];
}
