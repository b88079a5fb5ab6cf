/** Reads the targets. */
import { everyExportIn } from "../../lib/plug-in-folder.ts";
import type { Target } from "./target.ts";

/** All targets, by their order. */
export async function allTargets(): Promise<Target[]> {
  const found = await everyExportIn<Target>(new URL("list/", import.meta.url), "target");
  return found.toSorted((a, b) => a.order - b.order);
}
