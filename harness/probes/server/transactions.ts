import { execute, select } from "../../../lib/connection.ts";
import { PS_PER_MS, type ServerProbe } from "./probe.ts";

const TABLE = "performance_schema.events_transactions_summary_by_account_by_event_name";

/** Their number and the longest one. Nobody but the children begins transactions in their account. */
export const probe: ServerProbe = {
  id: "transactions",
  subject: "transactions",

  async open({ admin, isOurs, account }) {
    if (account === null) return { missing: "the measured processes have no account of their own" };
    const read = async () => {
      const [row] = await select<{ count: string | null; longest: string | null }>(
        admin,
        `SELECT SUM(COUNT_STAR) AS count, MAX(MAX_TIMER_WAIT) AS longest FROM ${TABLE} WHERE USER = ?`,
        [account.user],
      );
      return row?.count == null ? null : { count: Number(row.count), longestMs: Number(row.longest) / PS_PER_MS };
    };
    const [instrument] = await select<{ enabled: string }>(
      admin,
      "SELECT ENABLED AS enabled FROM performance_schema.setup_instruments WHERE NAME = 'transaction'",
    );
    if (instrument?.enabled !== "YES" || (await read()) === null) return { missing: "performance_schema does not count them" };
    let before = await read();
    return {
      ...(!isOurs && { partly: "the longest transaction, which this server tells only where it is longer than all before" }),
      async start() {
        // the longest one of a server that is ours is this sample's alone; elsewhere it is known where it is a new record
        if (isOurs) await execute(admin, `TRUNCATE TABLE ${TABLE}`);
        before = await read();
      },
      async finish() {
        const after = await read();
        if (after === null || before === null) return {};
        const isNew = after.longestMs > before.longestMs;
        return {
          transactions: after.count - before.count,
          longestTransactionMs: isNew ? after.longestMs : null,
        };
      },
    };
  },
};
