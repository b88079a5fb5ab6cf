import { table } from "../../../reporters/page/block.ts";
import type { Section } from "../../../reporters/page/section.ts";
import type { ChaosResults } from "../../records.ts";
import { invariantRows } from "../tables.ts";

export const invariants: Section<ChaosResults> = {
  id: "invariants",
  title: ({ chaos }) => chaos.invariants,
  applies: ({ chaos }) => chaos.invariants.length > 0,
  render: (results, { chaos }) => table(chaos.invariants, chaos.invariantHead, invariantRows(results)),
};
