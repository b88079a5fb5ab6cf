/** Finds the partitionings: every file in this folder that exports `partitioning`. */
import { readdirSync } from "node:fs";
import type { Partitioning } from "./partitioning.ts";

const FOLDER = new URL("./", import.meta.url);

/** Sorted by id. */
export async function listPartitionings(): Promise<Partitioning[]> {
  const found: Partitioning[] = [];
  for (const file of readdirSync(FOLDER)) {
    if (!file.endsWith(".ts")) continue;
    const { partitioning } = (await import(new URL(file, FOLDER).href)) as { partitioning?: Partitioning };
    // The interface and this file export no partitioning.
    if (partitioning !== undefined) found.push(partitioning);
  }
  return found.toSorted((a, b) => a.id.localeCompare(b.id));
}

export const partitioningIds = async (): Promise<string[]> => (await listPartitionings()).map(({ id }) => id);

export async function findPartitioning(id: string): Promise<Partitioning> {
  const all = await listPartitionings();
  const found = all.find((partitioning) => partitioning.id === id);
  if (found === undefined)
    throw new Error(`no partitioning has the name "${id}"; the partitionings are ${all.map((each) => each.id).join(", ")}`);
  return found;
}
