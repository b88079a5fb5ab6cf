import { TARGET_DATE, windowBefore } from "../../../workload/calendar.ts";
import type { Fault } from "../fault.ts";

const LAST_DAY = new Date(windowBefore(TARGET_DATE).to.getTime() - 86_400_000).toISOString().slice(0, 10);
const IN_WINDOW = `TIMESTAMP'${LAST_DAY} 12:00:00.000000'`;
/** Each member has the time to receive a write. */
const HELD_MS = 500;

/** The server cannot change its clock for a trial, so the statement that stamps a write gets another time instead. */
const withOldTime = (sql: string): string =>
  sql.includes("AS now FROM batch_cutoff") ? sql.replace("UTC_TIMESTAMP(6)", IN_WINDOW) : sql;
const stampsWrite = ({ sql }: { sql: string }): boolean => withOldTime(sql) !== sql;

export const fault: Fault = {
  id: "server-clock-back",
  summary: "the clock of the server steps back into the closed window for each write; some writes wait for the cut-off",
  request: {},
  async inject(stage) {
    const started = new AbortController();
    const members = [...stage.members];
    // No write may get its time before the cut-off: its order would belong to the run.
    const holding = members.map(({ proxy }) => proxy.holdAll(stampsWrite, started.signal));
    await using stack = new AsyncDisposableStack();
    for (const { proxy } of members) stack.use(proxy.rewrite(withOldTime));
    await stage.wait(HELD_MS);
    stage.prepared();
    await stage.batchId.catch(() => {});
    stage.mark("the clock of the server steps back");
    started.abort();
    for (const held of (await Promise.all(holding)).flat()) held.pass();
    await stage.untilEnded();
  },
};
