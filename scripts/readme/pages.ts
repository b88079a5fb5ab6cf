/** Renders the generated blocks of README.md, docs/*.md and results/README.md. */
import { readdir, readFile } from "node:fs/promises";
import type { BlockKind } from "./block.ts";
import { exportsIn } from "./modules.ts";
import { ROOT } from "./runs.ts";

/** One generated block with its lines; `prose.ts` leaves such blocks out of the check of the text. */
const BLOCK = /(<!-- ([a-z-]+) from (\S+) -->\n)[\s\S]*?(<!-- end -->)/g;

export interface RenderedPage {
  /** relative to the repository */
  readonly path: string;
  readonly found: string;
  readonly wanted: string;
}

const kinds = new Map((await exportsIn<BlockKind>(new URL("kinds/", import.meta.url), "kind")).map((kind) => [kind.id, kind]));

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

/** @returns each page with a generated block: its current text, and the text that `npm run readme` would write */
export async function renderPages(): Promise<RenderedPage[]> {
  const docs = (await readdir(new URL("docs/", ROOT))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  const pages = await Promise.all(
    ["README.md", "results/README.md", ...docs].map(async (path) => {
      const found = await readFile(new URL(path, ROOT), "utf8");
      return { path, found, wanted: await renderText(path, found) };
    }),
  );
  return pages.filter(({ found }) => found.match(BLOCK) !== null);
}
