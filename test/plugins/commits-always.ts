import { orm as honest } from "../../orms/mysql2/index.ts";
import type { Orm } from "../../orms/orm.ts";

/** Runs a transaction without one, so that the server commits each statement. */
export const orm: Orm = {
  ...honest,
  id: "commits-always",
  connect: async (options) => {
    const session = await honest.connect(options);
    session.transaction = (work) => work(session);
    return session;
  },
};
