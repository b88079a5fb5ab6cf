/** Lists the differences between the conditions of two runs. */
import type { RunRecord } from "./records.ts";

export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly now: string;
}

const known = (value: string | number | null | undefined): string =>
  value === null || value === undefined ? "unknown" : String(value);

const COMMIT = "git commit";

/** Name -> value of each condition that affects times, except the compared code. */
function conditionsOf({ dataset, environment: { machine, server, versions, gitCommit } }: RunRecord): Record<string, string> {
  return {
    "version of the data": String(dataset.generatorVersion),
    "content hash of the data": dataset.contentHash,
    machine: machine.name,
    CPU: machine.cpu,
    cores: known(machine.cores),
    "memory (MiB)": String(Math.round(machine.memoryBytes / 2 ** 20)),
    kernel: machine.kernel,
    [COMMIT]: known(gitCommit),
    server: `${server.provider} ${server.version}`,
    durability: server.durability,
    "server's isolation": known(server.isolation),
    TLS: known(server.tls ?? "none"),
    ...Object.fromEntries(Object.entries(server.variables).map(([name, value]) => [name, known(value)])),
    ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`version of ${name}`, known(version)])),
  };
}

/** Compares only names that both runs have: a name in one run belongs to a cell that the other run did not measure. */
export function differences(before: RunRecord, now: RunRecord): Difference[] {
  const [old, current] = [conditionsOf(before), conditionsOf(now)];
  return Object.entries(old).flatMap(([what, value]) => {
    const changed = current[what];
    return changed === undefined || changed === value ? [] : [{ what, before: value, now: changed }];
  });
}

/** Those that forbid to compare times: the code may differ, because it is what a reader compares. */
export const conditionDifferences = (before: RunRecord, now: RunRecord): Difference[] =>
  differences(before, now).filter(({ what }) => what !== COMMIT);
