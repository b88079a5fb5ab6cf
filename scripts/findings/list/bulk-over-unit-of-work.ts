import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factor, fromTo, isBetter } from "../phrases.ts";

const measured = (evidence: Evidence) =>
  evidence.compare("origin", { strategy: "unit-of-work", orm: "mikro-orm" }, { strategy: "chunked", orm: "mikro-orm" });

export const finding: Finding = {
  topic: "libraries",
  order: 5,
  isHighlight: false,
  belief: "With flush and clear, a unit of work is the fast path of a full ORM.",
  runs: ["origin"],
  holds: (evidence) => isBetter(measured(evidence)),
  text: (evidence) => ({
    sentence: `The bulk operations of MikroORM beat its unit of work: from ${fromTo(measured(evidence))}, with IDENTITY keys.`,
    numbers: [`The unit of work takes ${factor(measured(evidence).times)} as long.`],
  }),
};
