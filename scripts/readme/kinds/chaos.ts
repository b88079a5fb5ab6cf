/** The trials of each fault, from a `bench chaos`. */
import { chaosDigest } from "../../../harness/chaos/report/tables.ts";
import type { BlockKind } from "../block.ts";
import { publishedChaos } from "../records/chaos.ts";
import { runNamed } from "../run-kind.ts";

export const kind: BlockKind = {
  id: "chaos",
  render: async (subject) => chaosDigest(await publishedChaos(runNamed(subject))),
};
