/** Finds the kinds of disturbances: every file in this folder that exports `disturbance`. */
import { exportsIn } from "../../../lib/plug-in-folder.ts";
import type { Disturbance, DisturbanceChoice } from "./disturbance.ts";

/** Sorted by file. */
export const DISTURBANCES: readonly Disturbance[] = await exportsIn<Disturbance>(new URL("./", import.meta.url), "disturbance");

/** @throws Error for records of a kind that this version lacks */
export function disturbanceOf({ kind }: Pick<DisturbanceChoice, "kind">): Disturbance {
  const found = DISTURBANCES.find(({ id }) => id === kind);
  if (found === undefined) throw new Error(`no disturbance has the name "${kind}"`);
  return found;
}
