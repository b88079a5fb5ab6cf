/** Cells whose library must not end a long transaction. */
import type { CellGroup } from "../../harness/suites/suite.ts";

/** Ends a transaction after 5 s by default. */
const LIMITED = "prisma";

/** On a busy machine, a chunk of 100 users through Prisma exceeded the default limit of 5 s: 5,021 ms. `tuned` allows 600 s. */
export function withoutLimits(group: CellGroup): CellGroup[] {
  const groups: CellGroup[] = [
    { ...group, orms: group.orms.filter((orm) => orm !== LIMITED) },
    { ...group, orms: group.orms.filter((orm) => orm === LIMITED), tracks: ["tuned"] },
  ];
  return groups.filter(({ orms }) => orms.length > 0);
}
