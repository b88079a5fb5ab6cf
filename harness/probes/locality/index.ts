/** Runs the probes of key locality after a complete sample, before the verification reads all rows. */
import { messageOf } from "../../../lib/errors.ts";
import { listPlugIns } from "../../registry.ts";
import type { Costs } from "../../results/costs-schema.ts";
import type { MeasuredRows } from "./probe.ts";

/** @returns the values, and the failures as sentences; a failed probe does not fail the sample */
export async function measureLocality(
  rows: MeasuredRows,
): Promise<{ readonly costs: Partial<Costs>; readonly warnings: readonly string[] }> {
  const probes = (await listPlugIns("locality")).map(({ value }) => value).toSorted((a, b) => a.position - b.position);
  const parts: Partial<Costs>[] = [];
  const warnings: string[] = [];
  for (const probe of probes) {
    try {
      parts.push(await probe.measure(rows));
    } catch (error) {
      warnings.push(`not recorded: ${probe.subject} (${messageOf(error)})`);
    }
  }
  return { costs: Object.assign({}, ...parts) as Partial<Costs>, warnings };
}
