/** The server's count of statements for the measured account. */
import { countStatements, untilCounted } from "../../harness/probes/statements.ts";
import type { TestJob } from "./job.ts";

/** The statements that `work` executes. */
export async function statementsOf({ admin, target }: TestJob, work: () => Promise<unknown>): Promise<number> {
  const count = async (): Promise<number> => {
    await untilCounted(admin, target.user);
    return (await countStatements(admin, target.user)) ?? Number.NaN;
  };
  const before = await count();
  await work();
  return (await count()) - before;
}
