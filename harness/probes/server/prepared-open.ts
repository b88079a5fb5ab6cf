import { select } from "../../../lib/connection.ts";
import type { ServerProbe } from "./probe.ts";

/** Prepared statements that are open in the server. A library that closes none reaches `max_prepared_stmt_count` (error 1461). */
export const probe: ServerProbe = {
  id: "prepared-open",
  subject: "open prepared statements",

  async open({ admin }) {
    const read = async (): Promise<number | null> => {
      const [row] = await select<{ Value: string }>(admin, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'");
      return row === undefined ? null : Number(row.Value);
    };
    if ((await read()) === null) return { missing: "the server has no Prepared_stmt_count" };
    let before: number | null = null;
    let atEnd: number | null = null;
    return {
      async start() {
        [before, atEnd] = [await read(), null];
      },
      // the end of a session closes its statements
      async atEnd() {
        atEnd = await read();
      },
      finish: async () => ({ preparedOpenBefore: before, preparedOpenAtEnd: atEnd }),
    };
  },
};
