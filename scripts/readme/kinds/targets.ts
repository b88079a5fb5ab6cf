/** The targets of the cluster with their measured figures. */
import { allTargets } from "../../targets/read.ts";
import { evaluateTarget, targetsMarkdown } from "../../targets/text.ts";
import type { BlockKind } from "../block.ts";

export const kind: BlockKind = {
  id: "targets",
  render: async (_, page) => {
    const targets = await allTargets();
    return targetsMarkdown(await Promise.all(targets.map((target) => evaluateTarget(target, page))));
  },
};
