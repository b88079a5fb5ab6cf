import { count, duration } from "../../../harness/text/format.ts";
import { known, type Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";

const [OLD, MIDDLE, NEW] = ["7.3.0", "7.8.0", "7.10.0"] as const;
const VERSIONS = [OLD, MIDDLE, NEW];

const cell = (evidence: Evidence, version: string) =>
  evidence.cell("prisma-versions", { strategy: "chunked", orm: "prisma", version });
const costs = (evidence: Evidence, version: string) => known(cell(evidence, version).costs, `counters of Prisma ${version}`);
const prepares = (evidence: Evidence, version: string): number =>
  known(costs(evidence, version).prepares, `prepared statements of Prisma ${version}`);
const times = (evidence: Evidence): string =>
  VERSIONS.map((version) => `${duration(cell(evidence, version).medianWallMs)} (${version})`).join(", ");
const cpuTimes = (evidence: Evidence): string =>
  VERSIONS.map((version) => duration(cell(evidence, version).clientCpuMs)).join(", ");

/** The counts are exact. Three rounds give the times no interval, so the sentence does not rest on them. */
export const finding: Finding = {
  topic: "libraries",
  order: 7,
  isHighlight: false,
  belief: "An update by minor versions of a library changes no batch.",
  runs: ["prisma-versions"],
  holds: (evidence) =>
    prepares(evidence, OLD) === 0 &&
    [MIDDLE, NEW].every((version) => prepares(evidence, version) > 0) &&
    VERSIONS.every((version) => costs(evidence, version).preparedOpenAtEnd === 0),
  text: (evidence) => ({
    sentence: `Between ${OLD} and ${MIDDLE}, Prisma began to prepare, execute and close each statement with values: ${count(prepares(evidence, MIDDLE))} in this batch, and none before.`,
    numbers: [
      `${NEW} does the same, and no version leaves a statement open.`,
      `The bulk interface took ${times(evidence)}. The client used ${cpuTimes(evidence)} of CPU time. The rounds are too few for a verdict on time.`,
    ],
  }),
};
