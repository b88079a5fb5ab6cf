import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factor } from "../phrases.ts";
import { bestOf, largestOf } from "../updates.ts";
import { decimal } from "../../../harness/text/format.ts";

const lead = (evidence: Evidence) => largestOf(evidence, "elt-field").rate / largestOf(evidence, "case-when").rate;

export const finding: Finding = {
  topic: "updates",
  order: 3,
  isHighlight: false,
  belief: null,
  runs: ["updates"],
  holds: (evidence) => lead(evidence) > 2 && bestOf(evidence, "elt-field").rate > 1.2 * largestOf(evidence, "elt-field").rate,
  text: (evidence) => ({
    sentence: `ELT(FIELD()) is CASE WHEN with a flatter curve: at ${largestOf(evidence, "elt-field").usersText} it is ${factor(lead(evidence))} as fast.`,
    numbers: [
      `It falls from its best size to the largest one by a factor of ${decimal(bestOf(evidence, "elt-field").rate / largestOf(evidence, "elt-field").rate, 1)}.`,
    ],
  }),
};
