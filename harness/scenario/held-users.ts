/** Finds in the locks of the server if a member's round holds rows of users. */
import { MEMBER_ATTRIBUTE } from "../../api/cluster/worker.ts";
import { selectOne, type Connection } from "../../lib/connection.ts";

/** A round locks its users by a statement, so the thread of the lock is the thread of the session. */
const HELD = `SELECT COUNT(*) AS users FROM performance_schema.data_locks AS held
  JOIN performance_schema.threads AS thread ON thread.THREAD_ID = held.THREAD_ID
  JOIN performance_schema.session_account_connect_attrs AS attribute ON attribute.PROCESSLIST_ID = thread.PROCESSLIST_ID
  WHERE held.OBJECT_SCHEMA = DATABASE() AND held.OBJECT_NAME = 'users' AND held.LOCK_TYPE = 'RECORD'
    AND attribute.ATTR_NAME = ? AND attribute.ATTR_VALUE = ?`;

/** @param member hex. @returns null: the account may not read the locks */
export async function holdsUsers(connection: Connection, member: string): Promise<boolean | null> {
  try {
    const { users } = await selectOne<{ users: number }>(connection, HELD, [MEMBER_ATTRIBUTE, member]);
    return users > 0;
  } catch {
    return null;
  }
}
