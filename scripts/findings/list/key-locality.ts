import { count, duration, percent } from "../../../harness/text/format.ts";
import { known, type Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factorWithin, isBetter } from "../phrases.ts";

const cellOf = (key: string, workers: number, prefill?: string) => ({
  strategy: "chunked",
  orm: "mysql2",
  key,
  workers,
  ...(prefill !== undefined && { prefill }),
});
const EARLIER = "10";

const compare = (evidence: Evidence, workers: number, prefill?: string) =>
  evidence.compare("keys", cellOf("uuidv4", workers, prefill), cellOf("uuidv7", workers, prefill));
const cost = (evidence: Evidence, key: string, name: "pagesRead" | "leafFill" | "lookupPagesRead"): number =>
  known(evidence.cell("keys", cellOf(key, 1, EARLIER)).costs?.[name], `${name} of ${key} in keys`);

export const finding: Finding = {
  topic: "keys and workers",
  order: 2,
  isHighlight: true,
  belief: "Random keys spread the inserts of parallel workers, so they beat time-ordered keys.",
  runs: ["keys"],
  holds: (evidence) => isBetter(compare(evidence, 1, EARLIER)) && isBetter(compare(evidence, 6, EARLIER)),
  text: (evidence) => ({
    sentence: `In tables larger than the buffer pool, random keys take ${factorWithin(compare(evidence, 1, EARLIER))} as long as time-ordered ones.`,
    numbers: [
      `With six workers, they take ${factorWithin(compare(evidence, 6, EARLIER))} as long.`,
      `The server reads ${count(cost(evidence, "uuidv4", "pagesRead"))} pages during the batch with UUIDv4, and ${count(cost(evidence, "uuidv7", "pagesRead"))} with UUIDv7.`,
      `Rows fill ${percent(cost(evidence, "uuidv4", "leafFill"))} of the leaf pages with UUIDv4, and ${percent(cost(evidence, "uuidv7", "leafFill"))} with UUIDv7.`,
      `In empty tables, the batch takes ${duration(evidence.time("keys", cellOf("uuidv4", 1)))} with UUIDv4 and ${duration(evidence.time("keys", cellOf("uuidv7", 1)))} with UUIDv7, with one worker.`,
      `With six workers, these times are ${duration(evidence.time("keys", cellOf("uuidv4", 6)))} and ${duration(evidence.time("keys", cellOf("uuidv7", 6)))}.`,
      "The tables hold ten earlier runs, and the buffer pool has 128 MiB.",
    ],
  }),
};
