/** The chart of the rounds of each member. */
import { linkTo, type BlockKind } from "../block.ts";
import { runNamed } from "../run-kind.ts";
import { runFolder } from "../runs.ts";

export const kind: BlockKind = {
  id: "members",
  render: async (subject, page) => {
    const folder = runFolder(runNamed(subject)) ?? "";
    return `![Rounds of each instance, one of them killed](${linkTo(`${folder}api-members.svg`, page)})`;
  },
};
