import { execute, select } from "../../../lib/connection.ts";
import { differences, type ServerProbe } from "./probe.ts";

const COUNTER = "index_page_splits";

export const probe: ServerProbe = {
  id: "page-splits",
  subject: "page splits",

  async open({ admin, isOwned }) {
    // the counter is off by default; bench changes no setting of a server that it does not manage
    if (isOwned) await execute(admin, `SET GLOBAL innodb_monitor_enable = '${COUNTER}'`);
    const rows = () =>
      select<{ count: number | string; status: string }>(
        admin,
        "SELECT COUNT AS count, STATUS AS status FROM information_schema.innodb_metrics WHERE NAME = ?",
        [COUNTER],
      );
    const [found] = await rows();
    if (found?.status !== "enabled") return { missing: `the server's counter ${COUNTER} is off` };
    return differences(
      async () => new Map((await rows()).map(({ count }) => [COUNTER, Number(count)])),
      (grown) => ({ pageSplits: grown(COUNTER) }),
    );
  },
};
