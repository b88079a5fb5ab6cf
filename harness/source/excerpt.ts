/** The first part of `bench show`: the technique, ready to paste into a project, and the library's side of its calls. */
import { dirname, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { OrmDescription } from "../../orms/orm.ts";
import { TREE_URL } from "../registry.ts";
import { declarationsOf, membersOf, usedIn } from "./declarations.ts";
import { collectSources, type SourceFile } from "./source.ts";

const SESSION_CLASS = /^(?:export )?class (\w+).* implements OrmSession/m;
const PLUGIN = "orm-shootout/plugin";
const STEPS_URL = new URL("strategies/steps.ts", TREE_URL).href;

async function readSource(url: string): Promise<SourceFile> {
  const [source] = await collectSources([url], (file) => file === fileURLToPath(url));
  return source ?? { file: fileURLToPath(url), text: "" };
}

/** The files that orm-shootout/plugin exports. */
async function exportedFiles(): Promise<Set<string>> {
  const url = new URL("plugin.ts", TREE_URL).href;
  const { text } = await readSource(url);
  return new Set([...text.matchAll(/ from "(\.[^"]+)"/g)].map(([, path = ""]) => fileURLToPath(new URL(path, url))));
}

/** Imports of this project become imports of the package, so that the code runs in another folder. */
const forProject = ({ file, text }: SourceFile, exported: ReadonlySet<string>): SourceFile => ({
  file,
  text: text.replaceAll(/( from )"(\.[^"]+)"/g, (all, from: string, path: string) =>
    exported.has(fileURLToPath(new URL(path, pathToFileURL(file)))) ? `${from}"${PLUGIN}"` : all,
  ),
});

/** The technique's file, and the files beside it that it imports and orm-shootout/plugin does not export. */
export async function techniqueFiles(codeUrl: string): Promise<SourceFile[]> {
  const exported = await exportedFiles();
  const code = fileURLToPath(codeUrl);
  const isBeside = (file: string): boolean => dirname(file) === dirname(code) && !exported.has(file);
  const files = await collectSources([codeUrl], (file) => file === code || isBeside(file));
  return files
    .filter(({ file, text }) => file === code || !SESSION_CLASS.test(text))
    .map((source) => (codeUrl.startsWith(TREE_URL) ? forProject(source, exported) : source));
}

export interface Excerpt extends SourceFile {
  /** the operations that the excerpt contains; null for a whole file */
  readonly operations: readonly string[] | null;
}

export const wholeFile = (source: SourceFile): Excerpt => ({ ...source, operations: null });

/** False for generated clients, which have thousands of lines, and for packages. */
const isWritten = (file: string): boolean => {
  const path = relative(fileURLToPath(TREE_URL), file);
  return !path.includes("generated/") && !path.includes("node_modules/");
};

/** The files of a library that its description adds to its imports, and a test for files that an application needs. */
export function filesOfOrm(
  { sourceFiles }: Pick<OrmDescription, "sourceFiles">,
  ormUrl: string,
): { include: string[]; isShown: (file: string) => boolean } {
  const beside = (names: readonly string[] = []): string[] => names.map((file) => new URL(file, ormUrl).href);
  const excluded = new Set(beside(sourceFiles?.exclude).map((url) => fileURLToPath(url)));
  return { include: beside(sourceFiles?.include), isShown: (file) => isWritten(file) && !excluded.has(file) };
}

/** The operations of the session that the technique calls, itself or in a step that it uses, with the code that they need. */
function operationsOf({ file, text }: SourceFile, className: string, callers: string): Excerpt {
  const declarations = declarationsOf(text);
  const members = membersOf(declarations.get(className) ?? "");
  const called = [...members.keys()].filter((name) => new RegExp(`\\.${name}(?:\\?\\.)?[(<]`).test(callers));
  const direct = called.map((name) => members.get(name) ?? "").join("\n");
  const used = usedIn(direct, new Map([...members].filter(([name]) => name.startsWith("#") && members.get(name)?.includes("("))));
  const code = [...members].flatMap(([name, own]) => (called.includes(name) || used.has(name) ? [own] : []));
  declarations.delete(className);
  const helpers = [...usedIn(code.join("\n"), declarations)].map((name) => declarations.get(name) ?? "");
  return { file, text: [...helpers, ...code].join("\n\n"), operations: called };
}

/**
 * The library's side of a technique.
 * @param isShown excludes files of the library that an application does not need
 */
export async function libraryFiles(
  technique: readonly SourceFile[],
  ormUrl: string,
  isShown: (file: string) => boolean,
): Promise<Excerpt[]> {
  const orm = fileURLToPath(ormUrl);
  const files = await collectSources([ormUrl], isShown);
  const session = files.find(({ text }) => SESSION_CLASS.test(text));
  // a user's ORM can have another layout
  if (session === undefined || !ormUrl.startsWith(TREE_URL)) return files.filter(({ file }) => file === orm).map(wholeFile);
  const text = technique.map((source) => source.text).join("\n");
  const steps = declarationsOf((await readSource(STEPS_URL)).text);
  const stepsUsed = [...steps].filter(([name]) => new RegExp(`\\b${name}\\b`).test(text)).map(([, code]) => code);
  const [, className = ""] = SESSION_CLASS.exec(session.text) ?? [];
  // raw drivers share a session, and differ in the way they send a statement
  const driver = files.filter(({ file }) => dirname(file) === dirname(orm) && file !== orm);
  const isShared = dirname(session.file) !== dirname(orm);
  return [operationsOf(session, className, [text, ...stepsUsed].join("\n")), ...(isShared ? driver.map(wholeFile) : [])];
}
