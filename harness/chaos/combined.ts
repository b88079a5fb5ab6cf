/** Faults that happen at the same time. */
import type { Fault, Stage } from "./fault.ts";
import { listFaults } from "./faults/registry.ts";

/** @returns true if a combination can contain the fault. A fault with its own request needs a state that others would disturb. */
export const isCombined = ({ id, isCombination, request }: Fault): boolean =>
  id !== "none" && isCombination !== true && request === undefined;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Two restarts at the same time would wait for each other, and without members no run could end. */
function fits(chosen: readonly Fault[], next: Fault, members: number): boolean {
  const all = [...chosen, next];
  const onServer = all.filter(({ needsOwnServer }) => needsOwnServer === true).length;
  return onServer <= 1 && sum(all.map(({ losesMembers = 0 }) => losesMembers)) < members;
}

/** So many different faults. @param members of the cluster. @param draw a whole number from 0 to below its parameter */
export function chooseFaults(faults: readonly Fault[], count: number, members: number, draw: Stage["draw"]): Fault[] {
  const chosen: Fault[] = [];
  while (chosen.length < count) {
    const left = faults.filter((fault) => !chosen.includes(fault) && fits(chosen, fault, members));
    const next = left[draw(left.length)];
    if (next === undefined) throw new Error(`no ${count} faults can happen at the same time`);
    chosen.push(next);
  }
  return chosen;
}

/** So many different faults by seed, with those of the server if bench manages it. */
export async function combinedFaults(stage: Stage, count: number): Promise<void> {
  const combined = (await listFaults()).filter(isCombined);
  const possible = combined.filter(({ needsOwnServer }) => stage.server !== null || needsOwnServer !== true);
  const chosen = chooseFaults(possible, count, stage.members.length, (limit) => stage.draw(limit));
  const injecting = chosen.map((fault) => fault.inject(stage.part()));
  stage.prepared();
  // Not Promise.all: after the failure of one, another one may still restart the server or continue a member.
  const failed = (await Promise.allSettled(injecting)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
