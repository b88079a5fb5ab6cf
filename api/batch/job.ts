/** The constants of one batch, which follow from its date and number. A resumed batch writes the same rows. */
import { windowBefore, type Window } from "../../workload/calendar.ts";
import type { Database } from "../database/database.ts";
import { batchRunId } from "../tables.ts";

export interface Job {
  readonly batchId: number;
  readonly window: Window;
  /** the time in changed rows */
  readonly changedAt: Date;
  /** the run id in the workload's tables */
  readonly runId: number;
  readonly couponByCategory: ReadonlyMap<number, number>;
}

export async function readJob(
  database: Database,
  { batchId, targetDate }: { batchId: number; targetDate: string },
): Promise<Job> {
  const coupons = await database.withSession((session) =>
    session.rows<{ id: number; categoryId: number }>("SELECT id, category_id AS categoryId FROM coupons"),
  );
  const changedAt = new Date(`${targetDate}T00:00:00Z`);
  return {
    batchId,
    window: windowBefore(changedAt),
    changedAt,
    runId: batchRunId(batchId),
    couponByCategory: new Map(coupons.map(({ id, categoryId }) => [categoryId, id])),
  };
}
