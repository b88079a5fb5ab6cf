/** Groups runs whose times answer the same question: the same machine and the same server settings. */
import type { RunRecord } from "./records.ts";

/** Kernels report slightly different sizes for one machine after an update. */
const memoryGib = ({ environment }: RunRecord): number => Math.round(environment.machine.memoryBytes / 2 ** 30);

export interface ConditionOptions {
  /**
   * true: machines with equal CPU, cores and memory count as one. Runners of CI have a new name for each run, so that each run
   * would be its own group.
   */
  readonly ignoreNames?: boolean;
}

/** Settings that all runs recorded: older records lack newer ones, which would separate every older run. */
function commonVariables(runs: readonly RunRecord[]): string[] {
  const [first, ...others] = runs.map(({ environment }) => Object.keys(environment.server.variables));
  return (first ?? []).filter((name) => others.every((names) => names.includes(name))).toSorted();
}

/** Runs with equal machine and server settings. A group keeps the order of its runs. */
export function groupByConditions<Run extends { readonly results: { readonly run: RunRecord } }>(
  runs: readonly Run[],
  { ignoreNames = false }: ConditionOptions = {},
): Run[][] {
  const variables = commonVariables(runs.map(({ results }) => results.run));
  const keyOf = ({ results: { run } }: Run): string => {
    const { machine, server } = run.environment;
    const settings = variables.map((name) => server.variables[name]);
    const { provider, version, durability, isolation, tls } = server;
    return JSON.stringify([
      ignoreNames ? null : machine.name,
      machine.cpu,
      machine.cores,
      memoryGib(run),
      [provider, version, durability, isolation, tls],
      settings,
    ]);
  };
  return [...Map.groupBy(runs, keyOf).values()];
}
