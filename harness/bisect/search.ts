/**
 * Binary search for the first bad step. A step that bench cannot measure is neither good nor bad: the search takes its nearest
 * neighbour instead. A pure function of the verdicts, so that a search continues from saved verdicts.
 */

export type Kind = "good" | "bad" | "unusable";

export type Search =
  | { readonly kind: "measure"; readonly index: number }
  | {
      readonly kind: "found";
      readonly lastGood: number;
      readonly firstBad: number;
      /** steps between them that could not be measured; the change lies in one of them or in `firstBad` */
      readonly unusable: readonly number[];
    };

/**
 * @param count of steps; the first one is good and the last one bad
 * @param verdicts of measured steps, by index
 */
export function nextStep(count: number, verdicts: ReadonlyMap<number, Kind>): Search {
  const indices = [...verdicts.keys()].toSorted((a, b) => a - b);
  const bad = indices.filter((index) => verdicts.get(index) === "bad");
  const firstBad = Math.min(count - 1, ...bad);
  const lastGood = Math.max(0, ...indices.filter((index) => index < firstBad && verdicts.get(index) === "good"));
  const between = Array.from({ length: firstBad - lastGood - 1 }, (_, offset) => lastGood + 1 + offset);
  const open = between.filter((index) => !verdicts.has(index));
  const middle = (lastGood + firstBad) / 2;
  const [nearest] = open.toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b);
  return nearest === undefined ? { kind: "found", lastGood, firstBad, unusable: between } : { kind: "measure", index: nearest };
}

/** Measurements that remain at most, if every step can be measured. */
export function remainingSteps(count: number, verdicts: ReadonlyMap<number, Kind>): number {
  const next = nextStep(count, verdicts);
  if (next.kind === "found") return 0;
  const indices = [...verdicts.entries()];
  const firstBad = Math.min(count - 1, ...indices.flatMap(([index, kind]) => (kind === "bad" ? [index] : [])));
  const lastGood = Math.max(0, ...indices.flatMap(([index, kind]) => (kind === "good" && index < firstBad ? [index] : [])));
  return Math.ceil(Math.log2(firstBad - lastGood));
}
