import { table, type Figure } from "../../../reporters/page/block.ts";
import { ROUND, roundsChart } from "../../../reporters/page/figures/rounds.ts";
import type { Section } from "../../../reporters/page/section.ts";
import type { Words } from "../../../reporters/page/words/index.ts";
import { duration } from "../../../text/format.ts";
import { disturbanceOf } from "../../disturbances/registry.ts";
import { firstSamples } from "../members-chart.ts";
import { disturbanceRows, memberRows } from "../tables.ts";
import type { ScenarioSubject } from "./subject.ts";

type Sample = ScenarioSubject["results"]["samples"][number];

function figure({ variant, cluster }: Sample, index: number, words: Words): Figure {
  const { scenario } = words;
  const rounds = cluster?.rounds ?? [];
  const bars = rounds.map(({ member, fromMs, toMs }) => ({ row: scenario.member(member + 1), fromMs, toMs, colour: ROUND }));
  const rows = [...new Set(rounds.map(({ member }) => member))]
    .toSorted((a, b) => a - b)
    .map((member) => scenario.member(member + 1));
  const { disturbance } = variant.batch;
  const atMs = cluster?.disturbance?.serverAtMs ?? null;
  const moments =
    disturbance === null || atMs === null ? [] : [{ atMs, label: disturbanceOf(disturbance).describe(disturbance) }];
  return {
    kind: "figure",
    id: `members-${index + 1}`,
    title: scenario.memberFigure(variant.id),
    reading: scenario.memberReading(rows.length, rounds.length, duration(Math.max(...rounds.map(({ toMs }) => toMs)))),
    numbers: [...Map.groupBy(rounds, ({ member }) => member)]
      .toSorted(([a], [b]) => a - b)
      .map(([member, own]) =>
        scenario.memberRow(scenario.member(member + 1), own.length, duration(Math.max(...own.map(({ toMs }) => toMs)))),
      ),
    spec: (width) => roundsChart({ rows, bars, moments, title: scenario.sinceBatch }, width),
  };
}

export const instances: Section<ScenarioSubject> = {
  id: "instances",
  title: ({ scenario }) => scenario.instances,
  applies: ({ summaries }) => summaries.some(({ cluster }) => cluster !== null),
  render: ({ results, summaries }, words) => {
    const { scenario } = words;
    return [
      ...firstSamples(results.samples).map((sample, index) => figure(sample, index, words)),
      ...table(scenario.instances, scenario.memberHead, memberRows(summaries)),
      ...table(scenario.disturbances, scenario.disturbanceHead, disturbanceRows(summaries)),
    ];
  },
};
