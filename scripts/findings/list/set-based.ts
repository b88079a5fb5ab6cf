import { duration } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factorWithin, isBetter } from "../phrases.ts";

const reference = { strategy: "set-based", orm: "mysql2" };
const to = (evidence: Evidence, strategy: string) => evidence.compare("quick", { strategy, orm: "mysql2" }, reference);

export const finding: Finding = {
  topic: "techniques",
  order: 3,
  isHighlight: true,
  belief: null,
  runs: ["quick"],
  holds: (evidence) => ["chunked", "case-when"].every((strategy) => isBetter(to(evidence, strategy))),
  text: (evidence) => ({
    sentence: `The job inside the server (\`set-based\`) is fastest: bulk operations through mysql2 take ${factorWithin(to(evidence, "chunked"))} as long.`,
    numbers: [
      `\`case-when\` takes ${factorWithin(to(evidence, "case-when"))} as long.`,
      `\`set-based\` takes ${duration(evidence.time("quick", reference))}.`,
    ],
  }),
};
