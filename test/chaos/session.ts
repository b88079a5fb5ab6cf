/** Members under faults, on a separate schema of the running test server. */
import type { Fault as Mutant } from "../../api/faults.ts";
import { ensureDataset } from "../../fixtures/index.ts";
import { listFaults } from "../../harness/chaos/faults/registry.ts";
import type { TrialRecord } from "../../harness/chaos/records.ts";
import { seedOfTrial } from "../../harness/chaos/seeds.ts";
import { DATASET, openSession } from "../../harness/chaos/session.ts";
import { findNginx } from "../../harness/cluster/nginx/find.ts";
import { crowding } from "../../lib/crowding.ts";
import { silentLog } from "../../lib/log.ts";
import { openTestSchema } from "../support/database.ts";

const SEED = 7;
/** Of three faults at the same time, one is often too late for its point. */
const MAX_TRIALS = 6;
/** At 8 processes per core, a cluster without a fault exceeded the limits of time. */
const CROWDED = 2;
const LIMITS_OF_TIME = new Set(["run-ends", "request-limit"]);
const isTooSlow = ({ violations }: TrialRecord): boolean =>
  crowding() > CROWDED && violations.some(({ invariant }) => LIMITS_OF_TIME.has(invariant));
const faults = await listFaults();

export interface TestSession extends AsyncDisposable {
  /** The first trial in which the fault acts before the end of the run, of at most six. On a busy machine the run can be faster. */
  applied(fault: string): Promise<TrialRecord>;
  /** the first trial, of so many, with a violation */
  firstFailure(fault: string, trials: number): Promise<TrialRecord | null>;
}

export async function openTestSession(name: string, mutants: readonly Mutant[] = []): Promise<TestSession> {
  await using stack = new AsyncDisposableStack();
  const { target } = stack.use(await openTestSchema(name));
  const { contentHash } = await ensureDataset(target, DATASET, { log: silentLog });
  const session = stack.use(
    await openSession({
      target: () => target,
      contentHash,
      server: null,
      nginx: await findNginx(silentLog),
      partitioning: "modulo",
      mutants,
      log: silentLog,
      signal: new AbortController().signal,
    }),
  );
  const trial = async (id: string, number: number): Promise<TrialRecord> => {
    const fault = faults.find((each) => each.id === id);
    if (fault === undefined) throw new Error(`no fault is named ${id}`);
    return await session.trial(fault, number, seedOfTrial(SEED, id, number));
  };
  const owned = stack.move();
  return {
    async applied(id) {
      for (let number = 1; ; number += 1) {
        const record = await trial(id, number);
        const isAnswer = (record.isApplied || record.violations.length > 0) && !isTooSlow(record);
        if (isAnswer || number === MAX_TRIALS) return record;
      }
    },
    async firstFailure(id, trials) {
      for (let number = 1; number <= trials; number += 1) {
        const record = await trial(id, number);
        if (record.violations.length > 0) return record;
      }
      return null;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
