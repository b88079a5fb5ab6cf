/** The batch time of three instances to that of one. */
import { times } from "../../harness/text/format.ts";
import { known } from "../findings/evidence.ts";
import type { RunName } from "../readme/runs.ts";
import type { Clustered, TargetEvidence } from "./evidence.ts";

const INSTANCES = 3;

/** With requests the ratio decides, because the service runs a batch beside them. */
export function toFewest(evidence: TargetEvidence, run: RunName, max: number): { figure: string; isMet: boolean } {
  const three = evidence.clustered(run).filter(({ cluster }) => cluster.instances === INSTANCES);
  const ratioOf = (isBeside: (variant: Clustered) => boolean, what: string): number =>
    known(three.find(isBeside)?.cluster.toFewest, `batch time of ${INSTANCES} instances ${what}`);
  const beside = ratioOf(({ variant }) => variant.guard !== null, "beside requests");
  const without = ratioOf(({ variant }) => variant.guard === null, "without requests");
  return { figure: `${times(beside)} beside requests, ${times(without)} without`, isMet: beside <= max };
}
