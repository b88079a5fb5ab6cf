import { select } from "../../../lib/connection.ts";
import { accountDifferences, type ServerProbe } from "./probe.ts";

const ER_LOCK_WAIT_TIMEOUT = 1205;
const ER_LOCK_DEADLOCK = 1213;

export const probe: ServerProbe = {
  id: "errors",
  subject: "deadlocks and lock-wait timeouts",

  async open({ admin, account }) {
    if (account === null) return { missing: "the measured processes have no separate account" };
    const read = async (): Promise<Map<string, number>> => {
      const rows = await select<{ number: number; raised: string }>(
        admin,
        `SELECT ERROR_NUMBER AS number, SUM(SUM_ERROR_RAISED) AS raised
         FROM performance_schema.events_errors_summary_by_account_by_error
         WHERE USER = ? AND ERROR_NUMBER IN (?, ?) GROUP BY ERROR_NUMBER`,
        [account.user, ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK],
      );
      return new Map(rows.map(({ number, raised }) => [String(number), Number(raised)]));
    };
    if ((await read()).size === 0) return { missing: "performance_schema does not count errors" };
    return accountDifferences(read, (grown) => ({
      deadlocks: grown(String(ER_LOCK_DEADLOCK)),
      lockWaitTimeouts: grown(String(ER_LOCK_WAIT_TIMEOUT)),
    }));
  },
};
