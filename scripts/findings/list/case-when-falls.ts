import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { known } from "../evidence.ts";
import { factor } from "../phrases.ts";
import { bestOf, largestOf, rateText } from "../updates.ts";

const fall = (evidence: Evidence) => known(bestOf(evidence, "case-when").rate, "rate") / largestOf(evidence, "case-when").rate;

export const finding: Finding = {
  topic: "updates",
  order: 1,
  isHighlight: false,
  belief: "The larger the CASE WHEN, the faster the update.",
  runs: ["updates"],
  holds: (evidence) => fall(evidence) > 3 && bestOf(evidence, "case-when").users < largestOf(evidence, "case-when").users,
  text: (evidence) => {
    const [best, largest] = [bestOf(evidence, "case-when"), largestOf(evidence, "case-when")];
    return {
      sentence: `CASE WHEN has a narrow optimum: ${rateText(best)} at ${best.usersText}, and ${rateText(largest)} at ${largest.usersText}.`,
      numbers: [
        `That is ${factor(fall(evidence))} less. The server compares each row with each branch, so the work grows with the square of the rows.`,
      ],
    };
  },
};
