import { FAILED } from "../../../reporters/parts/colours.ts";
import { paragraph, table, type Figure } from "../../../reporters/page/block.ts";
import { dotsChart, type DotRow } from "../../../reporters/page/figures/dots.ts";
import type { Section } from "../../../reporters/page/section.ts";
import type { Words } from "../../../reporters/page/words/index.ts";
import { percent } from "../../../text/format.ts";
import { latencyText, withRequests } from "../phrases.ts";
import { failureRows, latencyRows } from "../tables.ts";
import { variantName, type ScenarioSubject } from "./subject.ts";

/** Colours belong to libraries, so outcomes have shades of one colour, and failures their own. */
const COLOURS: ReadonlyMap<string, string> = new Map([
  ["read", "#4d6480"],
  ["applied", "#4d6480"],
  ["accepted", "#4d6480"],
  ["failed", FAILED],
]);
const SHOWN = ["read", "applied", "accepted", "failed"] as const;
const PERCENT = 100;

function latencies({ summaries }: ScenarioSubject, words: Words): DotRow[] {
  return summaries.flatMap((summary) =>
    SHOWN.flatMap((outcome): DotRow[] => {
      const found = summary.phases?.during.latencies[outcome];
      if (found == null) return [];
      const marks = [found.p50Ms, found.p95Ms, found.p99Ms, found.maxMs].filter((ms) => ms !== null);
      return [
        {
          name: `${variantName(summary)} · ${words.scenario.outcomes[outcome]}`,
          library: outcome,
          dots: marks.map((at) => ({ at, isEstimate: false })),
          median: found.p50Ms,
          low: marks[0] ?? null,
          high: marks.at(-1) ?? null,
          label: latencyText(found),
        },
      ];
    }),
  );
}

function errors({ summaries }: ScenarioSubject): DotRow[] {
  return summaries.flatMap((summary): DotRow[] => {
    const rate = summary.phases?.during.errorRate;
    if (rate == null) return [];
    const rates = summary.samples.flatMap(({ phases }) => {
      const during = phases?.during;
      return during === undefined || during.sent === 0 ? [] : [((during.latencies.failed?.count ?? 0) / during.sent) * PERCENT];
    });
    return [
      {
        name: variantName(summary),
        library: "failed",
        dots: rates.map((at) => ({ at, isEstimate: false })),
        median: rate * PERCENT,
        low: Math.min(...rates, rate * PERCENT),
        high: Math.max(...rates, rate * PERCENT),
        label: percent(rate),
      },
    ];
  });
}

function figure(id: string, title: string, reading: string, unit: string, rows: readonly DotRow[], words: Words): Figure {
  return {
    kind: "figure",
    id,
    title,
    reading,
    numbers: rows.map(({ name, label }) => `${name}: ${label}.`),
    spec: (width) =>
      dotsChart({ rows, colours: COLOURS, title: unit, logarithmic: words.axis.logarithmic, isSpread: false }, width),
  };
}

export const requests: Section<ScenarioSubject> = {
  id: "requests",
  title: ({ scenario }) => scenario.requests,
  applies: ({ summaries }) => summaries.some(withRequests),
  render: (subject, words) => {
    const { scenario } = words;
    return [
      figure("latency", scenario.figure, scenario.reading, scenario.milliseconds, latencies(subject, words), words),
      figure("errors", scenario.errorsFigure, scenario.errorsReading, scenario.percent, errors(subject), words),
      ...table(scenario.table, scenario.latencyHead, latencyRows(subject.summaries)),
      paragraph(scenario.percentiles),
      ...table(scenario.failures, scenario.failureHead, failureRows(subject.summaries)),
    ];
  },
};
