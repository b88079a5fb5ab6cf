import { percent } from "../../../harness/text/format.ts";
import { known } from "../../findings/evidence.ts";
import { highest } from "../evidence.ts";
import type { Target } from "../target.ts";

const MAX_DIFFERENCE = 0.2;

export const target: Target = {
  order: 5,
  what: "difference of a member's part to 1/N of the users, full size",
  limit: `at most ${percent(MAX_DIFFERENCE)}`,
  source: {
    kind: "scenarios",
    runs: ["api-instances"],
    measure(evidence) {
      const differences = evidence.samples("api-instances").flatMap(({ cluster, targets }) => {
        const members = known(cluster, "members").members;
        const fair = known(targets, "targets") / members.length;
        return members.map(({ users }) => Math.abs(users - fair) / fair);
      });
      const most = highest(differences, "part of a member");
      return { figure: percent(most), isMet: most <= MAX_DIFFERENCE };
    },
  },
  why: "A member that the machine delays leaves part of its partition to members that help.",
};
