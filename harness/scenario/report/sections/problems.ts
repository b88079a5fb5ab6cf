import { list, paragraph } from "../../../reporters/page/block.ts";
import type { Section } from "../../../reporters/page/section.ts";
import { problems as problemsOf } from "../phrases.ts";
import type { ScenarioSubject } from "./subject.ts";

export const problems: Section<ScenarioSubject> = {
  id: "problems",
  title: ({ scenario }) => scenario.problems,
  applies: () => true,
  render: ({ results, summaries }, { scenario }) => {
    const found = problemsOf(results, summaries, scenario);
    return found.length === 0 ? [paragraph(scenario.noProblems)] : list([...new Set(found)]);
  },
};
