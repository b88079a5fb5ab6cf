/** What a child may have done before its clock starts: nothing in the schema of the job. */
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
 * @param isOurs a server that `bench` manages
 * @returns the reason why the sample does not count; null: nothing was found
 */
export async function foundBeforeTheClock(
  { account, admin, leftovers }: Workspace,
  isOurs: boolean,
  sample: Sample,
): Promise<string | null> {
  // both hide changed rows from every other session
  const hidden = (await settled(account.findUnfinished)) ?? (await leftovers.findPrepared(isOurs));
  return hidden === null ? await changedRows(admin, sample) : `before the clock started, ${hidden}`;
}

/** A server thread without a CPU shows a statement that it has answered, for longer on a busy machine. */
const SETTLE_MS = 2_000;
const POLL_MS = 20;

/** The last unfinished session of those that stay unfinished. The clock does not run, so that waiting hides nothing. */
async function settled(find: () => Promise<string | null>): Promise<string | null> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const found = await find();
    if (found === null || performance.now() > deadline) return found;
    await delay(POLL_MS);
  }
}

/** The account of the child may read the orders from the start of the clock on, and the message of the server does not say so. */
export const explainEarlyRead = (reason: string): string =>
  /SELECT command denied .* for table .?orders\b/.test(reason)
    ? `${reason}. Read the orders in \`run\`: before the clock starts, bench lets nobody read them`
    : reason;

/** The reason why rows changed before the clock started; null: they are those of the reset. */
async function changedRows(admin: Connection, of: Sample): Promise<string | null> {
  // the check after the sample finds a changed earlier row; here it would read all of them into the server's memory
  const verdict = await verify(admin, { ...of, checksPrefilled: false, done: [], restUntouched: true, steps: null });
  return verdict.verified ? null : `the measured process changed rows before the clock started: ${verdict.difference}`;
}
