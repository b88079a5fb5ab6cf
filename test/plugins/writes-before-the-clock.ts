/** Starts the job while it connects to the schema of the job. */
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm } from "../../orms/orm.ts";

export const orm: Orm = {
  ...mysql2,
  id: "writes-before-the-clock",
  async connect(options) {
    const session = await mysql2.connect(options);
    if (!options.target.schema.endsWith("_scratch")) await session.execute("UPDATE users SET grade = 'VIP' WHERE id = 1", []);
    return session;
  },
};
