import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factor } from "../phrases.ts";
import { bestOf, largestOf, rateText } from "../updates.ts";

const JOINS = ["join-values", "json-table"];
const lead = (evidence: Evidence, strategy: string) => largestOf(evidence, strategy).rate / largestOf(evidence, "case-when").rate;

export const finding: Finding = {
  topic: "updates",
  order: 2,
  isHighlight: false,
  belief: "CASE WHEN is the way to update many rows with different values.",
  runs: ["updates"],
  holds: (evidence) => JOINS.every((strategy) => lead(evidence, strategy) > 3),
  text: (evidence) => {
    const [values, json] = [bestOf(evidence, "join-values"), bestOf(evidence, "json-table")];
    return {
      sentence: `A join with the new values keeps its speed: \`join-values\` peaks at ${values.usersText}, \`json-table\` at ${json.usersText}.`,
      numbers: [
        `They reach ${rateText(values)} and ${rateText(json)}.`,
        `At ${largestOf(evidence, "case-when").usersText}, they are ${factor(lead(evidence, "join-values"))} and ${factor(lead(evidence, "json-table"))} as fast as CASE WHEN.`,
      ],
    };
  },
};
