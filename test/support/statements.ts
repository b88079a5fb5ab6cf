/** The server's count of statements for the measured account. */
import { countStatements } from "../../harness/probes/statements.ts";
import { selectOne } from "../../lib/connection.ts";
import type { TestJob } from "./job.ts";

/** The server answers a statement before it counts the statement: waits until all statements of the account are counted. */
export async function untilCounted({ admin, target }: TestJob): Promise<void> {
  for (let running = 1; running > 0;)
    ({ running } = await selectOne<{ running: number }>(
      admin,
      `SELECT COUNT(*) AS running FROM performance_schema.events_statements_current JOIN performance_schema.threads USING (THREAD_ID)
       WHERE PROCESSLIST_USER = ? AND END_EVENT_ID IS NULL`,
      [target.user],
    ));
}

/** The statements that `work` executes. */
export async function statementsOf(job: TestJob, work: () => Promise<unknown>): Promise<number> {
  const count = async (): Promise<number> => {
    await untilCounted(job);
    return (await countStatements(job.admin, job.target.user)) ?? Number.NaN;
  };
  const before = await count();
  await work();
  return (await count()) - before;
}
