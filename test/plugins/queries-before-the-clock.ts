/** Sends statements from the connection on, also before the clock starts. */
import { orm as mysql2 } from "../../orms/mysql2/index.ts";
import type { Orm } from "../../orms/orm.ts";

const EVERY_MS = 10;

export const orm: Orm = {
  ...mysql2,
  id: "queries-before-the-clock",
  async connect(options) {
    const session = await mysql2.connect(options);
    setInterval(() => void session.query("SELECT 1", []).catch(() => {}), EVERY_MS).unref();
    return session;
  },
};
