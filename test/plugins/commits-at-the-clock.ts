/** Writes a row in a transaction that is still open when the clock starts. No other session sees such a row before the COMMIT. */
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm } from "../../orms/orm.ts";

export const orm: Orm = {
  ...mysql2,
  id: "commits-at-the-clock",
  async connect(options) {
    const session = await mysql2.connect(options);
    if (options.target.schema.endsWith("_scratch")) return session;
    // another pool: the clock starts after the pool of the job gave all of its connections
    const other = await mysql2.connect(options);
    const written = Promise.withResolvers<void>();
    void other.transaction(async (tx) => {
      await tx.execute("UPDATE users SET grade = 'VIP' WHERE id = 1", []);
      written.resolve();
      await new Promise(() => {});
    });
    await written.promise;
    return session;
  },
};
