/** Faults that happen at the same time. */
import type { Fault, Stage } from "./fault.ts";
import { listFaults } from "./faults/registry.ts";

/** With `scale-twice` and a kill, no member could be left. */
const EXCLUDED = new Set(["none", "scale-twice"]);

const isCombined = ({ id, needsOwnServer, isCombination, request }: Fault): boolean =>
  !EXCLUDED.has(id) && needsOwnServer !== true && isCombination !== true && request === undefined;

/** So many different faults by seed. */
export async function combinedFaults(stage: Stage, count: number): Promise<void> {
  const left = (await listFaults()).filter(isCombined);
  const chosen = Array.from({ length: count }, () => left.splice(stage.draw(left.length), 1)).flat();
  await Promise.all(chosen.map((fault) => fault.inject(stage)));
}
