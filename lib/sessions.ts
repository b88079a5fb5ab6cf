import { select, selectOne, type Connection } from "./connection.ts";

export interface ServerSession {
  readonly id: number;
  readonly user: string;
  readonly schema: string | null;
  /** the beginning of the statement that it is at */
  readonly statement: string | null;
}

/**
 * The sessions that the account may see: its own, and with PROCESS all. By SHOW, because `information_schema.processlist` can't be
 * read while anybody's statement has a binary key in it: MySQL (9.7, error 3854) fails to show its text, and with it all of the table.
 */
export async function listSessions(connection: Connection): Promise<ServerSession[]> {
  const rows = await select<{ Id: number; User: string; db: string | null; Info: string | null }>(connection, "SHOW PROCESSLIST");
  return rows.map(({ Id, User, db, Info }) => ({ id: Id, user: User, schema: db, statement: Info }));
}

/** The server's number of this session. */
export const connectionId = async (connection: Connection): Promise<number> =>
  (await selectOne<{ id: number }>(connection, "SELECT CONNECTION_ID() AS id")).id;
