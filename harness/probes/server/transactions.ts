import { execute, select } from "../../../lib/connection.ts";
import { PS_PER_MS, type ServerProbe } from "./probe.ts";

const TABLE = "performance_schema.events_transactions_summary_by_account_by_event_name";

/** Number of transactions and the longest one. Only the children begin transactions in their account. */
export const probe: ServerProbe = {
  id: "transactions",
  subject: "transactions",

  async open({ admin, isOwned, account }) {
    if (account === null) return { missing: "the measured processes have no separate account" };
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
    if (instrument?.enabled !== "YES" || (await read()) === null)
      return { missing: "performance_schema does not count transactions" };
    let before = await read();
    let atEnd: typeof before = null;
    return {
      ...(!isOwned && { partly: "the longest transaction, only if it is longer than all earlier ones on this server" }),
      async start() {
        // a reset limits the maximum to this sample; bench resets nothing on a server that it does not manage
        if (isOwned) await execute(admin, `TRUNCATE TABLE ${TABLE}`);
        [before, atEnd] = [await read(), null];
      },
      async atEnd() {
        atEnd = await read();
      },
      async finish() {
        const last = await read();
        if (last === null || before === null) return {};
        const after = {
          count: Math.max(last.count, atEnd?.count ?? 0),
          longestMs: Math.max(last.longestMs, atEnd?.longestMs ?? 0),
        };
        const isNew = after.longestMs > before.longestMs;
        return {
          transactions: after.count - before.count,
          longestTransactionMs: isNew ? after.longestMs : null,
        };
      },
    };
  },
};
