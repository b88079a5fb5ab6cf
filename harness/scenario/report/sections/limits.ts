import { list } from "../../../reporters/page/block.ts";
import type { Section } from "../../../reporters/page/section.ts";
import type { ScenarioSubject } from "./subject.ts";

export const limits: Section<ScenarioSubject> = {
  id: "limits",
  title: (words) => words.limits.title,
  applies: () => true,
  render: (_, { scenario }) => list(scenario.limits),
};
