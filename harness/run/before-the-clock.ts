/** Finds changes in the schema of the job that the measured process made before its clock started: the time would leave out their work. */
import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "../../lib/connection.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { Prefilled } from "../verify/prefilled.ts";
import { verify } from "../verify/rows.ts";
import type { Workspace } from "./workspace.ts";

interface Sample {
  readonly runId: number;
  readonly key: KeyScheme;
  readonly prefilled: Prefilled | null;
}

/**
 * @param isOwned a server that `bench` manages
 * @returns the reason why the sample does not count; null: nothing was found
 */
export async function foundBeforeTheClock(
  { account, admin, leftovers }: Workspace,
  isOwned: boolean,
  sample: Sample,
): Promise<string | null> {
  // an open or a prepared transaction hides changed rows from every other session
  const hidden = (await lastUnfinished(account.findUnfinished)) ?? (await leftovers.findPrepared(isOwned));
  return hidden === null ? await changedRows(admin, sample) : `before the clock started, ${hidden}`;
}

/** On a busy machine, a server thread without a CPU still shows a statement that the server has answered: an honest sample would fail. */
const MAX_WAIT_MS = 2_000;
const POLL_MS = 20;

/** @returns a session that stays unfinished until the deadline; null: none. The clock does not run, so the wait lengthens no time. */
async function lastUnfinished(find: () => Promise<string | null>): Promise<string | null> {
  const deadline = performance.now() + MAX_WAIT_MS;
  for (;;) {
    const found = await find();
    if (found === null || performance.now() > deadline) return found;
    await delay(POLL_MS);
  }
}

/** Adds the rule to the message of the server: the account of the measured process may read the orders only after the clock has started. */
export const explainEarlyRead = (reason: string): string =>
  /SELECT command denied .* for table .?orders\b/.test(reason)
    ? `${reason}. Read the orders in \`run\`: before the clock starts, bench lets nobody read them`
    : reason;

/** @returns the difference between the rows and those of the reset; null: none */
async function changedRows(admin: Connection, of: Sample): Promise<string | null> {
  // the check after the sample finds a changed earlier row; here it would read all of them into the server's memory
  const verdict = await verify(admin, { ...of, checksPrefilled: false, done: [], restUntouched: true, steps: null });
  return verdict.verified ? null : `the measured process changed rows before the clock started: ${verdict.difference}`;
}
