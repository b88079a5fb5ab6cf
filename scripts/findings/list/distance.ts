import { duration } from "../../../harness/text/format.ts";
import { known, type Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { factorWithin, isBetter } from "../phrases.ts";

/** added by the proxy; the sentences name the measured round trip, which is longer */
const FAR_MS = 5;

const cell = (strategy: string, orm: string, addedRttMs: number) => ({ strategy, orm, addedRttMs });
/** `chunked` sends twice as many statements as `case-when`. */
const atDistance = (evidence: Evidence, addedRttMs: number) =>
  evidence.compare("rtt", cell("chunked", "mysql2", addedRttMs), cell("case-when", "mysql2", addedRttMs));
const time = (evidence: Evidence, orm: string, addedRttMs: number): string =>
  duration(evidence.time("rtt", cell("chunked", orm, addedRttMs)));
const roundTrip = (evidence: Evidence, addedRttMs: number): string => duration(evidence.roundTripMs("rtt", addedRttMs));
const roundTrips = (evidence: Evidence, strategy: string, orm: string): string =>
  known(evidence.cell("rtt", cell(strategy, orm, 0)).roundTrips, `round trips of ${strategy}/${orm}`).toLocaleString("en");

export const finding: Finding = {
  topic: "techniques",
  order: 4,
  isHighlight: true,
  belief: "The fastest technique beside the database is the fastest one anywhere.",
  runs: ["rtt"],
  holds: (evidence) => isBetter(atDistance(evidence, FAR_MS)) && !isBetter(atDistance(evidence, 0)),
  text: (evidence) => ({
    sentence: `Distance favours few statements: at ${roundTrip(evidence, FAR_MS)} per round trip, \`chunked\` through mysql2 takes ${factorWithin(atDistance(evidence, FAR_MS))} as long as \`case-when\`.`,
    numbers: [
      `Beside the server, at ${roundTrip(evidence, 0)} per round trip, it takes ${factorWithin(atDistance(evidence, 0))} as long.`,
      `Through mysql2, \`chunked\` needs ${roundTrips(evidence, "chunked", "mysql2")} round trips, \`case-when\` ${roundTrips(evidence, "case-when", "mysql2")} and \`set-based\` ${roundTrips(evidence, "set-based", "mysql2")}.`,
      `Prisma prepares each statement and needs ${roundTrips(evidence, "chunked", "prisma")} for \`chunked\`: ${time(evidence, "prisma", 0)} become ${time(evidence, "prisma", FAR_MS)}, and ${time(evidence, "mysql2", 0)} become ${time(evidence, "mysql2", FAR_MS)} through mysql2.`,
    ],
  }),
};
