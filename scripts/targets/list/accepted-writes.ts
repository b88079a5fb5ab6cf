import { duration } from "../../../harness/text/format.ts";
import { highest, type Clustered } from "../evidence.ts";
import type { Target } from "../target.ts";

const RUNS = ["api-instances", "api-disturbed", "api-killed"] as const;
const MAX_MS = 1_000;
const STOPPED = ["kill", "pause"];

const p99Of = (found: readonly Clustered[]): number =>
  highest(
    found.map(({ cluster }) => cluster.appliedAfterRound?.p99Ms),
    "time until writes applied",
  );

export const target: Target = {
  order: 11,
  what: "from the round of a user to the effect of its accepted writes, p99",
  limit: `at most ${duration(MAX_MS)}`,
  source: {
    kind: "scenarios",
    runs: RUNS,
    measure(evidence) {
      const beside = evidence.clustered(...RUNS).filter(({ variant }) => variant.guard !== null);
      const isStopped = ({ variant }: Clustered): boolean => STOPPED.includes(variant.batch.disturbance?.kind ?? "");
      const [usual, stopped] = [p99Of(beside.filter((each) => !isStopped(each))), p99Of(beside.filter(isStopped))];
      const figure = `${duration(usual)}, and ${duration(stopped)} where an instance was killed or paused`;
      return { figure, isMet: Math.max(usual, stopped) <= MAX_MS };
    },
  },
  why: "A write that a killed instance stores after the round of its user waits until the lease of that instance is over.",
};
