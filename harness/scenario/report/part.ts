/** The part of a report about one scenario. */
import { renderSections, type PartOf, type Section } from "../../reporters/page/section.ts";
import { count, percent } from "../../text/format.ts";
import type { ScenarioResults } from "../records.ts";
import type { VariantSummary } from "../summary.ts";
import { headlineParts, withRequests } from "./phrases.ts";
import { batch } from "./sections/batch.ts";
import { conditions } from "./sections/conditions.ts";
import { instances } from "./sections/instances.ts";
import { origin } from "./sections/origin.ts";
import { limits } from "./sections/limits.ts";
import { problems } from "./sections/problems.ts";
import { requests } from "./sections/requests.ts";
import { scenarioSubject, variantName, type ScenarioSubject } from "./sections/subject.ts";

const SECTIONS: readonly Section<ScenarioSubject>[] = [requests, instances, batch, origin, problems, conditions, limits];

export const scenarioPart =
  (results: ScenarioResults, id: string): PartOf =>
  async (words) => {
    const subject = scenarioSubject(results);
    const { scenario, samples } = results;
    const errorOf = (summary: VariantSummary): number => summary.phases?.during.errorRate ?? 0;
    const known = subject.summaries.filter(withRequests).toSorted((a, b) => errorOf(b) - errorOf(a));
    const named = (summary: VariantSummary | undefined): { name: string; errors: string } | null =>
      summary === undefined ? null : { name: variantName(summary), errors: percent(errorOf(summary)) };
    return {
      id,
      title: scenario.title ?? words.scenario.title,
      answer: words.scenario.answer({
        worst: named(known[0]),
        best: named(known.at(-1)),
        conflicts: subject.summaries.reduce((sum, { conflicts }) => sum + conflicts, 0),
        writes: count(samples.reduce((sum, { verdict }) => sum + (verdict?.writes ?? 0), 0)),
      }),
      facts: headlineParts(results, words.scenario),
      sections: await renderSections(SECTIONS, subject, words),
    };
  };
