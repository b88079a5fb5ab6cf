/** The points of failure of the many-row techniques, from a `bench limits`. */
import { limitsDigest } from "../../../harness/limits/report.ts";
import type { BlockKind } from "../block.ts";
import { publishedLimits } from "../records/limits.ts";
import { runNamed } from "../run-kind.ts";

export const kind: BlockKind = {
  id: "limits",
  render: async (subject) => limitsDigest(await publishedLimits(runNamed(subject))),
};
