/** The record of one command, first or continued: hundreds of trials can take several, with other commits. */
import { z } from "zod";
import { describeMachine, gitCommit } from "../probes/environment.ts";
import { machineSchema } from "../results/environment.ts";

export const startSchema = z.object({
  type: z.literal("start"),
  startedAt: z.string(),
  /** null: bench runs outside of its repository */
  gitCommit: z.string().nullable(),
  machine: machineSchema,
  /** that ran trials at the same time */
  clusters: z.number().int(),
});

export type StartRecord = z.infer<typeof startSchema>;

export const startNow = async (clusters: number): Promise<StartRecord> => ({
  type: "start",
  startedAt: new Date().toISOString(),
  gitCommit: await gitCommit(),
  machine: describeMachine(),
  clusters,
});

const COMMIT_DIGITS = 10;
const distinct = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];

/** One line of a report: machine, clusters, commits and dates of all starts. Empty for records of an early version, without starts. */
export function startLines(starts: readonly StartRecord[]): string[] {
  if (starts.length === 0) return [];
  const machines = distinct(starts.map(({ machine }) => `${machine.cpu}, ${machine.cores} cores`));
  const commits = distinct(
    starts.map((start) => (start.gitCommit === null ? "unknown" : start.gitCommit.slice(0, COMMIT_DIGITS))),
  );
  const clusters = distinct(starts.map(({ clusters: at }) => String(at)));
  const dates = distinct(starts.map(({ startedAt }) => startedAt.slice(0, "2026-01-01".length)));
  return [
    `${machines.join("; ")}; clusters at the same time: ${clusters.join(", ")}; commit ${commits.join(", ")}; ${dates.join(", ")}.`,
  ];
}
