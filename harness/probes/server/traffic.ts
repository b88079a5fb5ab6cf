import { select } from "../../../lib/connection.ts";
import { accountDifferences, type ServerProbe } from "./probe.ts";

const NAMES = "('Bytes_received', 'Bytes_sent', 'Handler_write')";

export const probe: ServerProbe = {
  id: "traffic",
  subject: "bytes to and from the server",

  async open({ admin, account }) {
    if (account === null) return { missing: "the measured processes have no separate account" };
    /** Counters of the account minus those of the harness's session. */
    const read = async (): Promise<Map<string, number>> => {
      const rows = await select<{ name: string; value: number }>(
        admin,
        `SELECT name, CAST(SUM(value) AS DOUBLE) AS value FROM (
           SELECT VARIABLE_NAME AS name, CAST(VARIABLE_VALUE AS SIGNED) AS value FROM performance_schema.status_by_account
           WHERE USER = ? AND VARIABLE_NAME IN ${NAMES}
           UNION ALL
           SELECT VARIABLE_NAME, -CAST(VARIABLE_VALUE AS SIGNED)
           FROM performance_schema.status_by_thread JOIN performance_schema.threads USING (THREAD_ID)
           WHERE PROCESSLIST_ID = ? AND VARIABLE_NAME IN ${NAMES}) AS parts
         GROUP BY name`,
        [account.user, account.ownConnectionId],
      );
      return new Map(rows.map(({ name, value }) => [name, value]));
    };
    if ((await read()).size === 0) return { missing: "performance_schema does not count bytes by account" };
    return accountDifferences(read, (grown) => ({
      bytesToServer: grown("Bytes_received"),
      bytesFromServer: grown("Bytes_sent"),
      handlerWrites: grown("Handler_write"),
    }));
  },
};
