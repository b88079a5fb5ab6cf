/**
 * Finds the files that a plug-in imports by relative path: a plug-in that consists of several files is not identified by one of them.
 * The text is read here, because a plug-in could change what its process reports.
 */
import { existsSync, realpathSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve, sep } from "node:path";

/** Static imports and exports, imports without a name, dynamic imports, and `require`. Types count too: Node removes them later. */
const IMPORTS = [
  /\bfrom\s*["'](\.{1,2}\/[^"'\n]+)["']/g,
  /\bimport\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g,
  /\brequire\s*\(\s*["'](\.{1,2}\/[^"'\n]+)["']/g,
];
const CODE = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];
/** CommonJS may omit them. */
const ENDINGS = ["", ...CODE, ".json", ...CODE.map((ending) => `/index${ending}`)];

/** The folder of the nearest package.json, else the folder of the file. */
export function packageFolder(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) return dirname(file);
  }
}

function resolved(specifier: string, from: string): string | null {
  // a query makes another module of the same file
  const path = resolve(dirname(from), specifier.replace(/[?#].*$/, ""));
  const file = ENDINGS.map((ending) => `${path}${ending}`).find(
    (candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true,
  );
  return file === undefined ? null : realpathSync(file);
}

/**
 * @param file real path of the plug-in
 * @returns real paths in its package or folder, directly or indirectly imported, without the file itself
 */
export async function importedFiles(file: string): Promise<string[]> {
  const root = packageFolder(file);
  const isInside = (path: string): boolean => {
    const inside = relative(root, path);
    return !inside.startsWith("..") && !inside.split(sep).includes("node_modules");
  };
  const found = new Set([file]);
  // a Set is iterated in the order of insertion, with the files that the loop adds
  for (const path of found) {
    if (!CODE.includes(extname(path))) continue;
    const text = await readFile(path, "utf8");
    for (const specifier of IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = ""]) => name))) {
      const imported = resolved(specifier, path);
      if (imported !== null && isInside(imported)) found.add(imported);
    }
  }
  found.delete(file);
  return [...found].toSorted();
}
