/** The files that a cell runs, in reading order: the code itself, what it builds on, the keys, then the library's side. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** `import` and `export ... from` of values, and dynamic imports, of files beside; types run nothing. */
const IMPORTS = [/^(?:import|export)\s+(?!type\b)[^;]*?\bfrom\s+"(\.[^"]+)"/gm, /\bimport\("(\.[^"]+)"\)/g];

const importsOf = (text: string): string[] =>
  IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, path = ""]) => path));

/**
 * @param entryUrls in the order in which they are to be read
 * @param isShown what else belongs to the code: false ends the way there
 */
export async function collectSources(entryUrls: readonly string[], isShown: (file: string) => boolean): Promise<SourceFile[]> {
  const found = new Map<string, SourceFile>();
  const visit = async (url: string): Promise<void> => {
    const file = fileURLToPath(url);
    if (found.has(url) || !isShown(file)) return;
    const text = await readFile(file, "utf8");
    found.set(url, { file, text });
    for (const path of importsOf(text)) await visit(new URL(path, url).href);
  };
  for (const url of entryUrls) await visit(url);
  return [...found.values()];
}
