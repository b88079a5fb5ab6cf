/** Finds the partitionings: every file in this folder that exports `partitioning`. */
import { exportsIn } from "../../../lib/plug-in-folder.ts";
import type { Partitioning } from "./partitioning.ts";

/** Sorted by id. */
export async function listPartitionings(): Promise<Partitioning[]> {
  const found = await exportsIn<Partitioning>(new URL("./", import.meta.url), "partitioning");
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
