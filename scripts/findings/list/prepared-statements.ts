import { count } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const costs = (evidence: Evidence, orm: string) => known(evidence.cell("quick", { strategy: "chunked", orm }).costs, "counters");
const prepares = (evidence: Evidence, orm: string) => known(costs(evidence, orm).prepares, "number of prepared statements");

export const finding: Finding = {
  topic: "libraries",
  order: 4,
  isHighlight: false,
  belief: "Prisma's adapter leaves prepared statements open.",
  runs: ["quick"],
  holds: (evidence) => {
    const { closes, executions } = costs(evidence, "prisma");
    return (
      closes === prepares(evidence, "prisma") &&
      executions === closes &&
      prepares(evidence, "mysql2") < 0.01 * prepares(evidence, "prisma")
    );
  },
  text: (evidence) => ({
    sentence: `Prisma ${evidence.cell("quick", { strategy: "chunked", orm: "prisma" }).ormVersion ?? ""} prepares, executes and closes each of its ${count(prepares(evidence, "prisma"))} statements with values, and leaves none open.`,
    numbers: [
      `mysql2 prepares ${count(prepares(evidence, "mysql2"))} statements and executes them ${count(costs(evidence, "mysql2").executions)} times.`,
      "Each preparation is a further round trip.",
    ],
  }),
};
