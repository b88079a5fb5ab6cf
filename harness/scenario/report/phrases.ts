/** Texts that tables, chart and terminal share. */
import { enScenario } from "../../reporters/page/words/en-scenario.ts";
import type { Words } from "../../reporters/page/words/index.ts";
import { duration, serverName, UNKNOWN } from "../../text/format.ts";
import { PHASES, type ScenarioResults } from "../records.ts";
import { weakScenarios, type Latencies, type PhaseSummary, type VariantSummary } from "../summary.ts";

type Texts = Pick<Words["scenario"], "headline" | "problemTexts">;
const ENGLISH: Texts = enScenario.scenario;

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
export const whyLate = (phase: PhaseSummary | undefined, texts: Texts["problemTexts"] = ENGLISH.problemTexts): string | null =>
  phase?.isLate === true ? texts.lateBy(duration(phase.generatorLateP99Ms)) : null;

/** Most frequent first. */
export const byFrequency = (failures: Readonly<Record<string, number>>): [kind: string, count: number][] =>
  Object.entries(failures).toSorted(([, one], [, other]) => other - one);

/** Data and load, then server and machine: two lines that fit a page. */
export function headlineParts(
  { scenario }: ScenarioResults,
  { headline: texts }: Pick<Texts, "headline"> = ENGLISH,
): [load: string, machine: string] {
  const { dataset, environment, ratePerSecond } = scenario;
  const { machine, server } = environment;
  return [
    [
      texts.users(dataset.users.toLocaleString("en"), dataset.dormantUsers.toLocaleString("en")),
      texts.rate(String(ratePerSecond)),
    ].join(" · "),
    [
      texts.server(serverName(server.version), server.durability),
      texts.cores(machine.cpu, machine.cores),
      scenario.startedAt.slice(0, 10),
    ].join(" · "),
  ];
}

export const headline = (results: ScenarioResults): string => headlineParts(results).join(" · ");

export const kept = (isKept: boolean | null): string => (isKept === null ? "undecided" : isKept ? "met" : "not met");

export function problems(
  results: ScenarioResults,
  summaries: readonly VariantSummary[],
  { problemTexts: texts }: Pick<Texts, "problemTexts"> = ENGLISH,
): string[] {
  return [
    ...summaries.flatMap(({ failed }) => failed.map(({ variant, reason }) => texts.failed(variant.id, reason ?? ""))),
    ...results.samples.flatMap(({ variant, verdict }) =>
      (verdict?.conflicts ?? []).map(({ says, count: many, examples }) =>
        texts.conflict(variant.id, String(many), says, examples[0] ?? ""),
      ),
    ),
    ...summaries.flatMap(({ variant, phases }) =>
      PHASES.flatMap((phase) => {
        const why = whyLate(phases?.[phase], texts);
        return why === null ? [] : [texts.late(variant.id, texts.phases[phase], why)];
      }),
    ),
    ...weakScenarios(summaries).map((batch) => texts.weak(batch)),
    ...results.samples.flatMap(({ variant, warnings }) => warnings.map((warning) => `${variant.id}: ${warning}`)),
    ...(results.how === "complete" ? [] : [texts.unfinished]),
    ...results.scenario.notes,
  ];
}
