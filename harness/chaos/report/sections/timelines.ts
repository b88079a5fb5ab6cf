import { code, heading, type Block, type Figure } from "../../../reporters/page/block.ts";
import { LOCK, ROUND, roundsChart, SLOW } from "../../../reporters/page/figures/rounds.ts";
import { FAILED } from "../../../reporters/parts/colours.ts";
import type { Section } from "../../../reporters/page/section.ts";
import type { Words } from "../../../reporters/page/words/index.ts";
import type { ChaosResults, TrialRecord } from "../../records.ts";
import { shownTrials } from "../timeline.ts";
import { describeTrial } from "../trial.ts";

function figure(record: TrialRecord, words: Words): Figure {
  const { fault, trial, status, rounds, holds, slowRequests, marks } = record;
  const { chaos } = words;
  const locks = holds.filter(({ isCommitted }) => !isCommitted);
  const members = [...new Set([...rounds, ...locks].map(({ member }) => member))].toSorted();
  return {
    kind: "figure",
    id: `trial-${fault}`,
    title: chaos.trial(fault, trial, status),
    reading: chaos.trialReading,
    numbers: describeTrial(record)
      .split("\n")
      .slice(1)
      .map((line) => line.trim()),
    spec: (width) =>
      roundsChart(
        {
          rows: [...members, chaos.requests],
          bars: [
            ...locks.map(({ member, fromMs, toMs }) => ({ row: member, fromMs, toMs, colour: LOCK })),
            ...rounds.map(({ member, fromMs, toMs }) => ({ row: member, fromMs, toMs, colour: ROUND })),
            ...slowRequests.map(({ fromMs, toMs, isFailed }) => ({
              row: chaos.requests,
              fromMs,
              toMs,
              colour: isFailed ? FAILED : SLOW,
            })),
          ],
          moments: marks.map(({ atMs, what }) => ({ atMs, label: what })),
          title: words.scenario.sinceBatch,
        },
        width,
      ),
  };
}

export const timelines: Section<ChaosResults> = {
  id: "trials",
  title: ({ chaos }) => chaos.timelines,
  applies: (results) => shownTrials(results).length > 0,
  render: (results, words) => {
    const failed = results.trials.filter(({ violations }) => violations.length > 0);
    const blocks: Block[] = failed.length === 0 ? [] : [heading(words.chaos.failed), code(failed.map(describeTrial).join("\n"))];
    return [
      ...blocks,
      {
        kind: "details list",
        id: "timelines",
        details: shownTrials(results).map((trial) => ({
          kind: "details",
          id: trial.fault,
          summary: trial.fault,
          blocks: [figure(trial, words)],
        })),
      },
    ];
  },
};
