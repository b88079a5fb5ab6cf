/** Finds the plug-ins of a folder by the name of their export. No list names them. */
import { readdir } from "node:fs/promises";

/** It awaits the plug-ins of its folder, so that an import of it from here would wait for itself. */
const REGISTRY = "registry.ts";

async function importAll(
  folder: URL,
  others: readonly string[],
): Promise<{ file: string; exports: Readonly<Record<string, unknown>> }[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts") && file !== REGISTRY && !others.includes(file));
  return await Promise.all(
    files.toSorted().map(async (file) => ({
      file,
      exports: (await import(new URL(file, folder).href)) as Readonly<Record<string, unknown>>,
    })),
  );
}

/**
 * The plug-ins of a folder. Files without the export hold the interface and helpers.
 * @param exported the name of the export
 * @returns in the order of the file names
 */
export async function exportsIn<Kind>(folder: URL, exported: string): Promise<Kind[]> {
  return (await importAll(folder, [])).flatMap(({ exports }) => (exported in exports ? [exports[exported] as Kind] : []));
}

/**
 * The plug-ins of a folder in which each file is one.
 * @param others files of the folder that are none
 * @throws Error if a file lacks the export
 */
export async function everyExportIn<Kind>(folder: URL, exported: string, others: readonly string[] = []): Promise<Kind[]> {
  return (await importAll(folder, others)).map(({ file, exports }) => {
    if (!(exported in exports)) throw new Error(`cannot use ${file}: it does not export "${exported}". Add the export.`);
    return exports[exported] as Kind;
  });
}
