/** The files that a cell executes, for the verbs that print code. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { TREE_URL } from "../registry.ts";
import { filesOfOrm, libraryFiles, techniqueFiles, wholeFile, type Excerpt } from "../source/excerpt.ts";
import { collectSources } from "../source/source.ts";

const PROJECT = fileURLToPath(TREE_URL);
export async function allFiles(planned: PlannedCell): Promise<Excerpt[]> {
  const { codeUrl, keyUrl, ormUrl } = planned.modules;
  const { include, isShown } = filesOfOrm(planned.orm, planned.modules.ormUrl);
  return (await collectSources([codeUrl, keyUrl, ormUrl, ...include], isShown)).map(wholeFile);
}

/** The technique, the operations of the library that it calls, and its keys. */
export async function firstFiles(planned: PlannedCell, onlyTechnique: boolean): Promise<Excerpt[]> {
  const { modules, key } = planned;
  const technique = await techniqueFiles(modules.codeUrl);
  if (onlyTechnique) return technique.map(wholeFile);
  const library = await libraryFiles(technique, modules.ormUrl, filesOfOrm(planned.orm, planned.modules.ormUrl).isShown);
  const keys =
    key.next === undefined ? [] : await collectSources([modules.keyUrl], (file) => file === fileURLToPath(modules.keyUrl));
  return [...technique.map(wholeFile), ...library, ...keys.map(wholeFile)];
}

/** `--- strategies/chunked.ts`, with the operations of an excerpt */
export function headOf({ file, operations }: Excerpt): string {
  const path = relative(PROJECT, file);
  const part = operations === null ? "" : `: ${operations.join(", ")}`;
  return `--- ${path.startsWith("..") ? file : path}${part}`;
}
