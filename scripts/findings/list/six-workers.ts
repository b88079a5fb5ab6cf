import { duration, mebibytes } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const one = { strategy: "unit-of-work", orm: "mikro-orm", key: "uuidv7" };
const six = { ...one, workers: 6 };
const memory = (evidence: Evidence, choice: typeof one) => known(evidence.cell("origin", choice).peakRssBytes, "peak memory");

export const finding: Finding = {
  topic: "keys and workers",
  order: 3,
  isHighlight: true,
  belief: "More threads make the batch faster.",
  runs: ["origin"],
  holds: (evidence) =>
    evidence.compare("origin", one, six).times < evidence.coresOf("origin") && memory(evidence, six) > 3 * memory(evidence, one),
  text: (evidence) => ({
    sentence: `On ${evidence.coresOf("origin")} cores, six workers gain little: ${duration(evidence.time("origin", six))}, against ${duration(evidence.time("origin", one))} with one worker.`,
    numbers: [`They need ${mebibytes(memory(evidence, six))} of memory in place of ${mebibytes(memory(evidence, one))}.`],
  }),
};
