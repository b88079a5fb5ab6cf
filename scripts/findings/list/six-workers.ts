import { duration, mebibytes } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factorWithin, isBetter } from "../phrases.ts";

const by = (workers: number) => ({ strategy: "chunked", orm: "mysql2", key: "uuidv7", workers });
const time = (evidence: Evidence, workers: number) => evidence.time("workers", by(workers));
const compare = (evidence: Evidence, worse: number, better: number) => evidence.compare("workers", by(worse), by(better));
const memory = (evidence: Evidence, workers: number) => known(evidence.cell("workers", by(workers)).peakRssBytes, "peak memory");

export const finding: Finding = {
  topic: "keys and workers",
  order: 3,
  isHighlight: true,
  belief: "More threads make the batch faster.",
  runs: ["workers"],
  holds: (evidence) =>
    evidence.coresOf("workers") === 2 &&
    isBetter(compare(evidence, 1, 2)) &&
    [4, 6].every((workers) => !isBetter(compare(evidence, 2, workers))),
  text: (evidence) => ({
    sentence: `On ${evidence.coresOf("workers")} cores, two workers shorten the batch from ${duration(time(evidence, 1))} to ${duration(time(evidence, 2))}, and six gain no more: ${duration(time(evidence, 6))}.`,
    numbers: [
      `One worker takes ${factorWithin(compare(evidence, 1, 2))} as long as two, and six take ${factorWithin(compare(evidence, 6, 2))} as long.`,
      `Six threads need ${mebibytes(memory(evidence, 6))} of memory in place of ${mebibytes(memory(evidence, 2))}.`,
      "The batch is `chunked` through mysql2, and the server shares the cores.",
    ],
  }),
};
