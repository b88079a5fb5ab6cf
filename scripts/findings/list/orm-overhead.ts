import { count } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factor, factorWithin, isBetter } from "../phrases.ts";

const ORMS = ["mysql2", "mariadb", "drizzle", "prisma"];
const chunked = (orm: string) => ({ strategy: "chunked", orm });
const toDriver = (evidence: Evidence, orm: string, driver: string) => evidence.compare("quick", chunked(orm), chunked(driver));
const total = (evidence: Evidence, orm: string) =>
  known(evidence.cell("quick", chunked(orm)).ratioToBaseline, "ratio to the best raw driver");
const statements = (evidence: Evidence) => new Set(ORMS.map((orm) => evidence.cell("quick", chunked(orm)).statements));

export const finding: Finding = {
  topic: "libraries",
  order: 1,
  isHighlight: false,
  belief: "The database is the bottleneck, so the ORM costs nothing.",
  runs: ["quick"],
  holds: (evidence) =>
    statements(evidence).size === 1 &&
    isBetter(toDriver(evidence, "drizzle", "mysql2")) &&
    isBetter(toDriver(evidence, "prisma", "mariadb")),
  text: (evidence) => ({
    sentence: `With the same ${count([...statements(evidence)][0] ?? null)} bulk statements, Drizzle takes ${factor(total(evidence, "drizzle"))} and Prisma ${factor(total(evidence, "prisma"))} as long as the best raw driver.`,
    numbers: [
      `Drizzle takes ${factorWithin(toDriver(evidence, "drizzle", "mysql2"))} as long as its own driver, and Prisma ${factorWithin(toDriver(evidence, "prisma", "mariadb"))}.`,
    ],
  }),
};
