/** The files that a cell executes, for the verbs that print code. */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { PlannedCell } from "../plan/planned-cell.ts";
import { TREE_URL } from "../registry.ts";
import { libraryFiles, techniqueFiles, wholeFile, type Excerpt } from "./excerpt.ts";
import { collectSources } from "./source.ts";

const PROJECT = fileURLToPath(TREE_URL);
/** False for generated clients, which have thousands of lines, and for packages. */
const isWritten = (file: string): boolean => {
  const path = relative(PROJECT, file);
  return !path.includes("generated/") && !path.includes("node_modules/");
};

function filesOfOrm({ orm, modules }: PlannedCell): { include: string[]; isShown: (file: string) => boolean } {
  const beside = (names: readonly string[] = []): string[] => names.map((file) => new URL(file, modules.ormUrl).href);
  const excluded = new Set(beside(orm.sourceFiles?.exclude).map((url) => fileURLToPath(url)));
  return { include: beside(orm.sourceFiles?.include), isShown: (file) => isWritten(file) && !excluded.has(file) };
}

export async function allFiles(planned: PlannedCell): Promise<Excerpt[]> {
  const { codeUrl, keyUrl, ormUrl } = planned.modules;
  const { include, isShown } = filesOfOrm(planned);
  return (await collectSources([codeUrl, keyUrl, ormUrl, ...include], isShown)).map(wholeFile);
}

/** The technique, the operations of the library that it calls, and its keys. */
export async function firstFiles(planned: PlannedCell, onlyTechnique: boolean): Promise<Excerpt[]> {
  const { modules, key } = planned;
  const technique = await techniqueFiles(modules.codeUrl);
  if (onlyTechnique) return technique.map(wholeFile);
  const library = await libraryFiles(technique, modules.ormUrl, filesOfOrm(planned).isShown);
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
