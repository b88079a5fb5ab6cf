import { count, duration } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factorWithin, isBetter } from "../phrases.ts";

const one = { strategy: "set-based", orm: "mysql2", key: "uuidv7" };
const six = { ...one, workers: 6 };
const compare = (evidence: Evidence) => evidence.compare("workers", six, one);
const read = (evidence: Evidence, choice: typeof one) => known(evidence.cell("workers", choice).costs?.rowsRead, "rows read");

export const finding: Finding = {
  topic: "keys and workers",
  order: 3.5,
  isHighlight: false,
  belief: "Six sessions do a job faster than one.",
  runs: ["workers"],
  holds: (evidence) => isBetter(compare(evidence)) && read(evidence, six) > read(evidence, one),
  text: (evidence) => ({
    sentence: `Parallel sessions slow \`set-based\` down: six take ${duration(evidence.time("workers", six))}, and one takes ${duration(evidence.time("workers", one))}.`,
    numbers: [
      `Six sessions take ${factorWithin(compare(evidence))} as long as one.`,
      `The server then reads ${count(read(evidence, six))} rows in place of ${count(read(evidence, one))}.`,
    ],
  }),
};
