/** Records of trials that did not run. */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { listInvariants } from "../../harness/chaos/invariants.ts";
import { CHAOS_RECORDS_FILE, CHAOS_RECORDS_VERSION, type TrialRecord } from "../../harness/chaos/records.ts";
import { seedOfTrial } from "../../harness/chaos/seeds.ts";
import { appendRecord } from "../../harness/results/record-file.ts";

export const SETTINGS = { seed: 7, partitioning: "modulo" };

export const trialOf = (fault: string, trial: number, changes: Partial<TrialRecord> = {}): TrialRecord => ({
  type: "trial",
  fault,
  trial,
  seed: seedOfTrial(SETTINGS.seed, fault, trial),
  startedAt: "2026-11-29T12:00:00.000Z",
  isApplied: true,
  status: "finished",
  endedAtMs: 900,
  recoveryMs: 500,
  requests: 50,
  affectedRequests: 2,
  repeatedAfter: null,
  nearMisses: [],
  violations: [],
  marks: [{ atMs: 400, what: "member 1 killed" }],
  rounds: [{ member: "member 1", users: 20, fromMs: 100, toMs: 200 }],
  holds: [{ member: "member 2", fromMs: 100, toMs: 400, isCommitted: false }],
  slowRequests: [{ fromMs: 10, toMs: 1_200, isFailed: true }],
  ...changes,
});

/** @returns the folder of the records, inside of `folder` */
export async function recordedChaos(folder: string, name: string, trials: readonly TrialRecord[]): Promise<string> {
  const own = await mkdtemp(join(folder, name));
  const file = join(own, CHAOS_RECORDS_FILE);
  await appendRecord(file, {
    type: "chaos",
    version: CHAOS_RECORDS_VERSION,
    startedAt: "2026-11-29T12:00:00.000Z",
    ...SETTINGS,
    members: 3,
    users: 300,
    leaseMs: 1_000,
    ratePerSecond: 40,
    recoveryLimitMs: 15_000,
    requestLimitMs: 12_000,
    serverVersion: "9.7.4",
    invariants: await listInvariants(),
  });
  for (const trial of trials) await appendRecord(file, trial);
  return own;
}
