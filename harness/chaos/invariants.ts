/** All invariants of a trial: its own rules (rules/), and those on the history of the clients (consistency/rules/). */
import { batchRunId } from "../../api/tables.ts";
import { checkConsistency, listRules } from "../../consistency/index.ts";
import type { Connection } from "../../lib/connection.ts";
import { historyOf } from "../scenario/phases.ts";
import { readEffects } from "./effect-log.ts";
import type { TrialRecord } from "./records.ts";
import { listTrialRules, readExpected, type Observed } from "./rule.ts";

const MAX_EXAMPLES = 3;

export async function listInvariants(): Promise<{ id: string; says: string }[]> {
  return [...(await listTrialRules()), ...(await listRules())].map(({ id, says }) => ({ id, says }));
}

/** @param connection to a schema in which nobody writes any more. Repeatable */
export async function violationsOf(connection: Connection, observed: Observed): Promise<TrialRecord["violations"]> {
  const { batch, sent } = observed;
  const effects = await readEffects(connection);
  const expected = await readExpected(connection, batchRunId(batch.id));
  const verdict = await checkConsistency(connection, historyOf(sent), batch);
  const own = (await listTrialRules()).map(({ id, violations }) => {
    const all = violations({ ...observed, effects, expected });
    return { invariant: id, count: all.length, examples: all.slice(0, MAX_EXAMPLES) };
  });
  return [
    ...own,
    ...verdict.conflicts.map(({ rule, count, examples }) => ({ invariant: rule, count, examples: [...examples] })),
  ].filter(({ count }) => count > 0);
}
