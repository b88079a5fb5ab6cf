import { count } from "../../../harness/text/format.ts";
import type { Evidence } from "../evidence.ts";
import { known } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { pointsOf } from "../updates.ts";

/** By chunk size: the least rows read per updated row, over all techniques. */
function reads(evidence: Evidence): readonly { readonly users: number; readonly least: number; readonly most: number }[] {
  return [...Map.groupBy(pointsOf(evidence), ({ users }) => users)]
    .map(([users, points]) => {
      const values = points.map(({ readsPerRow }) => readsPerRow);
      return { users, least: Math.min(...values), most: Math.max(...values) };
    })
    .toSorted((a, b) => a.users - b.users);
}

/** The first size at which every technique reads twice as many rows as any technique at the size before. */
function cliff(evidence: Evidence) {
  const sizes = reads(evidence);
  const index = sizes.findIndex(({ least }, at) => at > 0 && least > 2 * (sizes[at - 1]?.most ?? Infinity));
  return { before: sizes[index - 1], after: sizes[index] };
}

export const finding: Finding = {
  topic: "updates",
  order: 6,
  isHighlight: false,
  belief: "A larger chunk is at worst no faster.",
  runs: ["updates"],
  holds: (evidence) => cliff(evidence).before !== undefined && cliff(evidence).after !== undefined,
  text: (evidence) => {
    const before = known(cliff(evidence).before, "size before the cliff");
    const after = known(cliff(evidence).after, "size after the cliff");
    return {
      sentence: `Large chunks meet a silent cliff: from ${count(after.users)} users on, the server reads ${count(after.least)} rows per updated row.`,
      numbers: [
        "The optimiser then scans all orders for each chunk, in place of a range of the index. No error shows it.",
        `It happens with every technique. At ${count(before.users)} users, none reads more than ${count(before.most)} rows per updated row.`,
      ],
    };
  },
};
