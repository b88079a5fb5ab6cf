import { times } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { isBetter } from "../phrases.ts";

const ORMS = ["mysql2", "mariadb", "drizzle", "prisma"];
const ratios = (evidence: Evidence) =>
  ORMS.map((orm) => ({ orm, measured: evidence.compare("quick", { strategy: "naive", orm }, { strategy: "chunked", orm }) }));

export const finding: Finding = {
  topic: "techniques",
  order: 2,
  isHighlight: false,
  belief: "A loop with one save per row is good enough for a nightly job.",
  runs: ["quick"],
  holds: (evidence) => ratios(evidence).every(({ measured }) => isBetter(measured) && measured.times > 10),
  text: (evidence) => {
    const lowest = Math.min(...ratios(evidence).map(({ measured }) => measured.times));
    return {
      sentence: `By estimate, row-by-row saves take at least ${Math.trunc(lowest)} times as long as bulk operations through each of ${ORMS.length} libraries.`,
      numbers: [
        `${ratios(evidence)
          .map(({ orm, measured }) => `${orm} ~${times(measured.times)}`)
          .join(", ")}.`,
        "A limit stopped the row-by-row cells, so these factors are estimates.",
      ],
    };
  },
};
