/** The deliberate faults that the trials found, from `npm run chaos:power`. */
import { EXPECTED_MUTANTS } from "../../../harness/chaos/power/expected.ts";
import { powerDigest } from "../../../harness/chaos/power/report.ts";
import type { BlockKind } from "../block.ts";
import { publishedPower } from "../records/power.ts";
import { runNamed } from "../run-kind.ts";

export const kind: BlockKind = {
  id: "power",
  async render(subject) {
    const { trials, starts } = await publishedPower(runNamed(subject));
    return powerDigest(trials, EXPECTED_MUTANTS, starts);
  },
};
