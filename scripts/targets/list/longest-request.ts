import { duration } from "../../../harness/text/format.ts";
import { OUTCOMES } from "../../../harness/scenario/load-messages.ts";
import { PHASES } from "../../../harness/scenario/records.ts";
import { highest } from "../evidence.ts";
import type { Target } from "../target.ts";

const RUNS = ["api-instances", "api-disturbed", "api-killed"] as const;
const SILENT_MS = 5_000;

export const target: Target = {
  order: 12,
  what: "longest request, from the time when it was due",
  limit: "5 s and the wait for a connection",
  source: {
    kind: "scenarios",
    runs: RUNS,
    measure(evidence) {
      const requests = evidence
        .samples(...RUNS)
        .flatMap(({ phases }) => (phases === null ? [] : PHASES.map((phase) => phases[phase].latencies)))
        .flatMap((latencies) => OUTCOMES.flatMap((outcome) => latencies[outcome]?.maxMs ?? []));
      const longest = highest(requests, "latency");
      const limit = SILENT_MS + Math.min(...RUNS.map((name) => evidence.poolWaitMs(name)));
      return { figure: `${duration(longest)} of ${duration(limit)}`, isMet: longest <= limit };
    },
  },
  why: "A read that two silent instances get one after another waits for both.",
};
