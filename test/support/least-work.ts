/** Honest samples reach the least work of their job; otherwise the rule of harness/run/least-work.ts would reject them. */
import { expect } from "vitest";
import type { RunResults } from "../../harness/results/records.ts";
import { leastWorkRatios } from "../../harness/run/least-work.ts";

const smallest = (ratios: readonly (number | null)[]): number => Math.min(...ratios.map((ratio) => ratio ?? Number.NaN));

/** Prints the smallest ratios of a run of honest cells. @returns the number of samples */
export function expectLeastWork({ run, samples }: RunResults): number {
  const done = samples.filter(({ status }) => status !== "skipped");
  const ratios = done.map(({ cell, status, reason, costs, rowsWritten }) => {
    expect(`${cell.id} ${reason ?? status}`).toBe(`${cell.id} ok`);
    if (costs === null || rowsWritten === null) throw new Error(`${cell.id}: nothing was counted`);
    return leastWorkRatios(costs, { rowsWritten, paidOrders: run.paidOrders });
  });
  const [written, read] = [smallest(ratios.map((ratio) => ratio.written)), smallest(ratios.map((ratio) => ratio.read))];
  process.stdout.write(
    `${done.length} samples, ${run.dataset.users} users: smallest ratio to the least work ${written.toFixed(5)} written, ${read.toFixed(2)} read\n`,
  );
  expect(written).toBeGreaterThanOrEqual(1);
  // users and badges are read beside the orders
  expect(read).toBeGreaterThan(1.2);
  return done.length;
}
