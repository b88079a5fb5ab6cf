/** Finds the faults: every file in this folder that exports `fault`. */
import { exportsIn } from "../../../lib/plug-in-folder.ts";
import type { Fault } from "../fault.ts";

/** Sorted by file. */
export const listFaults = (): Promise<Fault[]> => exportsIn<Fault>(new URL("./", import.meta.url), "fault");
