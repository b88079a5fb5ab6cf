/** Finds the guards: every file in this folder that exports `guard`. */
import { readdirSync } from "node:fs";
import type { Guard } from "./guard.ts";

const FOLDER = new URL("./", import.meta.url);

/** Sorted by id. */
export async function listGuards(): Promise<Guard[]> {
  const found: Guard[] = [];
  for (const file of readdirSync(FOLDER)) {
    if (!file.endsWith(".ts")) continue;
    const { guard } = (await import(new URL(file, FOLDER).href)) as { guard?: Guard };
    // The interface and this file export no guard.
    if (guard !== undefined) found.push(guard);
  }
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
