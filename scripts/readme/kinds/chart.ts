/** The chart of a run. */
import { linkTo, type BlockKind } from "../block.ts";
import { runNamed } from "../run-kind.ts";
import { runFolder } from "../runs.ts";

export const kind: BlockKind = {
  id: "chart",
  render: async (subject, page) => {
    const folder = runFolder(runNamed(subject)) ?? "";
    return `![Times of each technique and ORM on a logarithmic axis](${linkTo(`${folder}chart.svg`, page)})`;
  },
};
