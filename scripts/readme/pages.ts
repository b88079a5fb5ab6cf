/** Renders the generated blocks of README.md, docs/*.md and results/README.md. */
import { readdir, readFile } from "node:fs/promises";
import type { BlockKind } from "./block.ts";
import { everyExportIn } from "../../lib/plug-in-folder.ts";
import { recordsOf } from "./records/kind.ts";
import { ROOT, RUN_NAMES, runFolder } from "./runs.ts";

/** One generated block with its lines; `prose.ts` leaves such blocks out of the check of the text. */
const BLOCK = /(<!-- ([a-z-]+) from (\S+) -->\n)[\s\S]*?(<!-- end -->)/g;

export interface RenderedPage {
  /** relative to the repository */
  readonly path: string;
  readonly found: string;
  readonly wanted: string;
}

const kinds = new Map(
  (await everyExportIn<BlockKind>(new URL("kinds/", import.meta.url), "kind")).map((kind) => [kind.id, kind]),
);

/** @throws Error for a block of an unknown kind */
export async function renderText(path: string, found: string): Promise<string> {
  let wanted = found;
  for (const [block, begin = "", id = "", subject = "", end = ""] of found.matchAll(BLOCK)) {
    const kind = kinds.get(id);
    if (kind === undefined)
      throw new Error(`cannot render ${path}: no kind of block is named "${id}". Use one of ${[...kinds.keys()].join(", ")}.`);
    const content = await kind.render(subject, path);
    wanted = wanted.replace(block, () => `${begin}\n${content}\n\n${end}`);
  }
  return wanted;
}

/** The page of each published run, because its numbers stand beside those of README.md: path -> text. */
async function publishedTexts(): Promise<(readonly [path: string, text: string])[]> {
  const texts = RUN_NAMES.map(async (name) => {
    const folder = runFolder(name);
    if (folder === null) return [];
    const files = await (await recordsOf(name)).files(name);
    return files.map(({ name: file, content }) => [folder + file, content] as const);
  });
  return (await Promise.all(texts)).flat();
}

/** The files that the blocks of the pages show, and the pages of the published runs, each once. */
async function renderFiles(pages: readonly string[]): Promise<RenderedPage[]> {
  const shown = new Map<string, string>();
  for (const [, , id = "", subject = ""] of pages.flatMap((text) => [...text.matchAll(BLOCK)]))
    for (const { path, content } of (await kinds.get(id)?.files?.(subject)) ?? []) shown.set(path, content);
  return await Promise.all(
    [...shown, ...(await publishedTexts())].map(async ([path, wanted]) => ({
      path,
      found: await readFile(new URL(path, ROOT), "utf8").catch(() => ""),
      wanted,
    })),
  );
}

/**
 * @returns each page with a generated block, each image in one, and each page of a published run: its current text, and the text that `npm run readme` would write
 */
export async function renderPages(): Promise<RenderedPage[]> {
  const docs = (await readdir(new URL("docs/", ROOT))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  const pages = await Promise.all(
    ["README.md", "results/README.md", ...docs].map(async (path) => {
      const found = await readFile(new URL(path, ROOT), "utf8");
      return { path, found, wanted: await renderText(path, found) };
    }),
  );
  const generated = pages.filter(({ found }) => found.match(BLOCK) !== null);
  return [...generated, ...(await renderFiles(generated.map(({ found }) => found)))];
}
