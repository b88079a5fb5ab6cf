/** Writes a row in an XA transaction that it prepares before the clock starts. No session holds such a transaction. */
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm } from "../../orms/orm.ts";

export const orm: Orm = {
  ...mysql2,
  id: "prepares-before-the-clock",
  async connect(options) {
    const session = await mysql2.connect(options);
    if (options.target.schema.endsWith("_scratch")) return session;
    await using other = await mysql2.connect(options);
    await other.transaction(async (tx) => {
      await tx.execute("COMMIT", []);
      for (const step of [
        "XA START 'early'",
        "UPDATE users SET grade = 'VIP' WHERE id = 1",
        "XA END 'early'",
        "XA PREPARE 'early'",
      ])
        await tx.execute(step, []);
    });
    return session;
  },
};
