import { strategy as honest } from "../../strategies/chunked.ts";
import type { Strategy } from "../../strategies/strategy.ts";

/** Does the job, and ends each idle session of its account, as a cleanup of an application might. */
export const strategy: Strategy = {
  ...honest,
  id: "ends-the-sessions-of-bench",
  async run(context) {
    await honest.run(context);
    const sessions = await context.session.query("SHOW PROCESSLIST", []);
    for (const session of sessions)
      if (session["Command"] === "Sleep" && session["db"] === null)
        await context.session.execute(`KILL ${Number(session["Id"])}`, []);
  },
};
