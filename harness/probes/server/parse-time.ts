import { execute, select } from "../../../lib/connection.ts";
import { accountDifferences, PS_PER_MS, type ServerProbe } from "./probe.ts";

/**
 * The server has no timer of its parser. This stage lasts from the arrival of a statement to the check of its privileges, and the parser
 * takes nearly all of it.
 */
const STAGE = "stage/sql/starting";

export const probe: ServerProbe = {
  id: "parse-time",
  subject: "the time of parsing",

  async open({ admin, isOwned, account }) {
    if (account === null) return { missing: "the measured processes have no separate account" };
    // the stage is off by default; bench changes no setting of a server that it does not manage
    if (isOwned)
      await execute(admin, "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES', TIMED = 'YES' WHERE NAME = ?", [
        STAGE,
      ]);
    const [instrument] = await select<{ enabled: string; timed: string }>(
      admin,
      "SELECT ENABLED AS enabled, TIMED AS timed FROM performance_schema.setup_instruments WHERE NAME = ?",
      [STAGE],
    );
    if (instrument?.enabled !== "YES" || instrument.timed !== "YES") return { missing: `the instrument ${STAGE} is off` };
    /** Of the account, minus the session of the harness in it. */
    const read = async (): Promise<Map<string, number>> => {
      const [row] = await select<{ picoseconds: string | number | null }>(
        admin,
        `SELECT SUM(part) AS picoseconds FROM (
           SELECT CAST(SUM_TIMER_WAIT AS SIGNED) AS part
           FROM performance_schema.events_stages_summary_by_account_by_event_name WHERE USER = ? AND EVENT_NAME = ?
           UNION ALL
           SELECT -CAST(SUM_TIMER_WAIT AS SIGNED)
           FROM performance_schema.events_stages_summary_by_thread_by_event_name
           JOIN performance_schema.threads USING (THREAD_ID)
           WHERE PROCESSLIST_ID = ? AND EVENT_NAME = ?) AS parts`,
        [account.user, STAGE, account.ownConnectionId, STAGE],
      );
      return new Map(row?.picoseconds == null ? [] : [[STAGE, Number(row.picoseconds)]]);
    };
    return accountDifferences(read, (grown) => {
      const picoseconds = grown(STAGE);
      return { parseMs: picoseconds === null ? null : picoseconds / PS_PER_MS };
    });
  },
};
