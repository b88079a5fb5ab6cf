/** One trial as text: what the fault did, when rounds committed, and what was violated. */
import { duration, milliseconds } from "../../text/format.ts";
import type { TrialRecord } from "../records.ts";

export function describeTrial({
  fault,
  trial,
  seed,
  status,
  endedAtMs,
  violations,
  marks,
  rounds,
  nearMisses,
}: TrialRecord): string {
  const events = [
    { atMs: 0, what: "batch requested" },
    ...marks,
    ...rounds.map(({ member, users, fromMs, toMs }) => ({
      atMs: toMs,
      what: `${member} committed ${users} users (round of ${duration(toMs - fromMs)})`,
    })),
    ...(endedAtMs === null ? [] : [{ atMs: endedAtMs, what: `the run is ${status}` }]),
  ].toSorted((one, other) => one.atMs - other.atMs);
  const verdict = violations.length === 0 ? "no violation" : `${violations.length} invariants violated`;
  return [
    `${fault}:${trial} (seed ${seed}): ${verdict}`,
    ...events.map(({ atMs, what }) => `  ${milliseconds(atMs).padStart(9)}  ${what}`),
    ...nearMisses.map((member) => `  near miss: ${member} was counted out without a fault`),
    ...violations.flatMap(({ invariant, count, examples }) => [
      `  violated: ${invariant} (${count})`,
      ...examples.map((example) => `    ${example}`),
    ]),
  ].join("\n");
}
