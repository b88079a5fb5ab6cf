/** The colour of each library, the same in every chart, so that a reader recognises it. */
import { listPlugIns } from "../../registry.ts";
import type { RunRecord } from "../../results/records.ts";

/** Failures, in every chart; no library has this colour. */
export const FAILED = "#d62728";

/** For libraries that declare no colour. All differ from the colours that the libraries of this project declare. */
const OTHERS = ["#8c564b", "#7f3c8d", "#999933", "#117733", "#332288", "#b07d2b", "#44aa99", "#882255"] as const;

function hashOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash;
}

/** The colour that a library without a declared one gets: by its name, so that it does not depend on the other libraries. */
const colourOfName = (orm: string): string => OTHERS[hashOf(orm) % OTHERS.length] ?? OTHERS[0];

/** Library -> colour, in the order of the cells. All versions of a library share its colour. */
export async function libraryColours(cells: RunRecord["cells"]): Promise<ReadonlyMap<string, string>> {
  // older records contain no colours
  const declared = new Map((await listPlugIns("orm")).map(({ value }) => [value.id, value.colour] as const));
  return new Map(
    cells.map(({ orm, colour, isOwnOrm }) => [orm, colour ?? (isOwnOrm ? undefined : declared.get(orm)) ?? colourOfName(orm)]),
  );
}
