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

interface Recorded {
  readonly results: { readonly run: RunRecord };
}

type Variables = RunRecord["environment"]["server"]["variables"];

const variablesOf = ({ results }: Recorded): Variables => results.run.environment.server.variables;

/** Compares only what both recorded: older records lack newer settings, which would separate every older run. */
const agree = (one: Variables, other: Variables): boolean =>
  Object.entries(one).every(([name, value]) => !Object.hasOwn(other, name) || other[name] === value);

/**
 * Groups in which each two runs agree. With only the settings that all runs recorded, one old run joined two runs with different
 * settings: `bench history` then showed a change and no reason. Runs with the most settings form the groups, and an older run
 * joins the first one that it does not contradict.
 */
function bySettings<Run extends Recorded>(runs: readonly Run[]): Run[][] {
  const idOf = (run: Run): string => JSON.stringify(Object.entries(variablesOf(run)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  // runs are many, and their different settings few
  const distinct = new Map(runs.map((run) => [idOf(run), variablesOf(run)]));
  const fullestFirst = [...distinct].toSorted(([, a], [, b]) => Object.keys(b).length - Object.keys(a).length);
  const groups: Variables[][] = [];
  const groupOf = new Map<string, Variables[]>();
  for (const [id, variables] of fullestFirst) {
    let group = groups.find((members) => members.every((other) => agree(variables, other)));
    if (group === undefined) {
      group = [];
      groups.push(group);
    }
    group.push(variables);
    groupOf.set(id, group);
  }
  return [...Map.groupBy(runs, (run) => groupOf.get(idOf(run))).values()];
}

/** Runs with equal machine and server settings. A group keeps the order of its runs. */
export function groupByConditions<Run extends Recorded>(
  runs: readonly Run[],
  { ignoreNames = false }: ConditionOptions = {},
): Run[][] {
  const keyOf = ({ results: { run } }: Run): string => {
    const { machine, server } = run.environment;
    const { provider, version, durability, isolation, tls } = server;
    return JSON.stringify([
      ignoreNames ? null : machine.name,
      machine.cpu,
      machine.cores,
      memoryGib(run),
      [provider, version, durability, isolation, tls],
    ]);
  };
  return [...Map.groupBy(runs, keyOf).values()].flatMap(bySettings);
}
