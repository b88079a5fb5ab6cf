/**
 * A kind of generated block in a page. A file in `kinds/` that exports `kind` registers it. The first line of a block is
 * `<!-- KIND from SUBJECT -->`, its last line is `<!-- end -->`.
 */
import { posix } from "node:path";

interface BlockFile {
  /** relative to the repository */
  readonly path: string;
  readonly content: string;
}

export interface BlockKind {
  readonly id: string;
  /**
   * @param subject what the block names: mostly a run of `runs.ts`
   * @param page the page, relative to the repository, for links
   * @returns Markdown without the two lines of the block
   */
  render(subject: string, page: string): Promise<string>;
  /** Files that the block shows: an image that no longer fits its records is as stale as a number. */
  files?(subject: string): Promise<readonly BlockFile[]>;
}

/** The address of a file for a link in a page. Both paths are relative to the repository. */
export const linkTo = (target: string, page: string): string =>
  `${posix.relative(posix.dirname(page), target)}${target.endsWith("/") ? "/" : ""}`;
