import { known, type Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factor } from "../phrases.ts";

const ORMS = ["drizzle", "knex", "kysely", "mikro-orm", "prisma", "sequelize", "typeorm"];

interface Ratio {
  readonly orm: string;
  readonly ratio: number;
}

/** Of each library, to the same technique on the best raw driver; smallest first. */
const ratios = (evidence: Evidence, strategy: string): Ratio[] =>
  ORMS.map((orm) => ({
    orm,
    ratio: known(evidence.cell("orms", { strategy, orm }).ratioToBaseline, `ratio of ${strategy}/${orm} to the best raw driver`),
  })).toSorted((a, b) => a.ratio - b.ratio);

function ends(found: readonly Ratio[]): { readonly least: Ratio; readonly most: Ratio } {
  return { least: known(found[0], "smallest ratio"), most: known(found.at(-1), "largest ratio") };
}

const spread = (found: readonly Ratio[]): number => ends(found).most.ratio / ends(found).least.ratio;

const range = (found: readonly Ratio[]): string => {
  const { least, most } = ends(found);
  return `${factor(least.ratio)} (${least.orm}) to ${factor(most.ratio)} (${most.orm})`;
};

export const finding: Finding = {
  topic: "libraries",
  order: 6,
  isHighlight: true,
  belief: "All ORMs are slow.",
  runs: ["orms"],
  holds: (evidence) => spread(ratios(evidence, "chunked")) > spread(ratios(evidence, "case-when")),
  text: (evidence) => ({
    sentence: `The bulk interfaces of ${ORMS.length} libraries take ${range(ratios(evidence, "chunked"))} as long as the best raw driver.`,
    numbers: [
      `One statement per table and chunk (\`case-when\`) through the same libraries takes ${range(ratios(evidence, "case-when"))} as long.`,
    ],
  }),
};
