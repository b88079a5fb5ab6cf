/** Finds the kinds of disturbances: every file in this folder that exports `disturbance`. */
import { readdirSync } from "node:fs";
import type { Disturbance, DisturbanceChoice } from "./disturbance.ts";

const FOLDER = new URL("./", import.meta.url);

async function find(): Promise<Disturbance[]> {
  const found: Disturbance[] = [];
  for (const file of readdirSync(FOLDER).toSorted()) {
    if (!file.endsWith(".ts") || file === "registry.ts") continue;
    const { disturbance } = (await import(new URL(file, FOLDER).href)) as { disturbance?: Disturbance };
    if (disturbance !== undefined) found.push(disturbance);
  }
  return found;
}

/** Sorted by file. */
export const DISTURBANCES: readonly Disturbance[] = await find();

/** @throws Error for records of a kind that this version lacks */
export function disturbanceOf({ kind }: Pick<DisturbanceChoice, "kind">): Disturbance {
  const found = DISTURBANCES.find(({ id }) => id === kind);
  if (found === undefined) throw new Error(`no disturbance has the name "${kind}"`);
  return found;
}
