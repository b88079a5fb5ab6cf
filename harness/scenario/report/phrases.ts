/** Texts that tables, chart and terminal share. */
import { duration, serverName, UNKNOWN } from "../../text/format.ts";
import { PHASES, type PhaseName, type ScenarioResults } from "../records.ts";
import { weakScenarios, type Latencies, type PhaseSummary, type VariantSummary } from "../summary.ts";

export const guardName = ({ variant }: VariantSummary): string => variant.guard ?? "(no requests)";
export const withRequests = (summary: VariantSummary): boolean => summary.variant.guard !== null;
/** Instead of a latency that contains the delay of the generator. */
export const LATE = "late";

export const percentilesText = (found: Latencies | null | undefined): string => {
  if (found == null) return UNKNOWN;
  return found.p99Ms === null ? LATE : [found.p50Ms, found.p95Ms, found.p99Ms, found.maxMs].map(duration).join(" / ");
};

/** One percentile for a table. */
export const latencyText = (found: Latencies | null | undefined, name: "p50Ms" | "p99Ms" = "p99Ms"): string =>
  found != null && found[name] === null ? LATE : duration(found?.[name] ?? null);

/** @returns null where the latencies of the phase are known */
export const whyLate = (phase: PhaseSummary | undefined): string | null =>
  phase?.isLate === true ? `the load generator was ${duration(phase.generatorLateP99Ms)} late at p99` : null;

const PHASE_NAMES: Readonly<Record<PhaseName, string>> = {
  before: "before the batch",
  during: "during the batch",
  after: "after the batch",
};

/** Most frequent first. */
export const byFrequency = (failures: Readonly<Record<string, number>>): [kind: string, count: number][] =>
  Object.entries(failures).toSorted(([, one], [, other]) => other - one);

/** Data and load, then server and machine: two lines that fit a page. */
export function headlineParts({ scenario }: ScenarioResults): [load: string, machine: string] {
  const { dataset, environment, ratePerSecond } = scenario;
  const { machine, server } = environment;
  return [
    [
      `${dataset.users.toLocaleString("en")} users of the batch and ${dataset.dormantUsers.toLocaleString("en")} others`,
      `${ratePerSecond} requests/s`,
    ].join(" · "),
    [
      `${serverName(server.version)}, durability ${server.durability}`,
      `${machine.cpu}, ${machine.cores} cores`,
      scenario.startedAt.slice(0, 10),
    ].join(" · "),
  ];
}

export const headline = (results: ScenarioResults): string => headlineParts(results).join(" · ");

export const kept = (isKept: boolean | null): string => (isKept === null ? "undecided" : isKept ? "met" : "not met");

export function problems(results: ScenarioResults, summaries: readonly VariantSummary[]): string[] {
  return [
    ...summaries.flatMap(({ failed }) => failed.map(({ variant, reason }) => `${variant.id} failed: ${reason ?? ""}`)),
    ...results.samples.flatMap(({ variant, verdict }) =>
      (verdict?.conflicts ?? []).map(
        ({ says, count: many, examples }) => `${variant.id}: ${many} violations of "${says}", for example ${examples[0] ?? ""}`,
      ),
    ),
    ...summaries.flatMap(({ variant, phases }) =>
      PHASES.flatMap((phase) => {
        const why = whyLate(phases?.[phase]);
        return why === null ? [] : [`${variant.id}: ${PHASE_NAMES[phase]}, ${why}, so the latencies of this phase are unknown.`];
      }),
    ),
    ...weakScenarios(summaries).map(
      (batch) =>
        `${batch}: no request failed and no write conflicted without a guard, so this scenario cannot show the effect of a guard.`,
    ),
    ...results.samples.flatMap(({ variant, warnings }) => warnings.map((warning) => `${variant.id}: ${warning}`)),
    ...(results.how === "complete" ? [] : ["The scenario did not finish: variants may be missing."]),
    ...results.scenario.notes,
  ];
}
