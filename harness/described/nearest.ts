import { distance } from "fastest-levenshtein";

/** The name that a user probably meant. */
export function nearest(name: string, ids: readonly string[]): string | undefined {
  const [best] = ids.map((id) => ({ id, distance: distance(name, id) })).toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, name.length / 3) ? best.id : undefined;
}
