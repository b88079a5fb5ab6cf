/** Collects the files that a cell runs, in reading order: technique, its imports, keys, then the library's session. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** Static, re-exporting and dynamic imports of relative paths. Type imports are excluded, because they run no code. */
const IMPORTS = [/^(?:import|export)\s+(?!type\b)[^;]*?\bfrom\s+"(\.[^"]+)"/gm, /\bimport\("(\.[^"]+)"\)/g];

const importsOf = (text: string): string[] =>
  IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, path = ""]) => path));

/**
 * @param entryUrls file URLs, in reading order
 * @param isShown called with a file path; false excludes the file and everything that only it imports
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
