import { list } from "../../../reporters/page/block.ts";
import type { Section } from "../../../reporters/page/section.ts";
import type { ChaosResults } from "../../records.ts";

export const limits: Section<ChaosResults> = {
  id: "limits",
  title: (words) => words.limits.title,
  applies: () => true,
  render: (_, { chaos }) => list(chaos.limits),
};
