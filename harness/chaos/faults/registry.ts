/** Finds the faults: every file in this folder that exports `fault`. */
import { readdirSync } from "node:fs";
import type { Fault } from "../fault.ts";

const FOLDER = new URL("./", import.meta.url);

/** Sorted by file. */
export async function listFaults(): Promise<Fault[]> {
  const found: Fault[] = [];
  for (const file of readdirSync(FOLDER).toSorted()) {
    if (!file.endsWith(".ts") || file === "registry.ts") continue;
    const { fault } = (await import(new URL(file, FOLDER).href)) as { fault?: Fault };
    if (fault !== undefined) found.push(fault);
  }
  return found;
}
