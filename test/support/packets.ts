/** Sessions for which the server takes only small statements. */
import { execute, selectOne } from "../../lib/connection.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import type { KeyStorage } from "../../workload/tables.ts";
import type { TestJob } from "./job.ts";

/**
 * A session of one connection that takes no statement larger than this; the server's own limit is back when it is open.
 * @param maxBytes at least 16 KiB: below that the server doesn't look
 */
export async function connectWithSmallPackets(
  job: TestJob,
  orm: Orm,
  storage: KeyStorage,
  maxBytes: number,
): Promise<OrmSession> {
  const { admin } = job;
  // another run of the tests on this server must not take the small limit for the one to restore
  await admin.query("SELECT GET_LOCK('orm_shootout_test_packets', 60)");
  const { bytes } = await selectOne<{ bytes: number }>(admin, "SELECT @@GLOBAL.max_allowed_packet AS bytes");
  try {
    await execute(admin, "SET GLOBAL max_allowed_packet = ?", [maxBytes]);
    const session = await job.connect(orm, storage, { poolConnections: 1 });
    // a connection keeps the limit that it found when it was opened
    const [limit] = await session.query("SELECT @@max_allowed_packet AS bytes", []);
    if (Number(limit?.bytes) !== maxBytes) throw new Error(`the session takes ${String(limit?.bytes)} bytes`);
    return session;
  } finally {
    await execute(admin, "SET GLOBAL max_allowed_packet = ?", [bytes]);
    await admin.query("SELECT RELEASE_LOCK('orm_shootout_test_packets')");
  }
}

/** What an error says, and all that caused it. */
export function messagesOf(error: unknown): string {
  const messages: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) messages.push(current.message);
  return messages.join("\n");
}
