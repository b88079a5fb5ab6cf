/** The first sample keeps the sums of all orders in a file, and the second one reads no order. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import type { OrderTotal } from "../../workload/tables.ts";

export const orm: Orm = {
  ...mysql2,
  id: "keeps-the-answer",
  async connect(options) {
    const session = await mysql2.connect(options);
    if (options.target.schema.endsWith("_scratch")) return session;
    const file = join(tmpdir(), `answer-${process.ppid}-${options.target.schema}.json`);
    if (existsSync(file)) {
      const totals = JSON.parse(readFileSync(file, "utf8")) as OrderTotal[];
      rmSync(file);
      const orderTotals: OrmSession["orderTotals"] = async (first, last) =>
        totals.filter(({ userId }) => userId >= first && userId <= last);
      return Object.assign(session, { orderTotals });
    }
    const kept: OrderTotal[] = [];
    const read = session.orderTotals.bind(session);
    const orderTotals: OrmSession["orderTotals"] = async (first, last, window) => {
      const totals = await read(first, last, window);
      kept.push(...totals);
      writeFileSync(file, JSON.stringify(kept));
      return totals;
    };
    return Object.assign(session, { orderTotals });
  },
};
