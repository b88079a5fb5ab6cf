import { select } from "../../../lib/connection.ts";
import { accountDifferences, type ServerProbe } from "./probe.ts";

const ER_LOCK_WAIT_TIMEOUT = 1205;
const ER_LOCK_DEADLOCK = 1213;
/** A warning with this number: the keys of a statement need more memory than `range_optimizer_max_mem_size`, so the server scans. */
const ER_CAPACITY_EXCEEDED = 3170;
const NUMBERS = [ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_CAPACITY_EXCEEDED];

export const probe: ServerProbe = {
  id: "errors",
  subject: "deadlocks, lock-wait timeouts and range limits",

  async open({ admin, account }) {
    if (account === null) return { missing: "the measured processes have no separate account" };
    const read = async (): Promise<Map<string, number>> => {
      const rows = await select<{ number: number; raised: string }>(
        admin,
        `SELECT ERROR_NUMBER AS number, SUM(SUM_ERROR_RAISED) AS raised
         FROM performance_schema.events_errors_summary_by_account_by_error
         WHERE USER = ? AND ERROR_NUMBER IN (${NUMBERS.join(", ")}) GROUP BY ERROR_NUMBER`,
        [account.user],
      );
      return new Map(rows.map(({ number, raised }) => [String(number), Number(raised)]));
    };
    if ((await read()).size === 0) return { missing: "performance_schema does not count errors" };
    return accountDifferences(read, (grown) => ({
      deadlocks: grown(String(ER_LOCK_DEADLOCK)),
      lockWaitTimeouts: grown(String(ER_LOCK_WAIT_TIMEOUT)),
      rangeLimitsExceeded: grown(String(ER_CAPACITY_EXCEEDED)),
    }));
  },
};
