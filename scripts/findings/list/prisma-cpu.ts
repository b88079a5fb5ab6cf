import { count, duration, microseconds } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const US_PER_MS = 1_000;
const US_PER_S = 1_000_000;

/** CPU time of the client per written row, in µs. */
function perRow(evidence: Evidence, orm: string): number {
  const { clientCpuMs, rowsPerSecond, medianWallMs } = evidence.cell("quick", { strategy: "chunked", orm });
  const rows = (known(rowsPerSecond, "rows per second") * known(medianWallMs, "time") * US_PER_MS) / US_PER_S;
  return (known(clientCpuMs, "CPU time") * US_PER_MS) / rows;
}
const cpu = (evidence: Evidence, orm: string) =>
  known(evidence.cell("quick", { strategy: "chunked", orm }).clientCpuMs, "CPU time");

export const finding: Finding = {
  topic: "libraries",
  order: 2,
  isHighlight: false,
  belief: null,
  runs: ["quick"],
  holds: (evidence) => perRow(evidence, "prisma") > 5 * perRow(evidence, "mariadb"),
  text: (evidence) => ({
    sentence: `Prisma's bulk operations cost ${microseconds(perRow(evidence, "prisma"))} of client CPU per written row, and the same work on its driver ${microseconds(perRow(evidence, "mariadb"))}.`,
    numbers: [
      `The whole batch costs ${duration(cpu(evidence, "prisma"))} of CPU through Prisma, ${duration(cpu(evidence, "drizzle"))} through Drizzle and ${duration(cpu(evidence, "mariadb"))} through mariadb.`,
      `All of them send ${count(evidence.cell("quick", { strategy: "chunked", orm: "prisma" }).statements)} statements.`,
    ],
  }),
};
