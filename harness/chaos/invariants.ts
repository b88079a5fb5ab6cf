/** All invariants of a trial: those of the effect log, of the clients' history, of time, and of what is left. */
import { batchRunId } from "../../api/tables.ts";
import { checkConsistency, listRules, type CheckedBatch } from "../../consistency/index.ts";
import type { Connection } from "../../lib/connection.ts";
import { historyOf } from "../scenario/phases.ts";
import type { SentRequest } from "../scenario/load-messages.ts";
import { readEffects } from "./effect-log.ts";
import { EFFECT_CHECKS, readExpected } from "./effects.ts";
import { RECOVERY_LIMIT_MS, REQUEST_LIMIT_MS } from "./limits.ts";
import type { TrialRecord } from "./records.ts";
import { failedForGood, tooLong } from "./requests.ts";

const MAX_EXAMPLES = 3;

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(0)} s`;

const TIMES = [
  { id: "run-ends", says: `the run finishes within ${seconds(RECOVERY_LIMIT_MS)} of the last act of the fault` },
  { id: "request-limit", says: `no request takes longer than ${seconds(REQUEST_LIMIT_MS)}` },
  { id: "client-error", says: "no write ends with an error after repetitions under its key" },
  { id: "nothing-left", says: "afterwards no lock, session, flag, hint and waiting write is left" },
] as const;

export async function listInvariants(): Promise<{ id: string; says: string }[]> {
  const rules = (await listRules()).map(({ id, says }) => ({ id, says }));
  return [...EFFECT_CHECKS.map(({ id, says }) => ({ id, says })), ...rules, ...TIMES];
}

export interface Observed {
  readonly batch: CheckedBatch & { readonly status: string };
  readonly recoveryMs: number | null;
  readonly sent: readonly SentRequest[];
  readonly left: readonly string[];
}

/** @param connection to a schema in which nobody writes any more. Repeatable */
export async function violationsOf(connection: Connection, observed: Observed): Promise<TrialRecord["violations"]> {
  const { batch, recoveryMs, sent, left } = observed;
  const effects = await readEffects(connection);
  const expected = await readExpected(connection, batchRunId(batch.id));
  const verdict = await checkConsistency(connection, historyOf(sent), batch);
  const late = recoveryMs !== null && recoveryMs > RECOVERY_LIMIT_MS;
  const runEnds = batch.isFinished ? (late ? [`the run took ${recoveryMs.toFixed(0)} ms`] : []) : [`the run is ${batch.status}`];
  const lines: (readonly [string, readonly string[]])[] = [
    ...EFFECT_CHECKS.map(({ id, violations }) => [id, violations(effects, expected)] as const),
    ["run-ends", runEnds],
    ["request-limit", tooLong(sent)],
    ["client-error", failedForGood(sent)],
    ["nothing-left", left],
  ];
  return [
    ...lines.map(([invariant, all]) => ({ invariant, count: all.length, examples: all.slice(0, MAX_EXAMPLES) })),
    ...verdict.conflicts.map(({ rule, count, examples }) => ({ invariant: rule, count, examples: [...examples] })),
  ].filter(({ count }) => count > 0);
}
