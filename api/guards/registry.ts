/** Finds the guards: every file in this folder that exports `guard`. */
import { exportsIn } from "../../lib/plug-in-folder.ts";
import type { Guard } from "./guard.ts";

/** Sorted by id. */
export async function listGuards(): Promise<Guard[]> {
  const found = await exportsIn<Guard>(new URL("./", import.meta.url), "guard");
  return found.toSorted((a, b) => a.id.localeCompare(b.id));
}

export const guardIds = async (): Promise<string[]> => (await listGuards()).map(({ id }) => id);

export async function findGuard(id: string): Promise<Guard> {
  const all = await listGuards();
  const found = all.find((guard) => guard.id === id);
  if (found === undefined)
    throw new Error(`no guard has the name "${id}"; the guards are ${all.map((guard) => guard.id).join(", ")}`);
  return found;
}
