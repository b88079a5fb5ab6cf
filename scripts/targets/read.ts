/** Reads the targets. */
import { exportsIn } from "../readme/modules.ts";
import type { Target } from "./target.ts";

/** All targets, by their order. */
export async function allTargets(): Promise<Target[]> {
  const found = await exportsIn<Target>(new URL("list/", import.meta.url), "target");
  return found.toSorted((a, b) => a.order - b.order);
}
