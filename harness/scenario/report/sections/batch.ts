import { table } from "../../../reporters/page/block.ts";
import type { Section } from "../../../reporters/page/section.ts";
import { batchRows } from "../tables.ts";
import type { ScenarioSubject } from "./subject.ts";

export const batch: Section<ScenarioSubject> = {
  id: "batch",
  title: ({ scenario }) => scenario.batch,
  applies: ({ summaries }) => summaries.length > 0,
  render: ({ summaries }, { scenario }) => table(scenario.batch, scenario.batchHead, batchRows(summaries)),
};
