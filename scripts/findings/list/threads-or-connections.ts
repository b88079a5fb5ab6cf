import { duration, mebibytes } from "../../../harness/text/format.ts";
import { known, type Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factorWithin } from "../phrases.ts";

const threads = { strategy: "chunked", orm: "mysql2", key: "uuidv7", workers: 6 };
const connections = { ...threads, parallel: "connections" } as const;
const compare = (evidence: Evidence) => evidence.compare("keys", threads, connections);
const memory = (evidence: Evidence, choice: typeof threads) => known(evidence.cell("keys", choice).peakRssBytes, "peak memory");

/** Six threads help little if connections of one thread reach this fraction of their speed. */
const NEAR = 0.8;

export const finding: Finding = {
  topic: "keys and workers",
  order: 4,
  isHighlight: false,
  belief: "Parallel workers of a batch need threads.",
  runs: ["keys"],
  holds: (evidence) => compare(evidence).times > NEAR && memory(evidence, connections) < memory(evidence, threads),
  text: (evidence) => ({
    sentence: `Six connections of one thread do the work of six threads: ${duration(evidence.time("keys", connections))} against ${duration(evidence.time("keys", threads))}, through mysql2.`,
    numbers: [
      `Six threads take ${factorWithin(compare(evidence))} as long.`,
      `They need ${mebibytes(memory(evidence, threads))} of memory in place of ${mebibytes(memory(evidence, connections))}.`,
    ],
  }),
};
