/** Sessions with a small limit on the size of a statement. */
import { execute, selectOne, type Connection } from "../../lib/connection.ts";
import type { Orm, OrmSession } from "../../orms/orm.ts";
import type { KeyStorage } from "../../workload/tables.ts";
import type { SessionOptions, TestJob } from "./job.ts";

/**
 * Runs `work` with this limit of the server for new connections, then restores the server's own limit.
 * @param maxBytes at least 16 KiB: the server does not enforce a smaller limit
 */
export async function withPacketLimit<T>(admin: Connection, maxBytes: number, work: () => Promise<T>): Promise<T> {
  // another test run on this server must not store the small limit as the limit to restore
  await admin.query("SELECT GET_LOCK('orm_shootout_test_packets', 60)");
  const { bytes } = await selectOne<{ bytes: number }>(admin, "SELECT @@GLOBAL.max_allowed_packet AS bytes");
  try {
    await execute(admin, "SET GLOBAL max_allowed_packet = ?", [maxBytes]);
    return await work();
  } finally {
    await execute(admin, "SET GLOBAL max_allowed_packet = ?", [bytes]);
    await admin.query("SELECT RELEASE_LOCK('orm_shootout_test_packets')");
  }
}

/** A session of one connection with this limit on a statement. The server's own limit is restored when the session is open. */
export function connectWithSmallPackets(
  job: TestJob,
  orm: Orm,
  storage: KeyStorage,
  maxBytes: number,
  options: SessionOptions = {},
): Promise<OrmSession> {
  return withPacketLimit(job.admin, maxBytes, async () => {
    const session = await job.connect(orm, storage, { ...options, poolConnections: 1 });
    // a connection keeps the limit of the moment when it opened
    const [limit] = await session.query("SELECT @@max_allowed_packet AS bytes", []);
    if (Number(limit?.bytes) !== maxBytes) throw new Error(`the session takes ${String(limit?.bytes)} bytes`);
    return session;
  });
}

/** The messages of an error and all its causes. */
export function messagesOf(error: unknown): string {
  const messages: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) messages.push(current.message);
  return messages.join("\n");
}
