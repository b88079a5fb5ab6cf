import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factorWithin, fromTo, isBetter } from "../phrases.ts";

const measured = (evidence: Evidence) =>
  evidence.compare("quick", { strategy: "chunked", orm: "prisma" }, { strategy: "case-when", orm: "prisma" });

export const finding: Finding = {
  topic: "libraries",
  order: 3,
  isHighlight: true,
  belief: null,
  runs: ["quick"],
  holds: (evidence) => isBetter(measured(evidence)),
  text: (evidence) => ({
    sentence: `Through Prisma, hand-written SQL (\`case-when\`) shortens the batch from ${fromTo(measured(evidence))}, compared with the bulk interface (\`chunked\`).`,
    numbers: [`The bulk interface takes ${factorWithin(measured(evidence))} as long.`],
  }),
};
