import { select, selectOne, serverErrorNumber, type Connection } from "./connection.ts";

export interface ServerSession {
  readonly id: number;
  readonly user: string;
  readonly schema: string | null;
}

/** The text of somebody's statement with a key in binary, which the table shows and its own character set can't hold (MySQL 9.7). */
const ER_CANNOT_CONVERT_STRING = 3854;

/**
 * The sessions that the account may see: its own, and with PROCESS all. From the table, because a server that is shutting down
 * refuses that and answers SHOW as if nothing were the matter; by SHOW where a binary key hides all of the table.
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

/** The server's number of this session. */
export const connectionId = async (connection: Connection): Promise<number> =>
  (await selectOne<{ id: number }>(connection, "SELECT CONNECTION_ID() AS id")).id;
