/** Finds the files of a folder that export one thing each: blocks, claims, findings. No list names them. */
import { readdir } from "node:fs/promises";

/**
 * @param exported the name of the export
 * @param others files of the folder that are none of these
 * @returns the exports, in the order of the file names
 * @throws Error if a file lacks the export
 */
export async function exportsIn<Kind>(folder: URL, exported: string, others: readonly string[] = []): Promise<Kind[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".ts") && !others.includes(name)).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const loaded = (await import(new URL(file, folder).href)) as Readonly<Record<string, unknown>>;
      if (loaded[exported] === undefined)
        throw new Error(`cannot use ${file}: it does not export "${exported}". Add the export.`);
      return loaded[exported] as Kind;
    }),
  );
}
