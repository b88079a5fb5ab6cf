/** Creates folders that a user names, and removes those that stayed empty. */
import { mkdir, rmdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

const unusable = (code: string, message: string, path: string): Error => Object.assign(new Error(message), { code, path });

/**
 * Creates a folder and its missing parents. Node's recursive mkdir never returns where the system refuses a new entry with
 * ENOENT, as below /proc.
 * @param mode of each created folder
 * @returns the folders that it created, parents first
 * @throws an error with the system's code: ENOTDIR below a file, EACCES, EROFS, ENOSPC
 */
export async function makeFolder(path: string, mode?: number): Promise<readonly string[]> {
  const folder = resolve(path);
  const missing: string[] = [];
  for (let above = folder; ; above = dirname(above)) {
    const found = await stat(above).catch((error: unknown) => {
      if (codeOf(error) !== "ENOENT") throw error;
      return null;
    });
    if (found?.isDirectory() === false) throw unusable("ENOTDIR", `${above} is a file`, above);
    if (found !== null) break;
    missing.unshift(above);
  }
  for (const each of missing) {
    await mkdir(each, mode === undefined ? {} : { mode }).catch((error: unknown) => {
      // another process created it
      if (codeOf(error) === "EEXIST") return;
      // ENOENT would mean a missing parent, and every parent exists
      if (codeOf(error) === "ENOENT") throw unusable("EACCES", `the system creates no folder ${each}`, each);
      throw error;
    });
  }
  return missing;
}

const resultsFolders = new Set<string>();

/** Creates a folder that `removeEmptyResultsFolders` removes again if the command writes no result. */
export async function makeResultsFolder(path: string): Promise<void> {
  for (const created of await makeFolder(path)) resultsFolders.add(created);
}

/**
 * Removes the folders of `makeResultsFolder` that are still empty, and keeps each older folder. Without it, every
 * `bench run` with a stopped server left one more empty `results/<date>/<machine>/<run>`.
 */
export async function removeEmptyResultsFolders(): Promise<void> {
  // a parent is empty only after its child is gone
  for (const folder of [...resultsFolders].toReversed()) await rmdir(folder).catch(() => {});
  resultsFolders.clear();
}
