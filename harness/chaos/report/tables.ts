/** Renders chaos.md, chaos.csv, chaos.json and the table for the terminal. */
import { stringify } from "csv-stringify/sync";
import { count, csvNumber, duration, percent, serverName } from "../../text/format.ts";
import { layOut, MAX_COLUMNS, proseColumns, wrap, type Align } from "../../text/layout.ts";
import { markdownLines } from "../../text/markdown.ts";
import type { ChaosResults } from "../records.ts";
import { startLines } from "../start.ts";
import { summariseChaos, type FaultSummary } from "../summary.ts";
import { describeTrial } from "./trial.ts";

const boundText = ({ upperBound }: FaultSummary): string => (upperBound === null ? "-" : `< ${percent(upperBound)}`);
const recoveryText = ({ recoveryMs }: FaultSummary): string =>
  recoveryMs === null ? "-" : [recoveryMs.median, recoveryMs.p95, recoveryMs.max].map(duration).join(" / ");

/** Violations without the fault are not among those of the trials, and must not vanish. */
const notReachedText = ({ notApplied, failedNotApplied }: FaultSummary): string =>
  failedNotApplied === 0 ? String(notApplied) : `${notApplied} (${failedNotApplied} failed)`;

const HEAD = [
  "fault",
  "trials",
  "not reached",
  "failed",
  "upper bound",
  "near misses",
  "to the end: p50 / p95 / max",
  "requests affected",
];
const ALIGNS: Align[] = ["left", "right", "right", "right", "right", "right", "right", "right"];

/** One row of the table of faults. */
export const faultCells = (summary: FaultSummary): string[] => [
  summary.fault,
  String(summary.trials),
  notReachedText(summary),
  String(summary.failedTrials),
  boundText(summary),
  String(summary.nearMisses),
  recoveryText(summary),
  `${count(summary.affectedRequests)} of ${count(summary.requests)}`,
];

const LEGEND =
  "The upper bound is 3 / n: zero failures in n trials limit the fraction of failures with a confidence of 95 %. The time begins at the last act of the fault before the end of the run. A near miss is a live member without a fault that the others did not count. Two heartbeats that are further apart than the lease count as one too. A request is affected if it fails at first or takes over 1 s. A trial is not reached if the run ended before the fault acted, or if the fault missed its state. Near misses and requests are those of all trials, and all other columns those of the reached ones.";

/** Trials whose first attempt could not run, with the reason. */
const repeatedLines = ({ trials }: ChaosResults): string[] =>
  trials.flatMap(({ fault, trial, repeatedAfter }) =>
    repeatedAfter === null ? [] : [`${fault}:${trial} ran on new members: ${repeatedAfter}.`],
  );

function headline({ trials }: ChaosResults): string {
  const failed = trials.filter(({ violations }) => violations.length > 0).length;
  const requests = trials.reduce((sum, trial) => sum + trial.requests, 0);
  return `${trials.length} trials with ${requests.toLocaleString("en")} requests: ${failed === 0 ? "no invariant violated" : `${failed} trials violated an invariant`}.`;
}

export function chaosTable(results: ChaosResults, colour: boolean, columns: number = MAX_COLUMNS): string {
  const rows = summariseChaos(results).map((summary) => ({ cells: faultCells(summary), below: null }));
  return `${wrap(headline(results), proseColumns(columns))}\n\n${layOut(HEAD, ALIGNS, rows, colour)}`;
}

/** One row per invariant, with the faults under which it was violated. */
export function invariantRows(results: ChaosResults): string[][] {
  const summaries = summariseChaos(results);
  const trials = summaries.reduce((sum, each) => sum + each.trials, 0);
  return results.chaos.invariants.map(({ id, says }) => {
    const found = summaries.flatMap(({ fault, violations, violationsNotApplied }) => [
      ...((violations[id] ?? 0) > 0 ? [`${fault}: ${violations[id]}`] : []),
      ...((violationsNotApplied[id] ?? 0) > 0 ? [`${fault}, not reached: ${violationsNotApplied[id]}`] : []),
    ]);
    return [id, says, String(trials), found.length === 0 ? "0" : found.join("; ")];
  });
}

/** The table of faults with its conditions, for a page that has its own headings. */
export function chaosDigest(results: ChaosResults): string {
  const table = markdownLines(HEAD, summariseChaos(results).map(faultCells));
  return [headline(results), table, LEGEND, ...startLines(results.starts)].join("\n\n");
}

export function chaosMarkdown(results: ChaosResults): string {
  const { chaos, trials } = results;
  const summaries = summariseChaos(results);
  const failed = trials.filter(({ violations }) => violations.length > 0);
  return [
    "# The cluster under faults",
    "",
    headline(results),
    "",
    "## Faults",
    "",
    markdownLines(HEAD, summaries.map(faultCells)),
    "",
    LEGEND,
    "",
    "## Invariants",
    "",
    markdownLines(["invariant", "rule", "trials", "violations"], invariantRows(results)),
    "",
    ...(failed.length === 0 ? [] : ["## Failed trials", "", "```text", ...failed.map(describeTrial), "```", ""]),
    "## Method",
    "",
    `- ${chaos.members} members behind nginx, partitioning ${chaos.partitioning}, lease ${duration(chaos.leaseMs)}; ${chaos.users} users; ${chaos.ratePerSecond} requests/s by clients that repeat a write under its key.`,
    `- Seed ${chaos.seed}. Replay one trial: \`bench chaos --seed ${chaos.seed} --partitioning ${chaos.partitioning} --replay FAULT:TRIAL\`.`,
    `- ${serverName(chaos.serverVersion)}, a separate server for the trials where bench manages it.`,
    ...startLines(results.starts).map((line) => `- ${line}`),
    ...repeatedLines(results).map((line) => `- ${line}`),
    "",
  ].join("\n");
}

/** One row per fault and invariant. */
export function chaosCsv(results: ChaosResults): string {
  const { seed, partitioning, members } = results.chaos;
  const rows = summariseChaos(results).flatMap((summary) =>
    Object.entries(summary.violations).map(([invariant, violations]) => ({
      fault: summary.fault,
      invariant,
      trials: summary.trials,
      trials_not_reached: summary.notApplied,
      violations,
      violations_not_reached: summary.violationsNotApplied[invariant] ?? 0,
      upper_bound: csvNumber(summary.upperBound),
      near_misses: summary.nearMisses,
      recovery_p50_ms: csvNumber(summary.recoveryMs?.median),
      recovery_p95_ms: csvNumber(summary.recoveryMs?.p95),
      recovery_max_ms: csvNumber(summary.recoveryMs?.max),
      requests: summary.requests,
      requests_affected: summary.affectedRequests,
      partitioning,
      members,
      seed,
    })),
  );
  return stringify(rows, { header: true });
}

export const chaosJson = (results: ChaosResults): string =>
  JSON.stringify({ chaos: results.chaos, starts: results.starts, faults: summariseChaos(results) }, null, 2);
