import { duration } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factorWithin, isBetter } from "../phrases.ts";

const reference = { strategy: "set-based", orm: "mysql2" };
const oneWorker = { strategy: "set-based", orm: "mysql2", key: "uuidv7" };
const twoWorkers = { strategy: "chunked", orm: "mysql2", key: "uuidv7", workers: 2 };
const withTwo = (evidence: Evidence) => evidence.compare("workers", twoWorkers, oneWorker);
const to = (evidence: Evidence, strategy: string) => evidence.compare("quick", { strategy, orm: "mysql2" }, reference);

export const finding: Finding = {
  topic: "techniques",
  order: 3,
  isHighlight: true,
  belief: null,
  runs: ["quick", "workers"],
  holds: (evidence) =>
    ["chunked", "case-when"].every((strategy) => isBetter(to(evidence, strategy))) &&
    isBetter(evidence.compare("workers", oneWorker, twoWorkers)),
  text: (evidence) => ({
    sentence: `With one worker, the job inside the server (\`set-based\`) is fastest: bulk operations through mysql2 take ${factorWithin(to(evidence, "chunked"))} as long.`,
    numbers: [
      `\`case-when\` takes ${factorWithin(to(evidence, "case-when"))} as long.`,
      `With two workers, \`chunked\` takes ${factorWithin(withTwo(evidence))} as long as \`set-based\` with one, on ${evidence.coresOf("workers")} cores.`,
      `\`set-based\` takes ${duration(evidence.time("quick", reference))}.`,
    ],
  }),
};
