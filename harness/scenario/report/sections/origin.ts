import { paragraph, table } from "../../../reporters/page/block.ts";
import type { Section } from "../../../reporters/page/section.ts";
import { originRows } from "../origin.ts";
import type { ScenarioSubject } from "./subject.ts";

export const origin: Section<ScenarioSubject> = {
  id: "origin",
  title: ({ scenario }) => scenario.origin,
  applies: ({ summaries }) => originRows(summaries).length > 0,
  render: ({ summaries }, { scenario }) => [
    ...table(scenario.origin, scenario.originHead, originRows(summaries, scenario.originTexts)),
    paragraph(scenario.originTexts.caution),
  ],
};
