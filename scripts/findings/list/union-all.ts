import type { Finding } from "../finding.ts";
import { largestOf, pointsOf, rateText } from "../updates.ts";

export const finding: Finding = {
  topic: "updates",
  order: 5,
  isHighlight: false,
  belief: "A large join on UNION ALL fails by a thread stack overrun.",
  runs: ["updates"],
  holds: (evidence) => evidence.updates("updates").every(({ strategy, reason }) => strategy !== "join-union" || reason === null),
  text: (evidence) => ({
    sentence: `A join on UNION ALL did not fail at any measured size, up to ${largestOf(evidence, "join-union").usersText} per statement.`,
    numbers: [
      `It reaches ${rateText(largestOf(evidence, "join-union"))} there.`,
      `${pointsOf(evidence).filter(({ strategy }) => strategy === "join-union").length} sizes were measured, with the default stack of the server.`,
    ],
  }),
};
