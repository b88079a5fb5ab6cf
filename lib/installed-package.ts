/** Names and versions of installed packages. */
import { readFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";

/**
 * The installed package, or null. Many packages hide package.json from `exports`, so this reads the file.
 * @param from the importing module: a user's ORM can have another version than this project
 */
export async function resolvedPackage(
  packageName: string,
  from: string = import.meta.url,
): Promise<{ readonly name: string; readonly version: string } | null> {
  try {
    const file = findPackageJSON(packageName, from);
    if (file === undefined) return null;
    const { name, version } = JSON.parse(await readFile(file, "utf8")) as { name: string; version: string };
    return { name, version };
  } catch {
    return null;
  }
}

/** The version of an installed package, or null. */
export const packageVersion = async (packageName: string, from: string = import.meta.url): Promise<string | null> =>
  (await resolvedPackage(packageName, from))?.version ?? null;
