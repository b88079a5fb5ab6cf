/** Kinds of blocks that show an image of a published run, rendered from its records. */
import type { RenderedFile } from "../../harness/reporters/reporter.ts";
import { linkTo, type BlockKind } from "./block.ts";
import { runNamed } from "./run-kind.ts";
import { runFolder, type RunName } from "./runs.ts";

interface Image {
  readonly id: string;
  /** its name in the folder of the run */
  readonly file: string;
  /** for a reader who does not see the image */
  readonly alternative: string;
  /** all files of the run, from its records */
  readonly files: (name: RunName) => Promise<readonly RenderedFile[]>;
}

export function imageKind({ id, file, alternative, files }: Image): BlockKind {
  const pathOf = (subject: string): string => `${runFolder(runNamed(subject)) ?? ""}${file}`;
  return {
    id,
    render: (subject, page) => Promise.resolve(`![${alternative}](${linkTo(pathOf(subject), page)})`),
    async files(subject) {
      const image = (await files(runNamed(subject))).find(({ name }) => name === file);
      if (image === undefined)
        throw new Error(`cannot render ${pathOf(subject)}: the records have no such image. Remove the block.`);
      return [{ path: pathOf(subject), content: image.content }];
    },
  };
}
