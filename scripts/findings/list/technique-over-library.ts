import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factor, fromTo, isBetter } from "../phrases.ts";

const technique = (evidence: Evidence) =>
  evidence.compare("origin", { strategy: "naive", orm: "mikro-orm" }, { strategy: "chunked", orm: "mikro-orm" });
const library = (evidence: Evidence) =>
  evidence.compare("quick", { strategy: "chunked", orm: "prisma" }, { strategy: "chunked", orm: "mariadb" });

export const finding: Finding = {
  topic: "techniques",
  order: 1,
  isHighlight: true,
  belief: "A faster library makes the batch fast.",
  runs: ["origin", "quick"],
  holds: (evidence) => isBetter(technique(evidence)) && technique(evidence).times > 5 * library(evidence).times,
  text: (evidence) => ({
    sentence: `The technique matters more than the library: bulk operations shorten MikroORM's batch from ${fromTo(technique(evidence))}, ${factor(technique(evidence).times)} less.`,
    numbers: [
      `The same bulk operations take ${factor(library(evidence).times)} as long through Prisma as through its driver mariadb.`,
    ],
  }),
};
