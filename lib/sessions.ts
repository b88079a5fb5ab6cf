import { select, selectOne, serverErrorNumber, type Connection } from "./connection.ts";

export interface ServerSession {
  readonly id: number;
  readonly user: string;
  readonly schema: string | null;
}

/**
 * MySQL 9.7 raises it when a listed statement contains a binary key, which the character set of the table's column cannot
 * store.
 */
const ER_CANNOT_CONVERT_STRING = 3854;

/**
 * The sessions that the account may see: its own, and with PROCESS all. Reads the table, because a server that is shutting
 * down refuses the table but answers SHOW as if it were healthy. Uses SHOW only if a binary key makes the table unreadable.
 */
export async function listSessions(connection: Connection): Promise<ServerSession[]> {
  try {
    return await select<ServerSession>(
      connection,
      "SELECT id AS id, user AS user, db AS `schema` FROM information_schema.processlist",
    );
  } catch (error) {
    if (serverErrorNumber(error) !== ER_CANNOT_CONVERT_STRING) throw error;
    const rows = await select<{ Id: number; User: string; db: string | null }>(connection, "SHOW PROCESSLIST");
    return rows.map(({ Id, User, db }) => ({ id: Id, user: User, schema: db }));
  }
}

/** The server's id of this session. */
export const connectionId = async (connection: Connection): Promise<number> =>
  (await selectOne<{ id: number }>(connection, "SELECT CONNECTION_ID() AS id")).id;
