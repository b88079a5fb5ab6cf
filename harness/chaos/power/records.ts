/** `power-records.jsonl`: one line per trial of a service with one deliberate fault. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

export const POWER_RECORDS_FILE = "power-records.jsonl";

const powerSchema = z.object({
  mutant: z.string(),
  fault: z.string(),
  /** from 1 */
  trial: z.number().int(),
  /** false: the run ended before the fault could act */
  isApplied: z.boolean(),
  /** ids of the violated invariants */
  violations: z.array(z.string()),
  /** why the trial could not run; it shows nothing then */
  failure: z.string().nullable(),
});

export type PowerRecord = z.infer<typeof powerSchema>;

export const keyOf = ({ mutant, fault, trial }: Pick<PowerRecord, "mutant" | "fault" | "trial">): string =>
  `${mutant} ${fault} ${trial}`;

/** The trials that ran: an earlier or later attempt of the same trial may have failed. */
export const ranOf = (records: readonly PowerRecord[]): PowerRecord[] => records.filter(({ failure }) => failure === null);

/** The trials that could not run in any attempt, once each. */
export function failedOf(records: readonly PowerRecord[]): PowerRecord[] {
  const ran = new Set(ranOf(records).map(keyOf));
  const failed = records.filter((record) => !ran.has(keyOf(record)));
  return [...new Map(failed.map((record) => [keyOf(record), record])).values()];
}

/** @returns none for a folder without records */
export async function readPower(folder: string): Promise<PowerRecord[]> {
  const text = await readFile(join(folder, POWER_RECORDS_FILE), "utf8").catch(() => "");
  const lines = text.split("\n").filter((line) => line.endsWith("}"));
  return lines.map((line) => powerSchema.parse(JSON.parse(line)));
}
